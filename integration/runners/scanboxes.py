"""Files of the state folder that stand beside the database, in a backup: scans, as they are kept, and handovers."""

import os
import re
import tarfile
from pathlib import Path
from typing import Final

from integration.errors import FatalError

BOXES: Final = {"scans": re.compile(r"[0-9a-f]{64}"), "handovers": re.compile(r"[0-9]{12}\.note")}
"""Folder, and the names of what counts in it. Scans are encrypted; handovers are public (`rotating.HANDOVERS`)."""


def pack_boxes(state: Path, backup: Path) -> None:
    """Write each folder's files into a tar file of its own; none where there are none.

    Raises:
        FatalError: one cannot be read.
    """
    for box, form in BOXES.items():
        folder = state / box
        names = sorted(each.name for each in folder.iterdir() if form.fullmatch(each.name)) if folder.is_dir() else []
        if not names:
            continue
        try:
            with tarfile.open(backup / f"{box}.tar", mode="w") as tar:
                for name in names:
                    tar.add(folder / name, name, recursive=False)
        except OSError as error:
            raise FatalError(f"{folder} cannot be backed up: {error.strerror}") from None


def unpack_boxes(backup: Path, state: Path) -> None:
    """Put files back that are not there. A scan is checked against its hash, a handover against its keys, when read.

    Raises:
        FatalError: a file is damaged, or one cannot be written.
    """
    for box, form in BOXES.items():
        if (backup / f"{box}.tar").exists():
            _unpack(backup / f"{box}.tar", state / box, form)


def _unpack(source: Path, folder: Path, form: re.Pattern[str]) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        with tarfile.open(source, mode="r:") as tar:
            for each in tar:
                target = folder / each.name
                stream = tar.extractfile(each) if each.isreg() and form.fullmatch(each.name) else None
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
        raise FatalError(f"{folder} cannot be put back: {type(error).__name__}") from None
