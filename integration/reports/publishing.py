"""Public copies beside earlier ones: two that tell of the same days can be subtracted from each other.

Each public copy is safe by itself (`suppression`). All facilities less one, half a year less its months, a corrected
copy less the first one, or the same people under two headings would tell counts that both leave out. So a copy is
refused where an earlier one that was filed overlaps with it. Copies whose days or facilities are apart share no count.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from integration.errors import UsageError
from integration.reports.asked import Asked, ReportKind
from integration.reports.columns import Measure, load_columns

_COUNCIL, _HOLDS, _GATE = ReportKind.COUNCIL, ReportKind.HOLDS, ReportKind.GATE
_SHARED: Final[Mapping[ReportKind, frozenset[Measure]]] = {
    _HOLDS: frozenset({Measure.DETAINED, Measure.DETAINERS_BY_OUTCOME}),
    _GATE: frozenset({Measure.ASSISTANCE}),
}
"""Measures of a council's report that count what another kind of report counts, too."""


class Published(NamedTuple):
    """A public copy that was filed."""

    entry: int
    asked: Asked

    @property
    def name(self) -> str:
        """Say which."""
        told = self.asked
        place = told.facility or "all facilities"
        columns = f" ({told.columns})" if told.columns else ""
        return f"{told.report}{columns} of {told.period.name()}, {place}, entry {self.entry}"


class SubtractableError(UsageError):
    """A public copy could be subtracted from an earlier one."""

    def __init__(self, earlier: Iterable[Published]) -> None:
        """Args: ``earlier`` are the copies that it overlaps with."""
        self.earlier = tuple(earlier)
        names = "; ".join(each.name for each in self.earlier)
        super().__init__(
            f"counts that are left out could be told by subtracting this public copy and one filed before: {names}. "
            "--despite-earlier makes it all the same, and its page says so"
        )


def overlapping(asked: Asked, filings: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Published]:
    """Return the public copies filed earlier that share counts with this one.

    None where neither this copy nor the earlier one leaves small counts out: nothing is hidden then.

    Args:
        asked: the copy that is to be made.
        filings: index and detail of the entries that filed reports.
    """
    if not asked.public:
        return []
    public = (Published(entry, Asked.from_detail(detail)) for entry, detail in filings if detail.get("public"))
    return [each for each in public if _overlap(asked, each.asked)]


def same_figures_asked(asked: Asked, earlier: Asked) -> bool:
    """Tell whether both ask for the very same tables: then they tell the same, unless the log tells more by now."""
    names = ("report", "first", "end", "zone", "facility", "columns", "below")
    return all(getattr(asked, name) == getattr(earlier, name) for name in names)


def _overlap(one: Asked, other: Asked) -> bool:
    if not (one.below or other.below):
        return False
    apart = one.facility and other.facility and one.facility != other.facility
    days, others = one.period, other.period
    together = days.start_text < others.end_text and others.start_text < days.end_text
    return not apart and together and _share_counts(one, other)


def _share_counts(one: Asked, other: Asked) -> bool:
    kinds = {ReportKind(one.report), ReportKind(other.report)}
    if len(kinds) == 1:
        return True
    shared = next((measures for kind, measures in _SHARED.items() if kinds == {_COUNCIL, kind}), frozenset())
    return bool(shared) and bool(shared & _measures(one if one.report == _COUNCIL else other))


def _measures(asked: Asked) -> frozenset[Measure]:
    try:
        return frozenset(section.measure for section in load_columns(asked.columns).sections)
    except UsageError:
        return frozenset(Measure)  # a file that is gone: it may have counted anything
