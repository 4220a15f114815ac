"""Releases that New Orleans' messages correct: what a booking's last message says of its release is what counts.

A message tells a release again with another time, or deletes one that it does not date. By itself it cannot say which
event told it first, so the ids are kept with the connector's rows, in the transaction of the message.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from connectors.jms_webhook.bodies import Body
from connectors.mapping.apply import digest
from connectors.mapping.corrections import RETRACTION
from connectors.mapping.fields import full_name
from connectors.mapping.rows import written
from integration.domain.instants import Instant
from integration.services.intake import Input
from integration.services.roster import RosterRow, SourceStore

_RELEASES: Final = frozenset({full_name("release.completed"), full_name("custody.transferred")})
_RETRACTED: Final = full_name("event.retracted")
_KEY: Final = "release-"
"""Begins the key of the row that keeps a booking's release."""


@dataclass(slots=True)
class _Told:
    """What a message says of one booking's release."""

    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By their ids as they follow from their content."""
    retracted: set[str] = field(default_factory=set)


class Releases:
    """The releases that one connector has told."""

    def __init__(self, name: str, source: str, store: SourceStore) -> None:
        """Args: ``name`` is the connector's, ``source`` its feed."""
        self._name = name
        self._source = source
        self._store = store

    def compared(self, body: Body, _now: Instant) -> tuple[Sequence[Input], Sequence[RosterRow]]:
        """Return the inputs of a message, with what it takes back, and what is to be remembered."""
        return (body.inputs, []) if body.sent_at is None else self.amended(body.inputs, body.released, body.sent_at)

    def amended(
        self, inputs: Sequence[Input], released: Collection[str], at: datetime
    ) -> tuple[list[Input], list[RosterRow]]:
        """Return a message's inputs with what they take back, and what is to be remembered with them.

        Args:
            inputs: what the message gives.
            released: the bookings of whose release it speaks.
            at: when it was sent; a message that was overtaken changes nothing that a later one said.
        """
        told = _told(inputs, released)
        known = {row.booking: row for row in self._store.rows_of(self._name, told) if row.key.startswith(_KEY)}
        more: list[Input] = []
        rows: list[RosterRow] = []
        for booking, each in told.items():
            row = known.get(booking)
            last = {} if row is None else dict(orjson.loads(row.given))
            overtaken = row is not None and datetime.fromisoformat(orjson.loads(row.marks)["at"]) > at
            new = self._ids(each, last)
            standing = last if overtaken else new
            gone = ({*last.values(), *new.values()} - set(standing.values())) - each.retracted
            more += self._written(each, new, gone, booking, at)
            if not overtaken:
                marks, given = orjson.dumps({"at": at.isoformat()}).decode(), orjson.dumps(standing).decode()
                rows.append(RosterRow(self._name, f"{_KEY}{digest(booking)}", booking, "", marks, given))
        kept = [each for each in inputs if not _is_release(each, released)]
        return [*kept, *more], rows

    def _ids(self, told: _Told, last: Mapping[str, str]) -> dict[str, str]:
        """Return each event's id: the one that it had, or the first that was not taken back."""
        ids = {base: last.get(base, base) for base in told.events}
        number = 1
        while spent := self._store.taken_back(
            self._source, [name for base, name in ids.items() if base not in last], ""
        ):
            number += 1
            ids |= {base: f"{base}-{number}" for base, name in ids.items() if name in spent}
        return ids

    def _written(
        self, told: _Told, ids: Mapping[str, str], gone: set[str], booking: str, at: datetime
    ) -> Iterator[Input]:
        for base, event in told.events.items():
            yield Input(f"{self._name}#{ids[base]}", written({**event, "id": ids[base]}))
        time = at.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
        for each in sorted(gone):
            name = f"{RETRACTION}-{digest(each, time)}"
            event = {"specversion": "1.0", "id": name, "source": self._source, "type": _RETRACTED}
            yield Input(
                f"{self._name}#{name}", written({**event, "subject": booking, "time": time, "data": {"retracts": each}})
            )


def _told(inputs: Sequence[Input], released: Collection[str]) -> dict[str, _Told]:
    found = {booking: _Told() for booking in released}
    for each in inputs:
        event = orjson.loads(each.raw) if each.refusal is None else {}
        told = found.get(event.get("subject", ""))
        if told is not None and event["type"] in _RELEASES:
            told.events[event["id"]] = event
        elif told is not None and event["type"] == _RETRACTED:
            told.retracted.add(event["data"]["retracts"])
    return found


def _is_release(each: Input, released: Collection[str]) -> bool:
    event = orjson.loads(each.raw) if each.refusal is None else {}
    return event.get("subject") in released and event["type"] in _RELEASES
