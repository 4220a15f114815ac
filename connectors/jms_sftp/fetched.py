"""What was fetched from a server, kept in a file that is there whole or not at all."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from connectors.durable import sync_folder
from integration.errors import UsageError

_KNOWN: Final = 100_000


@dataclass(frozen=True, slots=True)
class Remote:
    """A file as the server lists it."""

    name: str
    size: int
    changed: int
    """Seconds since 1970."""

    @property
    def mark(self) -> str:
        """What it is known by."""
        return f"{self.name}\0{self.size}\0{self.changed}"


class Fetched:
    """What was fetched already."""

    def __init__(self, file: Path) -> None:
        """Args: ``file`` keeps it."""
        self._file = file
        self._marks: dict[str, str] = {}
        try:
            read = orjson.loads(file.read_bytes())
            # Before contents were compared, a list of marks was kept.
            self._marks = dict(read) if isinstance(read, dict) else dict.fromkeys(read, "")
        except FileNotFoundError:
            pass
        except (orjson.JSONDecodeError, TypeError) as error:
            raise UsageError(f"{file} is damaged; without it every file would be fetched again: remove it") from error

    def __contains__(self, remote: Remote) -> bool:
        """Tell whether a file was fetched as it is now."""
        return remote.mark in self._marks

    def digest(self, remote: Remote) -> str | None:
        """Return the hash of what was fetched; None: it was not; empty: it was, before hashes were kept."""
        return self._marks.get(remote.mark)

    def add(self, remote: Remote, digest: str) -> None:
        """Remember a file, durably. Args: ``digest`` is of its content."""
        self._marks.pop(remote.mark, None)
        self._marks[remote.mark] = digest
        while len(self._marks) > _KNOWN:
            del self._marks[next(iter(self._marks))]
        write_whole(self._file, orjson.dumps(self._marks))


def write_whole(file: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    part = file.with_name(f".{file.name}.part")
    with part.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(file)
    sync_folder(file.parent)
