"""Every kind of input that is not an event, with the reason it is refused for. Canaries stand where values stand."""

from typing import Any, NamedTuple

import orjson

from tests.oracle.cases import at

CANARY = "Zyxquorn"
"""Stands in every value of every bad input; no text that is told may repeat it."""
SOURCE = f"/jms/{CANARY}"


class Bad(NamedTuple):
    name: str
    reason: str
    raw: bytes


def event(kind: str = "booking.opened", hour: float = 1, **changed: Any) -> dict[str, Any]:
    made = {
        "specversion": "1.0",
        "id": f"id-{CANARY}",
        "source": SOURCE,
        "type": f"jail.{kind}.v1",
        "subject": f"B-{CANARY}",
        "time": at(hour),
        "data": {"person": {"family_name": CANARY, "birth_date": "1901-02-03"}},
    }
    return {name: value for name, value in {**made, **changed}.items() if value is not ...}


def line(kind: str = "booking.opened", **changed: Any) -> bytes:
    return orjson.dumps(event(kind, **changed))


def nested(depth: int) -> bytes:
    return line().replace(b'{"person"', b'{"x":' + b"[" * depth + b"]" * depth + b',"person"')


def move(into: str, **changed: Any) -> bytes:
    return line("booking.moved", data={"into": into}, **changed)


WHOLE = line()
BAD = (
    Bad("not JSON", "not_json", b"this is " + CANARY.encode()),
    Bad("two values", "not_json", WHOLE + WHOLE),
    Bad("a number that JSON does not know", "not_json", WHOLE.replace(b'"1.0"', b"NaN")),
    Bad("truncated", "truncated", WHOLE[:-20]),
    Bad("no object", "wrong_type", orjson.dumps([event()])),
    Bad("text", "wrong_type", orjson.dumps(CANARY)),
    Bad("not UTF-8", "invalid_utf8", WHOLE.replace(b"1901", b"\xff\xfe")),
    Bad("NUL written out", "bad_character", WHOLE.replace(b"1901", b"\\u0000")),
    Bad("NUL itself", "bad_character", WHOLE.replace(b"1901", b"\x00")),
    Bad("NUL in a name", "bad_character", line(data={f"{CANARY}\x00": 1})),
    Bad("lone surrogate", "bad_character", WHOLE.replace(b"1901", b"\\ud800")),
    Bad("one name, two values", "repeated_field", WHOLE.replace(b'"1901', b'"1902","birth_date":"1901')),
    Bad("too large", "too_large", line(data={"basis": ["x" * 70_000]})),
    Bad("too deep", "too_deep", nested(40)),
    Bad("much too deep", "too_deep", nested(30_000)),
    Bad("no type", "missing_field", line(type=...)),
    Bad("unknown type", "unknown_type", line(type=f"jail.{CANARY}.v1")),
    Bad("version that this program does not know yet", "newer_version", line(type="jail.booking.opened.v9")),
    Bad("version before the first", "unknown_type", line(type="jail.booking.opened.v0")),
    Bad("missing id", "missing_field", line(id=...)),
    Bad("missing data", "missing_field", line(data=...)),
    Bad("missing field", "missing_field", line("hold.lifted", data={"reason": CANARY})),
    Bad("unknown field", "unknown_field", line(data={"shoe_size": CANARY})),
    Bad("wrong type", "wrong_type", line(data={"basis": CANARY})),
    Bad("number for text", "wrong_type", line(id=7)),
    Bad("empty id", "bad_value", line(id="")),
    Bad("endless id", "bad_value", line(id=CANARY * 100)),
    Bad("other specversion", "bad_value", line(specversion="0.3")),
    Bad("unknown word", "bad_value", line("hold.placed", data={"hold_id": "H", "kind": CANARY})),
    Bad("amount", "bad_value", line("bail.set", data={"amount": f"1e{CANARY}"})),
    Bad("no offset", "no_offset", line(time="2025-03-10T01:00:00")),
    Bad("no time", "bad_time", line(time=f"{CANARY} o'clock")),
    Bad("no such day", "time_out_of_range", line(time="2025-02-30T01:00:00Z")),
    Bad("before 1970", "time_out_of_range", line(time="1969-12-31T23:59:59.999999Z")),
    Bad("after 2199", "time_out_of_range", line(time="2200-01-01T00:00:00Z")),
    Bad("recorded out of range", "time_out_of_range", line(recordedtime="0001-01-01T00:00:00+23:59")),
    Bad("move to itself", "move_cycle", move(f"B-{CANARY}")),
)

BAD_XML = (
    Bad("not XML", "not_xml", f"<BookingReport>{CANARY}".encode()),
    Bad(
        "entities", "xml_entities", f'<!DOCTYPE d [<!ENTITY a "{CANARY}">]><BookingReport>&a;</BookingReport>'.encode()
    ),
    Bad("external reference", "xml_entities", b'<!DOCTYPE d SYSTEM "http://127.0.0.1:9/d.dtd"><BookingReport/>'),
    Bad("another document", "unknown_root", f"<Invoice>{CANARY}</Invoice>".encode()),
)
