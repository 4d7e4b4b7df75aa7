"""How would such a trainee play?"""
