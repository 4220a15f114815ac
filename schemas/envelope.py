"""The CloudEvents 1.0 envelope in structured JSON mode (section 1 of the event contract)."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Identifier, InstantText, Strict


class Envelope(Strict):
    """What every event carries besides its data.

    ``source`` names one facility's feed, ``subject`` is the booking number, (``source``, ``id``) is unique.
    ``time`` is when it happened; ``recordedtime`` when the source system recorded it (absent: the same).
    """

    specversion: Literal["1.0"]
    id: Identifier
    source: Identifier
    subject: Identifier
    time: InstantText
    recordedtime: InstantText | None = None
    # CloudEvents context attributes that carry no meaning for us, and the extensions that brokers add.
    datacontenttype: Annotated[str, Field(pattern=r"^application/json(;.*)?$")] | None = None
    dataschema: str | None = None
    traceparent: str | None = None
    tracestate: str | None = None
    partitionkey: str | None = None
