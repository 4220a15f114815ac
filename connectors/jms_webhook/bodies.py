"""From a message's body to inputs: what can be used, and what cannot, which is kept and told to the sender."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import orjson

from connectors.jms_niem.inputs import read_document
from connectors.jms_niem.jtmp import SENT_AT, Status, read_envelope, response
from connectors.jms_niem.mapping import Mapping
from connectors.mapping.apply import Mapper
from connectors.mapping.presence import checked
from connectors.mapping.rows import Row, inputs_of, json_rows
from integration.services.intake import Input
from schemas.events import parse
from schemas.refusals import InvalidEventError, Reason

_AHEAD: Final = timedelta(days=1)
"""How far off the sender's clock may be, with its zone wrong."""


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
    """One for each input that is refused: the sender is told at once."""
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

    @property
    def is_useless(self) -> bool:
        """Whether nothing of it can be used: the sender has to mend it, and may send it again as it is meanwhile."""
        return bool(self.faults) and len(self.faults) >= len(self.inputs)


def _useless(place: str, raw: bytes, error: InvalidEventError) -> Body:
    return Body([Input(place, raw, refusal=error)], [Fault("/", error.reason.value, error.message)])


ReadBody: TypeAlias = Callable[[str, bytes], Body]
"""From the place of a message and its bytes to what it holds."""


def events_body(most: int, sources: Collection[str] | None = None) -> ReadBody:
    """Read events of the contract: one, or a list. Each is checked here, so that the sender learns of every fault.

    Args:
        most: events of one message.
        sources: the feeds that the sender may speak for; None: any.
    """

    def read(place: str, raw: bytes) -> Body:
        try:
            rows = list(json_rows(raw, ""))
            _count(rows, most, "events")
        except InvalidEventError as error:
            return _useless(place, raw, error)
        inputs, faults = list[Input](), list[Fault]()
        is_list = raw.lstrip()[:1] == b"["
        for number, row in enumerate(rows):
            at = f"/{number}" if is_list else ""
            one = orjson.dumps(row.record) if is_list else raw
            refusal = row.refusal
            try:
                if refusal is None and sources is not None and parse(one).event.source not in sources:
                    refusal = InvalidEventError(Reason.UNKNOWN_SOURCE, "/source: not one that this sender speaks for")
                elif refusal is None:
                    parse(one)
            except InvalidEventError as error:
                refusal = error
            if refusal is not None:
                faults.append(Fault(at or "/", refusal.reason.value, refusal.message))
            inputs.append(Input(f"{place}{at}", one, refusal=refusal))
        return Body(inputs, faults)

    return read


def records_body(mapper: Mapper, most: int) -> ReadBody:
    """Read records by a mapping. What a rule refuses is told to the sender, too."""

    def read(place: str, raw: bytes) -> Body:
        try:
            rows = list(checked(json_rows(raw, mapper.mapping.input.rows), mapper.mapping))
            _count(rows, most, "records")
        except InvalidEventError as error:
            return _useless(place, raw, error)
        inputs = [each for row in rows for each in inputs_of(place, row, mapper, observed=None)]
        return Body(inputs, [found for each in inputs if (found := _fault(place, each)) is not None], rows=rows)

    return read


def _count(rows: Sequence[Row], most: int, what: str) -> None:
    if len(rows) > most:
        raise InvalidEventError(Reason.TOO_LARGE, f"{len(rows)} {what}, at most {most} are taken")


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
        at = now()
        try:
            envelope = read_envelope(raw)
        except InvalidEventError as error:
            return _useless(place, raw, error)
        if envelope.sent_at is not None and envelope.sent_at > at + _AHEAD:
            # It would stand above every message that is sent until then.
            ahead = InvalidEventError(Reason.TIME_OUT_OF_RANGE, f"{SENT_AT}: more than a day from now")
            return _useless(place, raw, ahead)
        inputs, released = read_document(place, envelope.document, mapping, received_at=envelope.sent_at or at)
        refused = [each.refusal for each in inputs if each.refusal is not None]
        usable = len(refused) < len(inputs)
        status = Status.APPROVED if not refused else Status.RECEIVED if usable else Status.CONTENT_ERROR
        fault = refused[0].message if refused else ""
        told = {"transaction": envelope.transaction_id}
        return Body(inputs, (), response(envelope, status, at, fault), told, envelope.sent_at or at, released)

    return read
