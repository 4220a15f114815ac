"""Databases of both kinds, as the store's tests have them."""

from tests.store.conftest import server, url

__all__ = ["server", "url"]
