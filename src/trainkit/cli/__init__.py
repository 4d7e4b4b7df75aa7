"""What was typed?"""
