"""Writes CloudEvents whose ids follow from their content.

The contract refuses one id with two contents. An id here is a hash over everything else in the event, so the same
fact said twice is the same event (a duplicate, which changes nothing) and anything that differs is another event:
a conflict cannot arise, whatever order messages come in.

No event carries ``recordedtime``: it would be the time of the message, and a fact that a later message repeats
would then no longer be the same event.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.jms_niem.times import Moment

_DIGITS: Final = 20
"""80 bits: among a billion events of one source, two alike by chance are less likely than one in a million."""

REMOVED: Final = "[removed by connector]"
"""Stands in for a value that must not leave this connector. The field's name tells intake what was received."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One event to be, before it has an id."""

    type: str
    """Without prefix and version: ``hold.placed``."""
    moment: Moment
    data: dict[str, Any]
    stem: str = ""
    """Begins the id; the type by default. Of two release.due with one time the contract takes the greater id."""
    marks: tuple[str, ...] = ()
    """What the id must show besides the marks of the moment."""


def digest(*parts: str) -> str:
    """Hash parts into a short key: hold ids are logged, so they must not repeat a charge's or a paper's text."""
    joined = json.dumps(parts, ensure_ascii=False).encode()
    return hashlib.sha256(joined).hexdigest()[:_DIGITS]


def write(fact: Fact, *, source: str, subject: str) -> dict[str, Any]:
    """Write one event of the contract.

    Args:
        fact: what happened.
        source: the facility's feed.
        subject: the booking number.
    """
    content = {
        "specversion": "1.0",
        "source": source,
        "type": f"jail.{fact.type}.v1",
        "subject": subject,
        "time": fact.moment.text(),
        "data": fact.data,
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    stem = fact.stem or fact.type.replace(".", "-")
    hashed = hashlib.sha256(canonical.encode()).hexdigest()[:_DIGITS]
    marks = dict.fromkeys((*fact.marks, *fact.moment.marks))
    return {"specversion": "1.0", "id": "-".join([stem, hashed, *marks]), **content}


def without_empty(data: dict[str, Any]) -> dict[str, Any]:
    """Drop fields that say nothing, so that absent and empty are the same content."""
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}


def with_removed_fields(facts: Sequence[Fact], names: Sequence[str]) -> list[Fact]:
    """Tell intake which status fields the message carried.

    They go on the opening, or on the first event where the message opens no booking.
    """
    if not facts or not names:
        return list(facts)
    at = next((i for i, fact in enumerate(facts) if fact.type == "booking.opened"), 0)
    bearer = facts[at]
    data = bearer.data | dict.fromkeys(names, REMOVED)
    marked = Fact(bearer.type, bearer.moment, data, bearer.stem, bearer.marks)
    return [*facts[:at], marked, *facts[at + 1 :]]
