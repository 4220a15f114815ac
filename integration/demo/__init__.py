"""An invented day in an invented jail, run through the real pipeline: ``holdwatch demo``."""
