"""A log server, by syslog over TLS."""
