"""Files of some time, mapped one after the other as the connector would have done, without a database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from connectors.mapping.apply import Changed, Mapper
from connectors.mapping.corrections import Remembered, Told, settle
from connectors.mapping.files import file_rows
from connectors.mapping.model import EventForm, MappingFile
from connectors.mapping.rows import Row, inputs_of
from integration.services.intake import Input

_log = structlog.get_logger()


def observed_at(name: str, changed: float, mapping: MappingFile) -> datetime:
    """Return when a dump was written: by its name where the mapping says so, else by the file's time of change."""
    form = mapping.snapshot.file_time if mapping.snapshot is not None else None
    if form is not None:
        try:
            local = datetime.strptime(name, form)  # noqa: DTZ007  the zone follows
            return local.replace(tzinfo=ZoneInfo(mapping.zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            _log.warning("dump.name_without_time", source=mapping.source)
    return datetime.fromtimestamp(changed, UTC)


def history(files: Sequence[Path], mapper: Mapper) -> Iterator[Input]:
    """Yield the inputs of files in the order in which they were written; rules on a change see the file before.

    Raises:
        OSError: one cannot be read.
    """
    mapping = mapper.mapping
    dated = [(observed_at(file.name, file.stat().st_mtime, mapping), file.name, file) for file in files]
    memory = _Memory(mapper)
    for observed, _, file in sorted(dated):
        found = file_rows(file.read_bytes(), mapping)
        if mapping.keeps_rows:
            yield from memory.read(str(file), found, observed)
        else:
            for row in found:
                yield from inputs_of(str(file), row, mapper, observed=observed)


class _Memory:
    """What rows said in the files before."""

    def __init__(self, mapper: Mapper) -> None:
        self._mapper = mapper
        self._known: dict[str, Mapping[str, str]] = {}
        self._of: dict[str, dict[str, Remembered]] = {}
        self._retracted: set[str] = set()

    def read(self, place: str, rows: Iterable[Row], observed: datetime) -> Iterator[Input]:
        """Yield the inputs of one file, booking by booking."""
        told: dict[str, dict[str, Told]] = {}
        for row in rows:
            if row.refusal is not None:
                yield from inputs_of(place, row, self._mapper, observed=observed)
                continue
            key, booking = self._mapper.key(row.record), self._mapper.booking(row.record)
            if key in told.get(booking, {}):
                yield from self._settled(booking, told.pop(booking), observed)
            changed = changed_since(self._known.get(key))
            told.setdefault(booking, {})[key] = Told(key, f"{place}:{row.place}" if row.place else place, row, changed)
        for booking, some in told.items():
            yield from self._settled(booking, some, observed)

    def _settled(self, booking: str, told: Mapping[str, Told], observed: datetime) -> Iterator[Input]:
        before = self._of.get(booking, {})
        spent = self._retracted.intersection
        found = settle(self._mapper, before, list(told.values()), observed=observed, now=observed, taken_back=spent)
        self._retracted |= found.retracted
        self._of[booking] = {**before, **found.rows}
        for key in told:
            self._known[key] = found.rows[key].marks
        yield from found.inputs


def changed_since(known: Mapping[str, str] | None) -> Changed:
    """Say what is new of a row whose marks are known; None: it was never seen."""

    def changed(rule: EventForm, mark: str) -> bool:
        earlier = None if known is None else known.get(rule.name)
        return rule.first if earlier is None else earlier != mark

    return changed
