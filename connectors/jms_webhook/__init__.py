"""Messages that the jail's system sends over HTTPS: signed, taken in before they are answered."""
