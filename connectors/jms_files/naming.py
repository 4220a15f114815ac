"""How places, entries and log lines call a dropped file: never by its name, which may hold a person's name.

The short form stands in the audit log, which nothing is taken out of. Whoever has the folders can find the file by it
(`named`); whoever has only the log can at most check whether a name they guess is the one.
"""

import os
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

_DIGITS: Final = 12
_SHORT: Final = re.compile(r"file-[0-9a-f]{12}")
_NUMBER: Final = re.compile(r"\.\d+$")


def short_name(name: str) -> str:
    """Return ``file-`` and twelve digits of the SHA-256 of a file name's bytes."""
    return f"file-{sha256(os.fsencode(name)).hexdigest()[:_DIGITS]}"


def short_names(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the files in drop folders and the folders below them, by short name.

    A number that was put behind a name, because there was one of that name already, does not hide it. Where several
    have one short name, it means the one that was refused.
    """
    names: dict[str, Path] = {}
    for folder in folders:
        for below in (folder / "refused", folder / "working", folder, folder / "processed"):
            for file in sorted(below.iterdir()) if below.is_dir() else ():
                for name in (file.name, _NUMBER.sub("", file.name)):
                    names.setdefault(short_name(name), file)
    return names


def named(place: str, names: Mapping[str, Path]) -> Path | None:
    """Return the file that a place speaks of; None: it is not among ``names``."""
    found = _SHORT.search(place)
    return None if found is None else names.get(found[0])
