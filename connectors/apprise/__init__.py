"""Other services, through Apprise (https://github.com/caronc/apprise): an optional extra."""
