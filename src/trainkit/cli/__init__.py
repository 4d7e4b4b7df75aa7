"""What was typed, and what is printed about it?"""
