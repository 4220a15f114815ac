"""What tests of running the service use: an installation that the real service filled, and the real command."""

from tests.cli.conftest import filled, holdwatch, on_site, site
from tests.store.conftest import server

__all__ = ["filled", "holdwatch", "on_site", "server", "site"]
