"""How are responses scored that are too many for one table in memory?"""
