"""A mapping tried on files: documents or New Orleans' envelopes, without taking anything in."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from connectors.jms_niem.convert import map_document
from connectors.jms_niem.jtmp import read_envelope
from connectors.jms_niem.mapping import Mapping
from connectors.jms_niem.result import MappingError, Note, NoteCode
from integration.services.intake import Input
from schemas.refusals import InvalidEventError

_TABLES_ONLY: Final = frozenset({"version", "events", "record"})
_NUMBER: Final = re.compile(r"\[\d+\]")


@dataclass(slots=True)
class Seen:
    """What a trial learned beside the events. The codes stand as in the files: for the integrator's screen only."""

    documents: int = 0
    notes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """By code, what it says, and the element, without numbers of elements."""
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def report(self) -> dict[str, Any]:
        """Return it for a program or a table."""
        tables: dict[str, dict[str, int]] = {}
        for (table, text), count in sorted(self.codes.items()):
            tables.setdefault(table, {})[text] = count
        return {
            "documents": self.documents,
            "codes_unlisted": tables,
            "notes": [
                {"times": times, "code": code, "says": says, "element": element}
                for (code, says, element), times in sorted(self.notes.items())
            ],
        }

    def note(self, note: Note) -> None:
        """Count a note. An unlisted code has a table of its own; a hold that was seen stands in the events."""
        if note.code not in {NoteCode.UNKNOWN_CODE, NoteCode.IMMIGRATION_HOLD_SEEN}:
            self.notes[note.code.value, note.message, _NUMBER.sub("", note.place)] += 1


def is_for_documents(mapping: Path) -> bool:
    """Tell whether a mapping file is for NIEM documents: it has none of the keys that a mapping of tables must have."""
    try:
        content = tomllib.loads(mapping.read_text("utf-8-sig"))
    except (OSError, ValueError):
        return False  # whoever reads it says what is wrong with it
    return bool(content) and not _TABLES_ONLY & set(content)


def documents(files: Sequence[Path], mapping: Mapping, seen: Seen | None = None) -> Iterator[Input]:
    """Yield the inputs of files in the order in which they were written, as if each had arrived when it was.

    Raises:
        OSError: one cannot be read.
    """
    seen = Seen() if seen is None else seen
    for changed, file in sorted((file.stat().st_mtime, file) for file in files):
        raw, arrived = file.read_bytes(), datetime.fromtimestamp(changed, UTC)
        seen.documents += 1
        try:
            if raw.lstrip().startswith(b"{"):
                envelope = read_envelope(raw)
                raw, arrived = envelope.document, envelope.sent_at or arrived
            mapped = map_document(raw, mapping, received_at=arrived, codes=seen.codes)
        except InvalidEventError as error:
            yield Input(str(file), raw, refusal=error)
            continue
        except MappingError as error:
            yield Input(f"{file}#{error.place}", raw, refusal=InvalidEventError(error.reason, error.message))
            continue
        for note in mapped.notes:
            seen.note(note)
        for event in mapped.events:
            yield Input(f"{file}#{event['id']}", orjson.dumps(event))
        for refusal in mapped.refusals:
            yield Input(f"{file}#{refusal.place}", raw, refusal=InvalidEventError(refusal.reason, refusal.message))
