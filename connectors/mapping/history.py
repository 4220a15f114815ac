"""Files of some time, mapped one after the other as the connector would have done, without a database."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from connectors.mapping.apply import Changed, Mapper
from connectors.mapping.files import file_rows
from connectors.mapping.model import EventForm, MappingFile
from connectors.mapping.rows import inputs_of
from integration.services.intake import Input

_log = structlog.get_logger()


def observed_at(name: str, changed: float, mapping: MappingFile) -> datetime:
    """Return when a dump was written: by its name where the mapping says so, else by the file's time of change."""
    form = mapping.snapshot.file_time if mapping.snapshot is not None else None
    if form is not None:
        try:
            local = datetime.strptime(name, form)  # noqa: DTZ007  the zone follows
        except ValueError:
            _log.warning("dump.name_without_time", source=mapping.source)
        else:
            return local.replace(tzinfo=ZoneInfo(mapping.zone)).astimezone(UTC)
    return datetime.fromtimestamp(changed, UTC)


def history(files: Sequence[Path], mapper: Mapper) -> Iterator[Input]:
    """Yield the inputs of files in the order in which they were written; rules on a change see the file before.

    Raises:
        OSError: one cannot be read.
    """
    mapping = mapper.mapping
    dated = [(observed_at(file.name, file.stat().st_mtime, mapping), file.name, file) for file in files]
    marks: dict[str, dict[str, str]] = {}
    for observed, _, file in sorted(dated):
        for row in file_rows(file.read_bytes(), mapping):
            key = mapper.key(row.record) if row.refusal is None and mapping.keeps_rows else ""
            yield from inputs_of(str(file), row, mapper, observed=observed, changed=changed_since(marks.get(key)))
            if key:
                marks[key] = mapper.marks(row.record)


def changed_since(known: dict[str, str] | None) -> Changed:
    """Say what is new of a row whose marks are known; None: it was never seen."""

    def changed(rule: EventForm, mark: str) -> bool:
        earlier = None if known is None else known.get(rule.name)
        return rule.first if earlier is None else earlier != mark

    return changed
