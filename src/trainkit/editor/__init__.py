"""How is a case changed by hand? A draft of plain data, named edits, undo, and files that are written when they read."""
