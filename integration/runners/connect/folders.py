"""Feeds that are folders: a dump is dropped, read, and put aside once all of it is committed."""

from pathlib import Path

import structlog

from connectors.jms_csv.config import CsvSource
from connectors.jms_files.folder import DropFolder, FileUnavailableError, refusal_of, unavailable
from connectors.jms_files.naming import short_name
from connectors.mapping.history import observed_at
from connectors.mapping.model import MappingFile
from integration.runners.connect.dumps import Dumps
from integration.runners.connect.taker import Taker
from integration.services.intake import Input

_log = structlog.get_logger()
_LONGEST_RETRY = 60.0


class CsvFeed:
    """One folder."""

    def __init__(self, settings: CsvSource, mapping: MappingFile, taker: Taker, dumps: Dumps) -> None:
        """Args: ``dumps`` reads the files."""
        self.name = settings.name
        self._settings = settings
        self._mapping = mapping
        self._taker = taker
        self._dumps = dumps
        self._folder = DropFolder(settings.path, _no_documents)

    async def run(self) -> None:
        """Take files until the process stops. Raises StoppedError and FatalError."""
        tried = 0
        while not self._taker.stopping.is_set():
            try:
                waiting = self._folder.waiting()
                for file in waiting[:1]:
                    await self._take(self._folder.pick_up(file))
            except FileUnavailableError as error:
                # Dumps are read in their order: a later one would make this one an old one.
                tried += 1
                wait = min(_LONGEST_RETRY, 2.0 ** min(tried - 1, 10))
                _log.error("file.unavailable", source=self.name, error=str(error), tries=tried, again_in=wait)
                await self._taker.sleep(wait)
                continue
            tried = 0
            if not waiting:
                await self._taker.sleep(self._settings.look_every_seconds)

    def close(self) -> None:
        """Nothing is open between two files."""

    async def _take(self, picked: Path) -> None:
        shown = short_name(picked.name)
        try:
            raw, changed = _read(picked)
        except OSError as error:
            refusal = refusal_of(error)
            if refusal is None:
                raise unavailable(error, picked.name) from error
            unread = Input(f"{self.name}:{shown}", self._folder.about(picked), refusal=refusal)
            await self._taker.patiently([unread])
            self._folder.finish(picked, refused=True)
            return
        tally = await self._dumps.take(shown, raw, observed_at(picked.name, changed, self._mapping))
        self._folder.finish(picked, refused=tally.refused > 0)


def _read(file: Path) -> tuple[bytes, float]:
    """Read a file that nobody writes any more. Raises OSError, and FileUnavailableError where somebody does."""
    before = file.stat()
    raw = file.read_bytes()
    after = file.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(raw) != after.st_size:
        raise FileUnavailableError(f"{short_name(file.name)}: it is still being written")
    return raw, after.st_mtime


def _no_documents(_place: str, _document: bytes) -> list[Input]:
    """Nothing is read through the folder itself: its files are tables."""
    return []
