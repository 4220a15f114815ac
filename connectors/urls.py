"""URLs of the settings."""

from typing import Final
from urllib.parse import urlsplit

_LOCAL: Final = {"localhost", "127.0.0.1", "::1"}


def is_private_or_encrypted(url: str) -> bool:
    """Tell whether a URL is HTTPS, or plain HTTP to this machine itself."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)


def known_url(url: str) -> str:
    """Check a URL of the settings: with a host, and encrypted unless it stays on this machine.

    Raises:
        ValueError: it is none that we use.
    """
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not is_private_or_encrypted(url):
        raise ValueError("an https:// URL is needed (http:// only to this machine itself)")
    return url
