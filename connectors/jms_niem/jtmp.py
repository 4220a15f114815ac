"""New Orleans' form: a JSON envelope with a booking or release in NIEM XML inside, and an acknowledgement that follows.

Read from the city's published specifications (JTMP Data Exchange, booking and release; asynchronous response). One
schema holds both messages: a `BookingExchange` whose booking has a `BookingRelease` is a release. It says what is to
be done by ``MessageOperationCode``; holds and detainers have no place in it at all, so those need another feed.
"""

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from xml.sax.saxutils import escape

import orjson

from schemas.refusals import InvalidEventError, Reason
from schemas.repeated import repeated_name

SENT_AT: Final = "/Metadata/MessageSentTimestamp"
_FIRST, _LAST = 1970, 2199
_TEXT: Final = 128
"""Characters of an id that an acknowledgement repeats."""
_NAMESPACES: Final = (
    'xmlns="http://release.niem.gov/niem/domains/cbrn/5.2/" xmlns:nola="http://mcp.com/nola/v/1.0/" '
    'xmlns:nola-ext="http://mcp.com/nola/extension/v/1.0/" xmlns:nc="http://release.niem.gov/niem/niem-core/5.0/"'
)


class Status(StrEnum):
    """What becomes of a message: the words of the exchange's asynchronous response."""

    APPROVED = "Approved"
    RECEIVED = "Received"
    CONTENT_ERROR = "Content Error"
    ENDPOINT_ERROR = "Endpoint Error"


_CODES: Final = {
    Status.APPROVED: "Success",
    Status.RECEIVED: "Success",
    Status.CONTENT_ERROR: "InvalidSchema",
    Status.ENDPOINT_ERROR: "Failure",
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message on its way between agencies."""

    document: bytes
    """The XML inside."""
    message_id: str
    transaction_id: str
    agency: str
    sent_at: datetime | None


def read_envelope(raw: bytes) -> Envelope:
    """Take the XML out of a message.

    Raises:
        InvalidEventError: ``not_json``, ``missing_field``, ``repeated_field`` or ``time_out_of_range``.
    """
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidEventError(Reason.NOT_JSON, f"line {error.lineno} column {error.colno}: not JSON") from None
    if not isinstance(content, dict) or not isinstance(content.get("Metadata"), dict):
        raise InvalidEventError(Reason.MISSING_FIELD, "/Metadata: Field required")
    if repeated_name(raw, content) is not None:
        raise InvalidEventError(Reason.REPEATED_FIELD, "/: a name stands twice, with different values")
    document = content.get("ExchangeData")
    if not isinstance(document, str):
        raise InvalidEventError(Reason.MISSING_FIELD, "/ExchangeData: an XML document as text is needed")
    metadata: Dictionary[str, Any] = content["Metadata"]
    try:
        encoded = _without_declaration(document).encode()
    except UnicodeEncodeError:
        raise InvalidEventError(Reason.BAD_CHARACTER, "/ExchangeData: lone surrogate") from None
    message_id = _id(metadata, "MessageId")
    return Envelope(
        document=encoded,
        message_id=message_id,
        # One sample has no transaction id: the message's own then tells the sender what the answer is to.
        transaction_id=_id(metadata, "TransactionId") or _id(metadata, "InternalMessageId") or message_id,
        agency=_id(metadata, "AgencyId"),
        sent_at=_time(metadata.get("MessageSentTimestamp")),
    )


def response(envelope: Envelope, status: Status, at: datetime, fault: str = "") -> bytes:
    """Write the asynchronous response to a message.

    Args:
        envelope: what it answers.
        status: what became of it.
        at: when that was known.
        fault: where the message was wrong, and what; no values.
    """
    error = ""
    if fault:
        described = f"<ErrorCodeText>200</ErrorCodeText><ErrorCodeDescriptionText>{_xml(fault)}"
        error = f"<MessageContentError><ErrorDescription>{described}</ErrorCodeDescriptionText></ErrorDescription>"
        error += "</MessageContentError>"
    destination = f"<MessageDestination><nc:OrganizationName>{_xml(envelope.agency)}</nc:OrganizationName>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<nola:AsynchronousResponseMessage {_NAMESPACES}><MessageStatus>'
        f"<SystemEventDateTime>{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</SystemEventDateTime>"
        f"<SystemEventDescriptionText>{status.value}</SystemEventDescriptionText>"
        f"<nc:MessageID>{_xml(envelope.message_id)}</nc:MessageID>"
        f"<MessageStatusCode>{_CODES[status]}</MessageStatusCode>{error}"
        f"<nola-ext:MessageStatusAugmentation>{destination}</MessageDestination>"
        f"<nola-ext:TransactionID>{_xml(envelope.transaction_id)}</nola-ext:TransactionID>"
        "</nola-ext:MessageStatusAugmentation></MessageStatus></nola:AsynchronousResponseMessage>"
    ).encode()


def _id(metadata: Dictionary[str, Any], name: str) -> str:
    value = metadata.get(name)
    return str(value)[:_TEXT] if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _time(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None:
        return None
    if not _FIRST <= moment.year <= _LAST:
        raise InvalidEventError(Reason.TIME_OUT_OF_RANGE, f"{SENT_AT}: time is before 1970 or after 2199")
    return moment


def _without_declaration(document: str) -> str:
    """Take off the XML declaration: text has no encoding any more, whatever it says there."""
    bare = document.lstrip("\ufeff \t\r\n")
    return bare.partition("?>")[2] if bare.startswith("<?xml") else bare


def _xml(text: str) -> str:
    # What XML 1.0 has no characters for is left out.
    return escape("".join(each for each in text if each >= " " and not "\ud800" <= each <= "\udfff"))
