"""What is a state worth, and what did a choice cost?"""
