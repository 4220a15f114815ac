"""Logins of systems that hand mail in: a file with a line each, ``login:scrypt:salt:hash``. No password is kept."""

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Final

from connectors.secret import open_to_others
from integration.errors import UsageError

_SALT_BYTES: Final = 16
_WORK: Final = 2**14
_BLOCK: Final = 8
"""16 MB and about 50 ms a try (RFC 7914)."""


def hashed(login: str, password: str) -> str:
    """Return a line of the file.

    Raises:
        UsageError: the login has another form than ``[A-Za-z0-9._@-]+``.
    """
    if not login or not all(each.isascii() and (each.isalnum() or each in "._@-") for each in login):
        raise UsageError("a login has letters, digits, dot, underscore, dash and @")
    salt = os.urandom(_SALT_BYTES)
    return f"{login}:scrypt:{b64encode(salt).decode()}:{b64encode(_digest(password, salt)).decode()}"


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_WORK, r=_BLOCK, p=1)


class Passwords:
    """The logins of one file."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            UsageError: it is missing, readable by others, or has a line of another form.
        """
        try:
            if open_to_others(path.stat()):
                raise UsageError(f"{path} can be read by others: chmod 600 it")
            lines = path.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: {type(error).__name__}") from None
        self._known: dict[str, tuple[bytes, bytes]] = {}
        for number, line in enumerate(lines, start=1):
            if not line or line.startswith("#"):
                continue
            try:
                login, kind, salt, digest = line.split(":")
                self._known[login] = (b64decode(salt, validate=True), b64decode(digest, validate=True))
            except ValueError:
                raise UsageError(f"{path}, line {number}: is not login:scrypt:salt:hash") from None
            if kind != "scrypt":
                raise UsageError(f"{path}, line {number}: is not login:scrypt:salt:hash")
        self._nobody = (os.urandom(_SALT_BYTES), b"")

    def right(self, login: str, password: str) -> bool:
        """Tell whether a password is a login's. Takes as long where there is no such login."""
        salt, digest = self._known.get(login, self._nobody)
        return hmac.compare_digest(_digest(password, salt), digest)
