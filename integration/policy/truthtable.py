"""Writing thousands of contexts as a few lines: fields that do not matter left out, values that do alike joined.

The table is split by one field at a time, as a decision tree is grown: values with equal parts stay together, and the
field that settles most goes first. The lines overlap nowhere and leave out nothing.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import log2
from typing import Generic, TypeAlias, TypeVar

_Outcome = TypeVar("_Outcome", bound=Hashable)
_Value = TypeVar("_Value")

Fields: TypeAlias = Mapping[str, Sequence[_Value]]


@dataclass(frozen=True, slots=True)
class Line(Generic[_Value, _Outcome]):
    """All combinations that meet ``conditions`` (field to the values it may have) have this outcome."""

    conditions: Mapping[str, tuple[_Value, ...]]
    combinations: int
    outcome: _Outcome


def compress(fields: Fields[_Value], outcomes: Sequence[_Outcome]) -> list[Line[_Value, _Outcome]]:
    """Compress a table.

    Args:
        fields: Every field with all its values.
        outcomes: The outcome of every combination, in the order of `itertools.product` over the fields.

    Returns:
        Lines that together hold every combination exactly once.
    """
    return list(_lines(fields, tuple(outcomes), {}))


def _lines(
    fields: Fields[_Value], outcomes: tuple[_Outcome, ...], chosen: Mapping[str, tuple[_Value, ...]]
) -> Iterator[Line[_Value, _Outcome]]:
    if len(set(outcomes)) == 1:
        yield Line(chosen, len(outcomes), outcomes[0])
        return
    name, parts = min(
        ((name, _parts(fields, outcomes, name)) for name in fields),
        key=lambda split: (sum(_unsettled(part) * len(alike) for part, alike in split[1].items()), len(split[1])),
    )
    rest = {other: allowed for other, allowed in fields.items() if other != name}
    for part, alike in parts.items():
        matters = len(alike) < len(fields[name])
        for line in _lines(rest, part, {**chosen, name: alike} if matters else chosen):
            yield Line(line.conditions, line.combinations * len(alike), line.outcome)


def _unsettled(outcomes: tuple[_Outcome, ...]) -> float:
    """Return how many bits are still open over all combinations of a part (their entropy); 0 when all are alike."""
    total = len(outcomes)
    return sum(count * log2(total / count) for count in Counter(outcomes).values())


def _parts(
    fields: Fields[_Value], outcomes: tuple[_Outcome, ...], name: str
) -> dict[tuple[_Outcome, ...], tuple[_Value, ...]]:
    """Split by one field: each different part of the table, with the values of the field that lead to it."""
    place = list(fields).index(name)
    inner = 1
    for allowed in list(fields.values())[place + 1 :]:
        inner *= len(allowed)
    size = inner * len(fields[name])
    parts: dict[tuple[_Outcome, ...], tuple[_Value, ...]] = {}
    for number, value in enumerate(fields[name]):
        part = tuple(
            outcome
            for start in range(number * inner, len(outcomes), size)
            for outcome in outcomes[start : start + inner]
        )
        parts[part] = (*parts.get(part, ()), value)
    return parts


def expand(line: Line[_Value, _Outcome], fields: Fields[_Value]) -> Iterator[tuple[_Value, ...]]:
    """Yield every combination that a line stands for."""
    yield from product(*(line.conditions.get(name, allowed) for name, allowed in fields.items()))
