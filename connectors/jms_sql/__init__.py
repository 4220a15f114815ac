"""Tables of the jail's database, read again and again by what has changed."""
