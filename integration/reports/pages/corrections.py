"""What became known later about earlier periods, shown as corrections to them and never in the current figures."""

from collections.abc import Iterator
from decimal import Decimal

from integration.reports.asked import Asked
from integration.reports.counting import papers
from integration.reports.counting.period import Period
from integration.reports.counting.register import Register
from integration.reports.counting.standing import Standing
from integration.reports.counting.tables import Counts
from integration.reports.document import NOT_RECORDED, Cell, Section, Table


def section(register: Register, asked: Asked) -> Section:
    """Compare every earlier period that was filed, and the one before this, with what is known now."""
    now = Standing(register)
    tables, text = [], []
    for period, size, filed in _earlier(register, asked):
        rows = tuple(_changed(Standing(register, size), now, period))
        since = f"as filed from the first {size} entries" if filed else f"as known at its end, at {size} entries"
        if asked.below:
            # An earlier public copy less a corrected one would tell a count that both leave out.
            changed = "Figures changed; the clerk's copy has them." if rows else "No figure changed."
            text.append(f"{period.name()} ({since}): {changed}")
        elif rows:
            name = f"corrections_{period.first:%Y_%m_%d}_{period.last:%Y_%m_%d}"
            caption = f"Corrections to {period.name()}, {since}"
            tables.append(Table(name, caption, ("Figure", "Then", "Now", "Change"), rows))
        else:
            text.append(f"{period.name()} ({since}): no figure changed.")
    return Section("corrections", "Corrections to earlier periods", tuple(text), tuple(tables))


def _earlier(register: Register, asked: Asked) -> Iterator[tuple[Period, int, bool]]:
    """Yield earlier periods, each with the size of the log that its last report was counted from."""
    this, filed = asked.period, {}
    for _, detail in register.filings:
        other = detail.get("report"), detail.get("facility"), detail.get("zone")
        if other == (asked.report, asked.facility, asked.zone) and str(detail["end"]) <= asked.first:
            before = Asked.from_detail(detail)
            filed[before.period] = before.size
    for period, size in sorted(filed.items()):
        yield period, size, True
    last = this.before()
    if last not in filed:
        yield last, register.cut, False


def _changed(then: Standing, now: Standing, period: Period) -> Iterator[tuple[Cell, ...]]:
    for count in (papers.by_kind_and_reason, papers.detained_by_kind_and_reason, papers.transferred):
        yield from _differing(count(then, period), count(now, period))
    before, after = (papers.reimbursements(standing, period) for standing in (then, now))
    if before != after:
        yield "Reimbursements: number", len(before), len(after), len(after) - len(before)
        sums = [sum((each.amount or Decimal(0) for each in rows), Decimal(0)) for rows in (before, after)]
        yield "Reimbursements: sum of amounts", f"{sums[0]:f}", f"{sums[1]:f}", f"{sums[1] - sums[0]:f}"


def _differing(before: Counts, after: Counts) -> Iterator[tuple[Cell, ...]]:
    for row, row_label in before.rows:
        for column, column_label in before.columns:
            one, other = before.cells[row, column], after.cells[row, column]
            if one != other:
                label = f"{before.caption}: {row_label}, {column_label}"
                change: Cell = NOT_RECORDED if one is None or other is None else other - one
                yield label, NOT_RECORDED if one is None else one, NOT_RECORDED if other is None else other, change
