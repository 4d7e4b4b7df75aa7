"""An audit as a page to read: verdicts, pictures, and below all figures."""
