"""From a message's body to inputs: all of them, or why nothing of it can be used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import orjson

from connectors.jms_niem.inputs import read_document
from connectors.jms_niem.jtmp import Status, read_envelope, response
from connectors.jms_niem.mapping import Mapping
from connectors.mapping.apply import Mapper
from connectors.mapping.presence import checked
from connectors.mapping.rows import Row, inputs_of, json_rows
from integration.services.intake import Input
from schemas.events import parse
from schemas.refusals import InvalidEventError, Reason


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a body. Never a value."""

    place: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Body:
    """What a message holds."""

    inputs: Sequence[Input] = ()
    faults: Sequence[Fault] = ()
    """Some: the sender is told, and nothing is taken in."""
    reply: bytes | None = None
    """What the sender gets later, once the inputs are durable."""
    told: dict[str, Any] = field(default_factory=dict)
    """What it gets at once."""
    sent_at: datetime | None = None
    """Of ``jtmp``: when it was sent, as far as is known."""
    released: Sequence[str] = ()
    """Of ``jtmp``: bookings of whose release it speaks: what was said of it before does not count any more."""
    rows: Sequence[Row] = ()
    """Of records: what the inputs were made of, to be compared with what each said before."""


ReadBody: TypeAlias = Callable[[str, bytes], Body]
"""From the place of a message and its bytes to what it holds."""


def events_body(most: int) -> ReadBody:
    """Read events of the contract: one, or a list. Each is checked here, so that the sender learns of every fault."""

    def read(place: str, raw: bytes) -> Body:
        try:
            rows = list(json_rows(raw, ""))
        except InvalidEventError as error:
            return Body(faults=[Fault("/", error.reason.value, error.message)])
        if len(rows) > most:
            return Body(faults=[Fault("/", Reason.TOO_LARGE.value, f"{len(rows)} events, at most {most} are taken")])
        inputs, faults = list[Input](), list[Fault]()
        is_list = raw.lstrip()[:1] == b"["
        for number, row in enumerate(rows):
            at = f"/{number}" if is_list else ""
            one = orjson.dumps(row.record) if is_list else raw
            try:
                if row.refusal is not None:
                    raise row.refusal
                parse(one)
            except InvalidEventError as error:
                faults.append(Fault(at or "/", error.reason.value, error.message))
            inputs.append(Input(f"{place}{at}", one))
        return Body((), faults) if faults else Body(inputs)

    return read


def records_body(mapper: Mapper, most: int) -> ReadBody:
    """Read records by a mapping. What a rule refuses is the sender's fault, too: nothing of the message is taken in."""

    def read(place: str, raw: bytes) -> Body:
        try:
            rows = list(checked(json_rows(raw, mapper.mapping.input.rows), mapper.mapping))
        except InvalidEventError as error:
            return Body(faults=[Fault("/", error.reason.value, error.message)])
        if len(rows) > most:
            return Body(faults=[Fault("/", Reason.TOO_LARGE.value, f"{len(rows)} records, at most {most} are taken")])
        inputs = [each for row in rows for each in inputs_of(place, row, mapper, observed=None)]
        faults = [found for each in inputs if (found := _fault(place, each)) is not None]
        return Body((), faults) if faults else Body(inputs, rows=rows)

    return read


def _fault(place: str, each: Input) -> Fault | None:
    at = each.place.removeprefix(place).lstrip(":") or "/"
    if each.refusal is not None:
        return Fault(at, each.refusal.reason.value, each.refusal.message)
    try:
        parse(each.raw)
    except InvalidEventError as error:
        return Fault(at, error.reason.value, error.message)
    return None


def jtmp_body(mapping: Mapping, now: Callable[[], datetime]) -> ReadBody:
    """Read New Orleans' envelopes. A document that cannot be used is a dead letter, and its sender is told later."""

    def read(place: str, raw: bytes) -> Body:
        try:
            envelope = read_envelope(raw)
        except InvalidEventError as error:
            return Body(faults=[Fault("/", error.reason.value, error.message)])
        at = now()
        inputs, released = read_document(place, envelope.document, mapping, received_at=envelope.sent_at or at)
        refused = [each.refusal for each in inputs if each.refusal is not None]
        usable = len(refused) < len(inputs)
        status = Status.APPROVED if not refused else Status.RECEIVED if usable else Status.CONTENT_ERROR
        fault = refused[0].message if refused else ""
        told = {"transaction": envelope.transaction_id}
        return Body(inputs, (), response(envelope, status, at, fault), told, envelope.sent_at or at, released)

    return read
