"""Where is this person, and what may be done?"""
