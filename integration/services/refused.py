"""A refused input: kept whole, with the reason and the place (section 1)."""

from dataclasses import dataclass

from integration.domain.instants import Instant
from schemas.refusals import Reason


@dataclass(frozen=True, slots=True)
class Refused:
    """One input that was not accepted."""

    place: str
    """File and line, topic and offset."""
    reason: Reason
    message: str
    """Where inside the input and what is wrong, without values."""
    raw: bytes
    """The input as received."""
    at: Instant
