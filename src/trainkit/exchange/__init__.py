"""How do responses leave the log, and come back?"""
