"""The holds report: every stay past release."""

from collections.abc import Iterator
from typing import Final

from integration.reports.asked import Asked
from integration.reports.counting import holds as counting
from integration.reports.counting.holds import (
    CAUSES,
    OVERDUE,
    Overdue,
    by_cause,
    by_month,
    hours_by_cause,
    hours_by_month,
    overdue,
)
from integration.reports.counting.period import Period, local_time
from integration.reports.counting.register import Wanted
from integration.reports.counting.standing import ALWAYS, Standing
from integration.reports.document import LEFT_OUT, Cell, Plot, Section, Shape, Table, rounded, table_of

WANTED: Final = Wanted(counting.TYPES, counting.RULES, later=counting.TYPES - ALWAYS, about_findings=True)
_HOURS_A_DAY: Final = 24
_LABELS: Final = dict(OVERDUE)
_CAUSES: Final = dict(CAUSES)


def sections(standing: Standing, asked: Asked) -> Iterator[Section]:
    """Yield counts by month and cause, person-days with their trend, and in the clerk's copy every stay."""
    period = asked.period
    rows = overdue(standing, period, standing.as_of_text)
    months, causes = by_month(rows, period), by_cause(rows)
    below = asked.below
    by_month_table, by_cause_table = (
        table_of(counts, suppress_below=below, shares_totals=True) for counts in (months, causes)
    )
    yield Section("by_month", "Stays past release", (_said(rows), _FROM_WHEN), (by_month_table,))
    spent = () if by_cause_table.has_left_out else (_hours(rows, period),)
    yield Section("by_cause", "What had entitled the people to release", (), (by_cause_table, *spent))
    hours = list(hours_by_month(rows, period))
    days = _days(hours, only_sum=by_month_table.has_left_out, nothing=0 < len(rows) < below)
    plots = () if days.has_left_out else (_trend(hours),)
    text = (
        "Hours past release that lie in each month, divided by 24: an estimate of how long people were held too long.",
        "A stay that has not ended counts to the time of the log's last entry.",
    )
    yield Section("person_days", "Person-days", text, (days,), plots)
    if not asked.public:
        yield Section("stays", "Every stay", (), (_stays(rows, asked),))


_FROM_WHEN: Final = (
    "On an immigration paper a stay counts however short it is, on no paper only if it lasts longer than the policy "
    "allows for processing a release (six hours, unless the pack says otherwise): the two columns cannot be compared."
)


def _said(rows: list[Overdue]) -> str:
    return (
        "A stay past release is time in custody without authority to keep the person, as the rules find it from the "
        "events that the jail's system sent. What is recorded wrongly there is found wrongly here."
        if rows
        else "No stay past release is found in this period."
    )


def _days(hours: list[tuple[Period, dict[str, float]]], *, only_sum: bool, nothing: bool) -> Table:
    """Lay person-days out; where a month has few people its days are those of one of them."""
    columns = ("Month", *(label for _, label in OVERDUE), "Total")
    rows: list[tuple[Cell, ...]] = []
    sums = {key: 0.0 for key, _ in OVERDUE}
    for month, by_rule in hours:
        values: list[Cell] = [rounded(by_rule[key] / _HOURS_A_DAY) for key, _ in OVERDUE]
        total: Cell = rounded(sum(by_rule.values()) / _HOURS_A_DAY)
        rows.append((month.name(), *([LEFT_OUT] * 3 if only_sum or nothing else [*values, total])))
        sums = {key: sums[key] + by_rule[key] for key in sums}
    last: list[Cell] = [rounded(sums[key] / _HOURS_A_DAY) for key, _ in OVERDUE]
    everything: Cell = rounded(sum(sums.values()) / _HOURS_A_DAY)
    if only_sum:
        last = [LEFT_OUT] * 2
    rows.append(("Total", *last, LEFT_OUT if nothing else everything))
    return Table("person_days", "Estimated person-days past release", columns, tuple(rows), _ROUNDED, totals=True)


_ROUNDED: Final = "Rounded to hundredths after adding up, so that a sum may differ from its parts in the last digit."


def _hours(rows: list[Overdue], period: Period) -> Table:
    lines: list[tuple[Cell, ...]] = []
    sums = {key: 0.0 for key, _ in OVERDUE}
    for label, by_rule in hours_by_cause(rows, period):
        values: list[Cell] = [rounded(by_rule[key]) for key, _ in OVERDUE]
        lines.append((label, *values, rounded(sum(by_rule.values()))))
        sums = {key: sums[key] + by_rule[key] for key in sums}
    lines.append(("Total", *(rounded(sums[key]) for key, _ in OVERDUE), rounded(sum(sums.values()))))
    columns = ("Cause", *(label for _, label in OVERDUE), "Total")
    caption = "Hours past release inside the period, by cause"
    return Table("hours_by_cause", caption, columns, tuple(lines), _ROUNDED, totals=True)


def _trend(hours: list[tuple[Period, dict[str, float]]]) -> Plot:
    series = {label: [rounded(by_rule[key] / _HOURS_A_DAY) for _, by_rule in hours] for key, label in OVERDUE}
    totals = [sum(by_rule.values()) / _HOURS_A_DAY for _, by_rule in hours]
    at = max(range(len(hours)), key=totals.__getitem__)
    told = (
        f"{totals[0]:.1f} in the first, {totals[-1]:.1f} in the last, most in {hours[at][0].name()}: {totals[at]:.1f}"
    )
    return Plot(
        "trend",
        "Person-days past release, by month",
        f"A line for each rule over {len(hours)} months. Both together: {told}. The numbers stand in the table above.",
        Shape.LINES,
        "days",
        tuple(month.first.isoformat()[:7] for month, _ in hours),
        series,
    )


def _stays(rows: list[Overdue], asked: Asked) -> Table:
    zone = asked.zone
    columns = ("Booking", "Held", "From", "To", "Hours past release", "Cause")
    lines: list[tuple[Cell, ...]] = []
    for row in rows:
        end = f"open at {local_time(row.until, zone)}" if row.open else local_time(row.until, zone)
        since = local_time(row.since, zone)
        name = asked.booking(row.source, row.booking)
        lines.append((name, _LABELS[row.rule], since, end, rounded(row.hours), _CAUSES[row.cause]))
    note = f"Times are those of {zone}. Not for publication: booking numbers lead to people."
    return Table("stays", "Every stay past release, by its beginning", columns, tuple(lines), note)
