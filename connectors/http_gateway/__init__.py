"""Outgoing HTTP through the gate: a forwarding endpoint, a check for other people's proxies, and requests as JSON."""
