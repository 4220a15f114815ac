"""Alerts: which findings belong together, who is told of them, when again, and who is told next. Pure."""
