"""Numbers that Debezium writes as base64 of bytes (``decimal.handling.mode = precise``, the default).

Only the schema around a message tells such a number from a text: without it, a booking number would read ``AeJA``.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from schemas.refusals import InvalidEventError, Reason

_DECIMAL: Final = "org.apache.kafka.connect.data.Decimal"
_VARIABLE: Final = "io.debezium.data.VariableScaleDecimal"
_DIGITS: Final = 1000


def decoded(row: Any, schema: Any, part: str) -> Any:
    """Return a row with its decimals as numbers, as far as the schema tells them.

    Args:
        row: what stands under ``before`` or ``after``.
        schema: the message's; None where it has none.
        part: ``before`` or ``after``.

    Raises:
        InvalidEventError: ``bad_value``: a number is none.
    """
    if not isinstance(row, Mapping):
        return row
    found = dict(row)
    for field in _fields(next((each for each in _fields(schema) if each.get("field") == part), None)):
        name, value = field.get("field"), row.get(str(field.get("field")))
        if value is None or field.get("name") not in {_DECIMAL, _VARIABLE}:
            continue
        try:
            found[str(name)] = _number(value, field)
        except (NotBase64, ValueError, TypeError, KeyError, ArithmeticError):
            raise InvalidEventError(Reason.BAD_VALUE, f"/{part}/{name}: not a decimal of its schema") from None
    return found


def _fields(schema: Any) -> list[Mapping[str, Any]]:
    fields = schema.get("fields") if isinstance(schema, Mapping) else None
    return [each for each in fields if isinstance(each, Mapping)] if isinstance(fields, list) else []


def _number(value: Any, field: Mapping[str, Any]) -> Decimal:
    if field["name"] == _VARIABLE:
        scale, digits = value["scale"], value["value"]
    else:
        scale, digits = field["parameters"]["scale"], value
    unscaled = int.from_bytes(b64decode(digits, validate=True), "big", signed=True)
    if abs(int(scale)) > _DIGITS:
        raise ValueError(scale)
    return Decimal(f"{unscaled}E{-int(scale)}")
