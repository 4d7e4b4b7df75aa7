"""What happens in a run?"""
