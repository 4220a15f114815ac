"""The report to the council (M-4), by a jurisdiction's column set."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from integration.reports.asked import Asked
from integration.reports.columns import Columns, Measure
from integration.reports.counting import messages, papers
from integration.reports.counting.custody import OPENED, PLACED, RELEASED, TRANSFERRED
from integration.reports.counting.outcomes import BAIL, by_outcome, by_reason, outcomes
from integration.reports.counting.period import Period, local_time
from integration.reports.counting.register import Wanted
from integration.reports.counting.standing import Standing
from integration.reports.document import LEFT_OUT, Cell, Section, Table, table_of

_LATER: Final = frozenset({OPENED, RELEASED})
_FOR_M4: Final = Wanted(papers.TYPES, papers.RULES, later=_LATER, about=frozenset({TRANSFERRED, RELEASED}))
WANTED: Final = Wanted(
    types=papers.TYPES | {messages.ASSISTANCE, BAIL},
    rules=papers.RULES,
    decisions=frozenset({"assistance"}),
    later=_LATER | {BAIL},
    about=frozenset({TRANSFERRED, RELEASED, PLACED}),
)
_M4: Final = frozenset({Measure.REQUESTS, Measure.DETAINED, Measure.TRANSFERRED, Measure.REIMBURSEMENTS})


def wanted(columns: Columns) -> Wanted:
    """Return which entries a column set needs."""
    return _FOR_M4 if all(each.measure in _M4 for each in columns.sections) else WANTED


def sections(standing: Standing, asked: Asked, columns: Columns) -> Iterator[Section]:
    """Yield a section for each measure of the column set."""
    for number, section in enumerate(columns.sections):
        tables, text = _MEASURES[section.measure](standing, asked)
        said = (section.text, *text) if section.text else text
        yield Section(f"section_{number + 1}", section.heading, tuple(said), tuple(tables))


def is_zero(standing: Standing, period: Period, columns: Columns) -> bool:
    """Tell whether every figure of a column set is zero; one that is not recorded is not zero."""
    return all(_TOTALS[section.measure](standing, period) == 0 for section in columns.sections)


_Made = tuple[list[Table], tuple[str, ...]]


def _requests(standing: Standing, asked: Asked) -> _Made:
    counts = papers.by_kind_and_reason(standing, asked.period)
    return [table_of(counts, suppress_below=asked.below)], (
        "A paper counts by what it is, not by the label that the jail's system gave it.",
        "Each counts once, in the period in which it was lodged; one that states several counts under several reasons.",
    )


def _detained(standing: Standing, asked: Asked) -> _Made:
    counts = papers.detained_by_kind_and_reason(standing, asked.period)
    text = [
        "People who were in custody on such a paper and on no other ground, for any time, beginning in this period.",
        "A person counts once for each booking.",
    ]
    over = papers.carried_over(standing, asked.period)
    if not asked.public:
        text.append(f"Kept so already when the period began, and counted in an earlier one: {over}.")
    return [table_of(counts, suppress_below=asked.below)], tuple(text)


def _transferred(standing: Standing, asked: Asked) -> _Made:
    return [table_of(papers.transferred(standing, asked.period, asked.below), suppress_below=asked.below)], ()


def _reimbursements(standing: Standing, asked: Asked) -> _Made:
    found = papers.reimbursements(standing, asked.period)
    sums: dict[str, Decimal] = {}
    for each in found:
        sums[each.currency] = sums.get(each.currency, Decimal(0)) + (each.amount or Decimal(0))
    total: list[tuple[Cell, ...]] = [
        ("Total", "", currency, _money(amount)) for currency, amount in sorted(sums.items())
    ] or [("Total", "", "", "0")]
    number: dict[tuple[str, str], str] = {}
    rows: list[tuple[Cell, ...]] = []
    for each in found:
        case = number.setdefault((each.source, each.booking), f"Case {len(number) + 1}")
        if not asked.public:
            case = f"{case} ({asked.booking(each.source, each.booking)})"
        when = each.time[:7] if asked.public else local_time(each.time, asked.zone)
        rows.append((case, when, each.currency, "not stated" if each.amount is None else _money(each.amount)))
    if 0 < len(found) < asked.below:
        rows, total = [], [("Total", "", "", LEFT_OUT)]
    columns = ("Case", "Received", "Currency", "Amount")
    note = f"Fewer than {asked.below} payments: they are left out of the public copy." if LEFT_OUT in total[0] else ""
    table = Table("reimbursements", "Reimbursements received, by case", columns, (*rows, *total), note, totals=True)
    return [table], ()


def _money(amount: Decimal) -> str:
    return f"{amount:f}"


def _assistance(standing: Standing, asked: Asked) -> _Made:
    return [table_of(messages.assistance(standing, asked.period), suppress_below=asked.below)], ()


def _papers(standing: Standing, asked: Asked) -> _Made:
    zone = asked.zone
    rows: list[tuple[Cell, ...]] = []
    for number, each in enumerate(outcomes(standing, asked.period), 1):
        of = asked.booking(each.request.source, each.request.booking)
        name = str(number) if asked.public else f"{number} ({of})"
        times = (each.request.lodged, each.bail_posted, each.left)
        received, bail, left = ("" if time is None else local_time(time, zone) for time in times)
        rows.append((name, messages.words(each.request.kind), received, bail, each.how, left, each.to_agency))
    columns = ("Number", "Kind", "Received", "Bail posted", "Released or transferred", "When", "To agency")
    note = f"Times are those of {zone}. No names: the numbers are this report's own."
    number_of = LEFT_OUT if 0 < len(rows) < asked.below else str(len(rows))
    if asked.below:
        rows, note = [], "Papers one by one are left out of a copy that leaves small counts out."
    table = Table("papers", "Detainers and civil immigration warrants, one by one", columns, tuple(rows), note)
    return [table], (f"Number of papers: {number_of}.",)


def _by_outcome(standing: Standing, asked: Asked) -> _Made:
    return [table_of(by_outcome(standing, asked.period), suppress_below=asked.below, shares_totals=True)], ()


def _by_reason(standing: Standing, asked: Asked) -> _Made:
    return [table_of(by_reason(standing, asked.period), suppress_below=asked.below, shares_totals=True)], ()


_MEASURES: Final[dict[Measure, Callable[[Standing, Asked], _Made]]] = {
    Measure.REQUESTS: _requests,
    Measure.DETAINED: _detained,
    Measure.TRANSFERRED: _transferred,
    Measure.REIMBURSEMENTS: _reimbursements,
    Measure.ASSISTANCE: _assistance,
    Measure.PAPERS: _papers,
    Measure.DETAINERS_BY_OUTCOME: _by_outcome,
    Measure.DETAINERS_BY_REASON: _by_reason,
}
_TOTALS: Final[dict[Measure, Callable[[Standing, Period], int | None]]] = {
    Measure.REQUESTS: lambda standing, period: papers.by_kind_and_reason(standing, period).total,
    Measure.DETAINED: lambda standing, period: papers.detained_by_kind_and_reason(standing, period).total,
    Measure.TRANSFERRED: lambda standing, period: (
        None if papers.unnamed(standing, period) else papers.transferred(standing, period).total
    ),
    Measure.REIMBURSEMENTS: lambda standing, period: len(papers.reimbursements(standing, period)),
    Measure.ASSISTANCE: lambda standing, period: messages.assistance(standing, period).total,
    Measure.PAPERS: lambda standing, period: len(outcomes(standing, period)),
    Measure.DETAINERS_BY_OUTCOME: lambda standing, period: by_outcome(standing, period).total,
    Measure.DETAINERS_BY_REASON: lambda standing, period: by_reason(standing, period).total,
}
