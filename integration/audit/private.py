"""Files and folders that nobody else on the machine reads, whatever the umask is."""

import os
from contextlib import suppress
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Write a file with mode 0600, also where one was there before; its bytes are on the disk once this returns.

    Raises:
        OSError: it cannot be written.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, 0o600)
        file.write(content)
        file.flush()
        os.fsync(handle)


def private_folder(path: Path) -> None:
    """Make a folder with mode 0700, and the folders above it that are missing; one that is there stays as it is."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def touch_private(path: str | Path) -> None:
    """See that a file is there; a new one has mode 0600, and so have the journals that SQLite puts beside it.

    One that is there keeps its mode: somebody may have given it to a group. A file that cannot be made is left to
    whoever opens it, who says so better.
    """
    if str(path) in {"", ":memory:"} or Path(path).exists() or not Path(path).parent.is_dir():
        return
    with suppress(PermissionError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
