"""Feeds that are folders: a dump is dropped, read, and put aside once all of it is committed."""

import os
from pathlib import Path

import structlog

from connectors.jms_csv.config import CsvSource
from connectors.jms_files.folder import DropFolder
from connectors.mapping.history import observed_at
from connectors.mapping.model import MappingFile
from integration.runners.connect.dumps import Dumps
from integration.runners.connect.taker import Taker
from integration.services.intake import Input

_log = structlog.get_logger()


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
        while not self._taker.stopping.is_set():
            waiting = self._folder.waiting()
            for file in waiting[:1]:
                await self._take(self._folder.pick_up(file))
            if not waiting:
                await self._taker.sleep(self._settings.look_every_seconds)

    def close(self) -> None:
        """Nothing is open between two files."""

    async def _take(self, picked: Path) -> None:
        shown = os.fsencode(picked.name).decode(errors="backslashreplace")
        try:
            raw, changed = _read(picked)
        except OSError as error:
            _log.error("file.unreadable", source=self.name, file=shown, error=error.strerror)
            self._folder.finish(picked, refused=True)
            return
        tally = await self._dumps.take(shown, raw, observed_at(shown, changed, self._mapping))
        self._folder.finish(picked, refused=tally.refused > 0)


def _read(file: Path) -> tuple[bytes, float]:
    return file.read_bytes(), file.stat().st_mtime


def _no_documents(_place: str, _document: bytes) -> list[Input]:
    """Nothing is read through the folder itself: its files are tables."""
    return []
