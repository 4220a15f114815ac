"""From bytes to a validated event: limits, forbidden fields, strict models (sections 1, 2 and 5)."""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Final, TypeAlias, get_args

import orjson
from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from schemas import bookings, forbidden, holds, registers, releases, requests, upcast
from schemas.refusals import InvalidEventError, Reason
from schemas.repeated import repeated_name

Event: TypeAlias = (
    bookings.BookingOpened
    | bookings.BookingVoided
    | bookings.BookingMoved
    | bookings.EventRetracted
    | bookings.NoticeServed
    | holds.HoldPlaced
    | holds.HoldLifted
    | holds.WarrantVerified
    | releases.BailSet
    | releases.BailPosted
    | releases.BailRefused
    | releases.ReleaseDue
    | releases.ReleaseRescinded
    | releases.ReleaseCompleted
    | releases.CustodyTransferred
    | requests.AccessRequested
    | requests.AssistanceRequested
    | requests.MessageRequested
    | requests.ApprovalGranted
    | requests.ApprovalWithdrawn
    | registers.ReimbursementReceived
    | registers.CertificationRequested
    | registers.CertificationDecided
    | registers.ComplaintFiled
)
"""Every event type of section 2."""

EVENTS: Final[TypeAdapter[Event]] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
_validate_json: Final = EVENTS.validator.validate_json

NEWEST: Final = upcast.newest_of({each.model_fields["type"].annotation.__args__[0]: each for each in get_args(Event)})
"""Version of each type that the models know."""

MAX_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 16
DIGEST_BYTES: Final = 16
_PARSER_DEPTH: Final = 1000
"""The JSON parser gives up somewhat past this nesting, with an error that does not say so."""
_SHOWN: Final = 5
_TRANSPORT: Final = ("datacontenttype", "dataschema", "traceparent", "tracestate", "partitionkey")


@dataclass(frozen=True, slots=True)
class Received:
    """A valid event, without what must not be kept."""

    event: Event
    content: dict[str, Any]
    """The event as parsed JSON, without forbidden fields, transport attributes and what a message says."""
    digest: bytes
    """`DIGEST_BYTES` bytes: equal for equal content, however it was written."""
    stripped: tuple[str, ...]
    """Folded names of the forbidden fields that stood in it."""
    received_as: str | None = None
    """Its type as it was sent, where that was an older version; ``content`` is the newest one's."""


def parse(raw: bytes) -> Received:
    """Read one event.

    Args:
        raw: one CloudEvent in structured JSON mode.

    Raises:
        InvalidEventError: with the reason code, and a message that names the place and repeats no value.
    """
    if len(raw) > MAX_BYTES:
        raise InvalidEventError(Reason.TOO_LARGE, f"event of {len(raw)} bytes, at most {MAX_BYTES} are read")
    content = _json_object(raw)
    stripped: tuple[str, ...] = ()
    lifted: dict[str, Any] | None = None
    try:
        event = _validate_json(raw)
    except ValidationError:
        # An unknown field is the only way a forbidden one shows itself, so only now is it worth looking.
        content, stripped = forbidden.strip(content)
        lifted = upcast.to_newest(content, NEWEST)
        try:
            event = _validate_json(orjson.dumps(lifted))
        except ValidationError as error:
            raise _refusal(error) from None
    for name in _TRANSPORT:
        content.pop(name, None)
    # As it was sent: one that was received before this program knew a newer version is a duplicate, not a conflict.
    digest = _digest(content, stripped)
    received_as = None
    if lifted is not None and lifted is not content:
        received_as, content = content["type"], {key: lifted[key] for key in lifted if key not in _TRANSPORT}
    if isinstance(event, requests.MessageRequested):
        # Judged from the model, compared by digest; what the message says goes no further.
        content["data"] = {**content["data"], "content": dict.fromkeys(event.data.content), "text": None}
    return Received(event, content, digest, stripped, received_as)


