"""How does a case get to people who have nothing but a browser?"""
