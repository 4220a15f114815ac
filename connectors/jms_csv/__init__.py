"""Tables in text files: roster and charge dumps, read by a mapping."""
