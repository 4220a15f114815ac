"""Scans of papers, kept by their SHA-256: encrypted, for their owner alone, never in the database or the log."""

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

from integration.errors import FatalError, UsageError
from integration.store.vault import Vault

LONGEST: Final = 8 * 2**20
"""Bytes of a scan."""
_KINDS: Final = (b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
"""How PDF, PNG, JPEG and TIFF begin."""
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def scan_hash(content: bytes) -> str:
    """Return the hash under which a scan is known.

    Raises:
        UsageError: it is empty, too long, or none of PDF, TIFF, PNG and JPEG.
    """
    if not 0 < len(content) <= LONGEST:
        raise UsageError(f"a scan has at most {LONGEST // 2**20} MiB, and is not empty")
    if not content.startswith(_KINDS):
        raise UsageError("a scan is a PDF, TIFF, PNG or JPEG file")
    return sha256(content).hexdigest()


class Scans:
    """One folder of scans."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        """Args: ``folder`` is made when the first one is kept."""
        self._folder = folder
        self._vault = vault

    def keep(self, content: bytes) -> str:
        """Keep a scan, on the disk when this returns; returns its hash. One that is there already stays as it is.

        Raises:
            UsageError: see `scan_hash`.
            FatalError: it cannot be written.
        """
        digest = scan_hash(content)
        target = self._folder / digest
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            if not target.exists():
                fresh = self._folder / f".{uuid4().hex}.part"
                handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(self._vault.seal(content))
                    file.flush()
                    os.fsync(file.fileno())
                fresh.rename(target)
            for path in (self._folder, self._folder.parent):
                self._sync(path)
        except OSError as error:
            raise FatalError(f"the scan cannot be kept in {self._folder}: {error.strerror}") from None
        return digest

    def read(self, digest: str) -> bytes:
        """Return a scan.

        Raises:
            UsageError: none of that hash is kept.
            FatalError: what is kept is not what was scanned.
        """
        path = self._folder / digest
        if not _HASH.fullmatch(digest) or not path.is_file():
            raise UsageError("no scan of that SHA-256 is kept here")
        content = self._vault.open_sealed(path.read_bytes())
        if sha256(content).hexdigest() != digest:
            raise FatalError("what is kept under this hash is another file")
        return content

    @staticmethod
    def _sync(path: Path) -> None:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