def _digest(content: dict[str, Any], stripped: tuple[str, ...]) -> bytes:
    """Equal for equal content: what tells a duplicate from a conflict. Of forbidden fields only the names count."""
    canonical = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    named = b"\0" + ",".join(stripped).encode() if stripped else b""
    return sha256(canonical + named).digest()[:DIGEST_BYTES]


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _not_json(raw, error) from None
    if not isinstance(content, dict):
        raise InvalidEventError(Reason.WRONG_TYPE, "/: an event is a JSON object")
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _depth(content) > MAX_DEPTH:
        raise InvalidEventError(Reason.TOO_DEEP, f"nested deeper than {MAX_DEPTH}")
    # Hardly any event has a backslash, and a single byte is looked for ten times as fast as six.
    if b"\\" in raw and b"\\u0000" in raw and _holds_nul(content):
        raise InvalidEventError(Reason.BAD_CHARACTER, "holds a NUL character")
    if (repeated := repeated_name(raw, content)) is not None:
        place = "/" + "/".join(map(_named, repeated))
        raise InvalidEventError(Reason.REPEATED_FIELD, f"{place}: stands twice, with different values")
    return content


def _not_json(raw: bytes, error: orjson.JSONDecodeError) -> InvalidEventError:
    try:
        text = raw.decode()
    except UnicodeDecodeError as bad:
        return InvalidEventError(Reason.INVALID_UTF8, f"byte {bad.start} is not UTF-8")
    place = f"line {error.lineno} column {error.colno}"
    if "\0" in text:
        return InvalidEventError(Reason.BAD_CHARACTER, "holds a NUL character")
    if "surrogate" in error.msg:
        return InvalidEventError(Reason.BAD_CHARACTER, f"{place}: lone surrogate")
    if raw.count(b"{") + raw.count(b"[") > _PARSER_DEPTH:
        return InvalidEventError(Reason.TOO_DEEP, f"nested deeper than {MAX_DEPTH}")
    if error.pos >= len(text.rstrip()) and text.lstrip().startswith("{"):
        return InvalidEventError(Reason.TRUNCATED, f"{place}: input ends inside the event")
    return InvalidEventError(Reason.NOT_JSON, f"{place}: not JSON")


def _depth(node: Any) -> int:
    # Breadth first: the parser has bounded the nesting, but Python's own stack is not to be trusted with it.
    depth, level = 0, [node]
    while level:
        depth += 1
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
    return depth


def _holds_nul(node: Any) -> bool:
    if isinstance(node, str):
        return "\x00" in node
    if isinstance(node, dict):
        return any(_holds_nul(key) or _holds_nul(value) for key, value in node.items())
    return isinstance(node, list) and any(_holds_nul(item) for item in node)


_FIELD_NAME: Final = re.compile(r"[A-Za-z0-9_.$-]{1,48}", re.ASCII)
_BRACKETED: Final = frozenset({"[key]"})

_BY_PYDANTIC_TYPE: Final = {
    "missing": Reason.MISSING_FIELD,
    "extra_forbidden": Reason.UNKNOWN_FIELD,
    "union_tag_invalid": Reason.UNKNOWN_TYPE,
    "union_tag_not_found": Reason.MISSING_FIELD,
    "no_offset": Reason.NO_OFFSET,
    "bad_time": Reason.BAD_TIME,
    "time_out_of_range": Reason.TIME_OUT_OF_RANGE,
    "bad_amount": Reason.BAD_VALUE,
    "literal_error": Reason.BAD_VALUE,
    "enum": Reason.BAD_VALUE,
    "string_too_short": Reason.BAD_VALUE,
    "string_too_long": Reason.BAD_VALUE,
    "string_pattern_mismatch": Reason.BAD_VALUE,
    "too_short": Reason.BAD_VALUE,
}


def _refusal(error: ValidationError) -> InvalidEventError:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    reason = _BY_PYDANTIC_TYPE.get(details[0]["type"], Reason.WRONG_TYPE)
    shown = "; ".join(f"{_place(detail)}: {_said(detail)}" for detail in details[:_SHOWN])
    rest = len(details) - _SHOWN
    return InvalidEventError(reason, shown + (f"; and {rest} more" if rest > 0 else ""))


def _place(detail: ErrorDetails) -> str:
    path = list(detail["loc"])
    if path and isinstance(path[0], str) and path[0].startswith("jail."):
        del path[0]  # the union's tag, which is not part of the input
    if detail["type"].startswith("union_tag"):
        path = ["type"]
    return "/" + "/".join(_named(part) for part in path)


def _named(part: int | str) -> str:
    # An unknown field is named, so that it can be mended; but only what looks like a field's name.
    text = str(part)
    return text if text in _BRACKETED or _FIELD_NAME.fullmatch(text) else "(unnamed)"


def _said(detail: ErrorDetails) -> str:
    if detail["type"] == "union_tag_invalid":
        return "no event type of this contract"
    if detail["type"] == "union_tag_not_found":
        return "Field required"
    return detail["msg"]
