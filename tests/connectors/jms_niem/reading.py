"""Maps a synthetic document and picks out of the outcome what a test is about."""

import json
from datetime import UTC, datetime
from typing import Any

from connectors.jms_niem import Mapped, Mapping, map_document
from schemas.events import parse
from tests.connectors.jms_niem.documents import Document, springfield

RECEIVED = datetime(2026, 3, 5, 12, tzinfo=UTC)
SPRINGFIELD = springfield()


def mapped(
    document: Document | bytes, mapping: Mapping = SPRINGFIELD, received_at: datetime | None = RECEIVED
) -> Mapped:
    """Map, and hold every event against the contract's own models."""
    raw = document.xml() if isinstance(document, Document) else document
    outcome = map_document(raw, mapping, received_at=received_at)
    for event in outcome.events:
        parse(json.dumps(event).encode())
    assert len({event["id"] for event in outcome.events}) == len(outcome.events)
    return outcome


def of_type(outcome: Mapped, name: str) -> list[dict[str, Any]]:
    return [event for event in outcome.events if event["type"] == f"jail.{name}.v1"]


def one(outcome: Mapped, name: str) -> dict[str, Any]:
    (event,) = of_type(outcome, name)
    return event


def kinds(outcome: Mapped) -> list[str]:
    return sorted(event["data"]["kind"] for event in of_type(outcome, "hold.placed"))


def codes(outcome: Mapped) -> set[str]:
    return {note.code.value for note in outcome.notes}
