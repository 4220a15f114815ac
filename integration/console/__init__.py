"""The console: see what is wrong now, search what happened, prove it. Pages that work without scripts, and an API."""
