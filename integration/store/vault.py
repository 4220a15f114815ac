"""Encryption at rest of what is kept whole: refused inputs (section 5)."""

from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from integration.audit.keyfile import write_key
from integration.errors import FatalError


class Vault:
    """Seals bytes with a key from a file. Without the key nobody reads them, which is how they are destroyed too."""

    def __init__(self, key: bytes) -> None:
        """Args: ``key`` as `Fernet.generate_key` makes it."""
        self._fernet = Fernet(key)

    @classmethod
    def throwaway(cls) -> "Vault":
        """Return a vault whose key nobody keeps: what it seals is gone with the process."""
        return cls(Fernet.generate_key())

    @classmethod
    def open(cls, path: Path) -> "Vault":
        """Open the vault whose key is in a file; make the key, readable by its owner alone, if there is none.

        Raises:
            FatalError: the file can be read by others, or holds no key.
        """
        try:
            write_key(path, Fernet.generate_key())
        except FileExistsError:
            if path.stat().st_mode & 0o077:
                raise FatalError(f"{path} can be read by others: chmod 600 it") from None
        try:
            return cls(path.read_bytes())
        except ValueError as error:
            raise FatalError(f"{path} holds no key") from error

    def seal(self, content: bytes) -> bytes:
        """Encrypt."""
        return self._fernet.encrypt(content)

    def open_sealed(self, sealed: bytes) -> bytes:
        """Decrypt.

        Raises:
            FatalError: it was sealed with another key, or changed since.
        """
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as error:
            raise FatalError("a sealed input cannot be opened: another key, or changed since") from error
