"""Encryption at rest of outgoing messages: AES-256-GCM with a key from a file of its own (section 5)."""

import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from integration.audit.keyfile import write_key
from integration.errors import FatalError

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
"""Drawn at random: with one key, 2**32 messages are safe (NIST SP 800-38D, section 8.3)."""


class KeySafe:
    """Seals bytes, each bound to what it is about. Without the key nobody reads them."""

    def __init__(self, key: bytes) -> None:
        """Args: ``key`` of 32 bytes.

        Raises:
            ValueError: it has another length.
        """
        if len(key) != _KEY_BYTES:
            raise ValueError(f"a key has {_KEY_BYTES} bytes")
        self._cipher = AESGCM(key)

    @classmethod
    def open(cls, path: Path) -> "KeySafe":
        """Open with the key in a file; make the key, readable by its owner alone, if there is none.

        Raises:
            FatalError: the file can be read by others, or holds no key.
        """
        try:
            write_key(path, os.urandom(_KEY_BYTES))
        except FileExistsError:
            if path.stat().st_mode & 0o077:
                raise FatalError(f"{path} can be read by others: chmod 600 it") from None
        try:
            return cls(path.read_bytes())
        except ValueError as error:
            raise FatalError(f"{path} holds no key") from error

    def seal(self, content: bytes, about: str) -> bytes:
        """See `Safe.seal`."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, about.encode())

    def open_sealed(self, sealed: bytes, about: str) -> bytes:
        """See `Safe.open_sealed`."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise FatalError("a sealed message cannot be opened: another key, or changed since") from error
