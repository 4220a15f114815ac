"""The release-parity report."""

from collections.abc import Iterator
from typing import Final

from integration.reports.asked import Asked
from integration.reports.counting import parity as counting
from integration.reports.counting.custody import OPENED, RELEASED, TRANSFERRED
from integration.reports.counting.entitlement import BAIL, DUE
from integration.reports.counting.parity import BINS, GROUPS, Parity, parity
from integration.reports.counting.register import Wanted
from integration.reports.counting.standing import Standing
from integration.reports.document import LEFT_OUT, Cell, Plot, Section, Shape, Table, rounded, table_of

WANTED: Final = Wanted(
    types=counting.TYPES,
    rules=counting.RULES,
    later=frozenset({OPENED}),
    before=frozenset({RELEASED, TRANSFERRED, DUE, BAIL}),
    agency_holds=True,
)
_LEVEL: Final = 0.05
_LONG: Final = 24.0
"""Hours after which a wait is long. A bound of `BINS`: the table of times tells the same number."""
_PERCENT: Final = 100
_COUNTED: Final = "Each release counts in the period in which the person left."
_CANNOT: Final = (
    "The test says how often chance alone would deal such a difference. It does not say why there is one.",
    "People with a paper may differ in other ways: charge, hour, need of an interpreter. That is not accounted for.",
    "The entitlement is the time that the jail's system recorded. One that is recorded late makes a stay look short.",
    "A release at or before the recorded entitlement counts as zero hours.",
    "People who left by transfer to another agency are not in the comparison: the table above says how many they are.",
    "Where people with a paper are kept until an immigration authority fetches them, the longest waits are theirs.",
    "With few people on one side a real difference may not show. No difference found is not equal treatment proved.",
)


def sections(standing: Standing, asked: Asked) -> Iterator[Section]:
    """Yield comparison, distribution, what was left out, and what the data cannot say."""
    found = parity(standing, asked.period)
    times = table_of(found.times, suppress_below=asked.below, shares_totals=True)
    hidden = times.has_left_out
    text = (_COUNTED, *_reading(found, asked), *(() if hidden or found.tested is None else (_long(found),)))
    yield Section("comparison", "Time from entitlement to release", text, (_medians(found, asked),))
    plots = () if hidden else (_plot(found),)
    yield Section("distribution", "How the times are distributed", (), (times,), plots)
    skipped = table_of(found.left_out, suppress_below=asked.below)
    yield Section("left_out", "Releases that are not compared", (), (skipped,))
    yield Section("limits", "What these data cannot say", _CANNOT)


def _small(found: Parity, asked: Asked) -> bool:
    """Tell whether figures about one group would be about a few people."""
    return any(0 < len(found.hours(with_paper=side)) < asked.below for side in (True, False))


def _medians(found: Parity, asked: Asked) -> Table:
    rows: list[tuple[Cell, ...]] = []
    head: tuple[str, ...] = ("Group", "Releases", "Median", "Shortest", "Longest")
    for (_, label), side in zip(GROUPS, (True, False), strict=True):
        hours, middle = found.hours(with_paper=side), found.median(with_paper=side)
        if _small(found, asked):
            rows.append((label, LEFT_OUT, LEFT_OUT, LEFT_OUT, LEFT_OUT))
        elif middle is None:
            rows.append((label, 0, "none", "none", "none"))
        else:
            rows.append((label, len(hours), rounded(middle), rounded(hours[0]), rounded(hours[-1])))
    note = (
        "Hours. A paper: a detainer, an administrative warrant or a notification request, on file at the entitlement."
    )
    if asked.public:
        # The shortest and the longest time are each about one person.
        head, rows = head[:3], [row[:3] for row in rows]
    return Table("medians", "Releases and hours from entitlement to release", head, tuple(rows), note)


def _reading(found: Parity, asked: Asked) -> tuple[str, ...]:
    if _small(found, asked):
        return ("One of the groups is so small that its figures would be about single people: they are left out.",)
    tested = found.tested
    if tested is None:
        return ("One of the groups is empty: there is nothing to compare.",)
    drawn = f"{tested.draws} random dealings, fixed seed" if tested.draws else "large groups: by the normal curve"
    way = "every possible dealing was counted" if tested.exact else drawn
    share = f"{tested.p_value:.4f}" if tested.p_value >= 0.0001 else "below 0.0001"  # noqa: PLR2004  as printed
    one, other = (found.median(with_paper=side) for side in (True, False))
    assert one is not None
    assert other is not None
    test = f"Permutation test on the sum of ranks, two-sided: p = {share} ({way})."
    share_of = _per_cent(tested.p_value)
    chance = (
        f"If a paper made no difference, chance alone would part the groups at least this far in {share_of} of cases"
    )
    longer = "longer" if one > other else "shorter" if one < other else "the same"
    medians = f"The median time with a paper is {longer}: {rounded(one)} hours"
    medians += f" against {rounded(other)}." if one != other else "."
    said = (
        "So chance is a poor explanation" if tested.p_value < _LEVEL else "So chance alone may explain the difference"
    )
    return test, f"{chance}. {said}. {medians}"


def _long(found: Parity) -> str:
    """Say how many waited very long: ranks and medians hardly move, however long a few are kept."""
    told = []
    for (_, label), side in zip(GROUPS, (True, False), strict=True):
        number, of = found.beyond(_LONG, with_paper=side), len(found.hours(with_paper=side))
        told.append(f"{label.lower()} {number} of {of} ({_PERCENT * number / of:.1f} %)")
    waits = f"Released more than {_LONG:.0f} hours after the entitlement: {'; '.join(told)}."
    return f"{waits} Neither the test nor the median says how long such waits are."


def _per_cent(share: float) -> str:
    per_cent = share * _PERCENT
    return f"{per_cent:.1f} %" if per_cent >= 0.1 else "fewer than 0.1 %"  # noqa: PLR2004  as printed


def _plot(found: Parity) -> Plot:
    series = {}
    for key, label in GROUPS:
        total = sum(found.times.cells[row, key] or 0 for row, _, _ in BINS)
        series[label] = [
            rounded(_PERCENT * (found.times.cells[row, key] or 0) / total) if total else 0.0 for row, _, _ in BINS
        ]
    most = {label: max(range(len(BINS)), key=values.__getitem__) for label, values in series.items()}
    told = "; ".join(f"{label}: most often {BINS[at][1]} ({series[label][at]} % of them)" for label, at in most.items())
    return Plot(
        "times_plot",
        "Share of releases by time after the entitlement",
        f"Bars for each span of time, in per cent of each group. {told}. The counts stand in the table above.",
        Shape.BARS,
        "%",
        tuple(label for _, label, _ in BINS),
        series,
    )
