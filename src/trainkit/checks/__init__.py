"""Is this case all right?"""
