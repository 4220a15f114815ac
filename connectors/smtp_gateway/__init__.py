"""A mail relay in front of the agency's mail server: lets nobody's message through that was not judged."""
