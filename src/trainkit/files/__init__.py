"""How do files become a case, and a case files?"""
