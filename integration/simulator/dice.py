"""Random draws that are the same on every machine.

Only ``random()`` of the Mersenne Twister is used. Distributions are tables of quantiles, rounded to whole seconds,
so that the last bit of some machine's ``exp`` and ``log`` never shows.
"""

from collections.abc import Sequence
from math import exp, log
from random import Random
from statistics import NormalDist
from typing import Final, TypeAlias, TypeVar

T = TypeVar("T")

Table: TypeAlias = tuple[int, ...]
"""Quantiles in equal steps."""

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_STEPS: Final = 2048


def lognormal(median: float, sigma: float, *, most: float) -> Table:
    """Tabulate a log-normal distribution in seconds, cut off at ``most``."""
    normal = NormalDist()
    quantiles = (normal.inv_cdf((step + 0.5) / (_STEPS + 1)) for step in range(_STEPS + 1))
    return tuple(round(min(most, median * exp(sigma * quantile))) for quantile in quantiles)


def exponential(mean: int) -> Table:
    """Tabulate an exponential distribution."""
    return tuple(round(-mean * log(1 - (step + 0.5) / (_STEPS + 1))) for step in range(_STEPS + 1))


def weighted(*pairs: tuple[int, T]) -> tuple[T, ...]:
    """Write out each value as often as its weight, to be drawn with one `Dice.pick`."""
    return tuple(value for weight, value in pairs for _ in range(weight))


class Dice:
    """A stream of draws that depends on its name alone."""

    __slots__ = ("random",)

    def __init__(self, name: str) -> None:
        """Args: ``name`` seeds the stream."""
        self.random = Random(name).random  # noqa: S311  a simulation must be repeatable, not secret

    def chance(self, share: float) -> bool:
        """Return True in ``share`` of all cases."""
        return self.random() < share

    def pick(self, values: Sequence[T]) -> T:
        """Return one of the values, each with the same chance."""
        return values[int(self.random() * len(values))]

    def between(self, least: int, most: int) -> int:
        """Return a whole number of ``least`` or more and less than ``most``."""
        return least + int(self.random() * (most - least))

    def of(self, table: Table) -> int:
        """Return a draw from a table, between its quantiles by straight lines."""
        place = self.random() * (len(table) - 1)
        step = int(place)
        low = table[step]
        return low + int((table[step + 1] - low) * (place - step))
