"""What did people do, told to somebody who never opens a notebook?"""
