"""The command ``holdwatch``."""

from integration.cli.app import main

__all__ = ["main"]
