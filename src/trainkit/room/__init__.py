"""Which room is this, and what did it do?"""
