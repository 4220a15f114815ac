"""The strict base model and the field types that every event shares."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

_RFC3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?P<offset>[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)?", re.ASCII
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST: Final = 0
_LATEST: Final = (datetime(2200, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_AMOUNT: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


def instant_of(text: object) -> int:
    """Read an RFC 3339 time as microseconds since the epoch, UTC.

    Digits past the microsecond are cut off. A time without an offset is refused: nobody may guess a jail's zone
    here. So are times before 1970 and from 2200 on, which in booking records are typing errors.

    Raises:
        PydanticCustomError: ``string_type``, ``no_offset``, ``bad_time`` or ``time_out_of_range``.
    """
    if not isinstance(text, str):
        raise PydanticCustomError("string_type", "a time is text")
    matched = _RFC3339.fullmatch(text)
    if matched is None:
        raise PydanticCustomError("bad_time", "not an RFC 3339 date and time")
    if matched["offset"] is None:
        raise PydanticCustomError("no_offset", "time has no offset from UTC")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise PydanticCustomError("time_out_of_range", "no such date or time") from None
    instant = (moment - _EPOCH) // _MICROSECOND
    if not _EARLIEST <= instant < _LATEST:
        raise PydanticCustomError("time_out_of_range", "time is before 1970 or after 2199")
    return instant


def _decimal_text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise PydanticCustomError("bad_amount", "an amount is a number or decimal text")
    # No exponents in text: written out, "1e999999999" would fill the memory.
    if isinstance(value, str) and _AMOUNT.fullmatch(value) is None:
        raise PydanticCustomError("bad_amount", "not a decimal amount")
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise PydanticCustomError("bad_amount", "not a decimal amount") from None
    if not amount.is_finite():
        raise PydanticCustomError("bad_amount", "not a finite amount")
    return format(amount, "f")


class Strict(BaseModel):
    """No coercion, no unknown fields, no change after validation."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


InstantText = Annotated[int, BeforeValidator(instant_of), WithJsonSchema({"type": "string", "format": "date-time"})]
"""RFC 3339 with an offset on the wire; ``int`` microseconds since the epoch, UTC, once validated."""

Identifier = Annotated[str, Field(min_length=1, max_length=512)]
"""A key of some other system. Compared exactly."""

Text = Annotated[str, Field(max_length=65536)]
"""Free text. Never copied into logs, metrics or audit entries: it may hold a name."""

Amount = Annotated[
    str,
    BeforeValidator(_decimal_text),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}]}),
]
"""Money as a number or a decimal string; decimal text once validated."""
