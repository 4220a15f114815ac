"""What an alert says: title, text, page and one line for a telephone. Never a name, a status or a place of birth."""
