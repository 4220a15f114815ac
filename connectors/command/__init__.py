"""A command on this machine: the last resort, when nothing that needs a network can be reached."""
