"""What is on paper?"""
