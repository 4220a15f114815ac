"""Scans of papers in a backup: as they are kept, encrypted, each under its hash."""

import os
import re
import tarfile
from pathlib import Path
from typing import Final

from integration.errors import FatalError

_HASH: Final = re.compile(r"[0-9a-f]{64}")


def pack_scans(state: Path, target: Path) -> None:
    """Write every scan of a state folder into a tar file; none where there are none.

    Raises:
        FatalError: one cannot be read.
    """
    folder = state / "scans"
    names = sorted(each.name for each in folder.iterdir() if _HASH.fullmatch(each.name)) if folder.is_dir() else []
    if not names:
        return
    try:
        with tarfile.open(target, mode="w") as tar:
            for name in names:
                tar.add(folder / name, name, recursive=False)
    except OSError as error:
        raise FatalError(f"a scan cannot be backed up: {error.strerror}") from None


def unpack_scans(source: Path, state: Path) -> None:
    """Put scans back that are not there; each is checked against its hash when somebody reads it.

    Raises:
        FatalError: the file is damaged, or one cannot be written.
    """
    if not source.exists():
        return
    folder = state / "scans"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with tarfile.open(source, mode="r:") as tar:
            for each in tar:
                target = folder / each.name
                stream = tar.extractfile(each) if each.isreg() and _HASH.fullmatch(each.name) else None
                if stream is None or target.exists():
                    continue
                fresh = folder / f".{each.name}.part"
                handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(stream.read())
                    file.flush()
                    os.fsync(file.fileno())
                fresh.rename(target)
    except (tarfile.TarError, OSError) as error:
        raise FatalError(f"scans cannot be put back: {type(error).__name__}") from None
