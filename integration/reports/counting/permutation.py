"""A permutation test of two groups: could chance alone have put such large times into one of them?

The statistic is the sum of ranks of the smaller group (Wilcoxon's; ties get the mean of their ranks), so a single very
long time cannot decide it. The p-value is two-sided: the share of all ways to deal the same times to groups of these
sizes that give a sum at least as far from its mean. Small groups are worked out exactly, larger ones by drawing. Where
both are large the sums follow the normal curve with the mean and the variance that all dealings have (E. L. Lehmann,
Nonparametrics, 1975, appendix 4), and drawing would take minutes to say the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import comb, erfc, sqrt
from random import Random
from typing import Final

EXACT_WORK: Final = 3_000_000
"""Steps of the exact count; more than that is drawn instead. About two seconds."""
DRAWS: Final = 20_000
LARGE: Final = 500
"""From so many in the smaller group on the normal curve is taken."""
SEED: Final = 2017_01
"""The same report made anew gives the same p-value."""


@dataclass(frozen=True, slots=True)
class Tested:
    """What the test says."""

    p_value: float
    exact: bool
    draws: int
    """How often groups were dealt; 0 where it is exact, or taken from the normal curve."""


def permutation_test(one: Sequence[float], other: Sequence[float]) -> Tested | None:
    """Compare two groups; None where one of them is empty."""
    if not one or not other:
        return None
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    # Doubled, mean ranks are whole numbers: comparisons are exact.
    ranks = _doubled_ranks([*small, *large])
    count, size = len(small), len(ranks)
    # Distances from the mean are compared times `size`, again as whole numbers.
    middle = count * sum(ranks)
    observed = abs(sum(ranks[:count]) * size - middle)
    if size * count * sum(sorted(ranks)[-count:]) <= EXACT_WORK:
        ways = _ways(ranks, count)
        far = sum(number for total, number in ways.items() if abs(total * size - middle) >= observed)
        return Tested(float(Fraction(far, comb(size, count))), exact=True, draws=0)
    if count >= LARGE:
        return Tested(_normal(ranks, count, observed), exact=False, draws=0)
    dealer = Random(SEED)  # noqa: S311  a seeded experiment, not a secret
    far = sum(abs(sum(dealer.sample(ranks, count)) * size - middle) >= observed for _ in range(DRAWS))
    # The deal that was observed is one of those that chance can make: a drawn p-value is never 0.
    return Tested((far + 1) / (DRAWS + 1), exact=False, draws=DRAWS)


def _normal(ranks: Sequence[int], count: int, observed: int) -> float:
    """Return the share of the normal curve at least so far from its mean. Args: ``observed`` is times their number."""
    size, total = len(ranks), sum(ranks)
    # Variance of the sum of ``count`` of them, times the square of ``size``.
    spread = size * sum(rank * rank for rank in ranks) - total * total
    variance = Fraction(count * (size - count) * spread, size - 1)
    return 1.0 if not variance else erfc(observed / sqrt(2 * variance))


def _doubled_ranks(values: Sequence[float]) -> list[int]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0] * len(values)
    first = 1
    for _, group in groupby(order, key=values.__getitem__):
        members = list(group)
        last = first + len(members) - 1
        for member in members:
            ranks[member] = first + last
        first = last + 1
    return ranks


def _ways(ranks: Sequence[int], count: int) -> dict[int, int]:
    """Return in how many ways ``count`` of the ranks make each sum."""
    by_number: list[dict[int, int]] = [{0: 1}] + [{} for _ in range(count)]
    for rank in ranks:
        for number in range(count, 0, -1):
            into = by_number[number]
            for total, ways in by_number[number - 1].items():
                into[total + rank] = into.get(total + rank, 0) + ways
    return by_number[count]
