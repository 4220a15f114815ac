"""E-mail through a relay of the site, encrypted where it is offered."""
