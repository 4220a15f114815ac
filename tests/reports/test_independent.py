"""The figures of every report equal those of a count by another road: SQL over the exported log."""

from collections import Counter
from datetime import date

import pytest

from integration.reports.counting import holds, messages, papers, parity
from integration.reports.counting.period import Period
from integration.reports.counting.register import Register, Wanted
from integration.reports.counting.standing import Standing
from integration.reports.pages import council, gate
from integration.reports.pages import holds as holds_page
from integration.reports.pages import parity as parity_page
from tests.reports.independent import Count, instants
from tests.reports.logs import ZONE, bodies

PERIODS = [(date(2026, 1, 1), date(2026, 7, 1)), (date(2026, 3, 8), date(2026, 5, 9))]
SOURCES = [None, "/sim/millbrook"]


def counts(table) -> Counter:
    return Counter({key: value for key, value in table.cells.items() if value})


def standing(log, size: int, wanted: Wanted, source: str | None) -> Standing:
    register = Register(wanted, source)
    register.read(bodies(log), size)
    return Standing(register)


@pytest.fixture(scope="module", params=SOURCES, ids=["all", "one facility"])
def both(request, half_year, half_year_size):
    """The independent count, and what makes the program's."""
    return Count(half_year, request.param), lambda wanted: standing(half_year, half_year_size, wanted, request.param)


@pytest.mark.parametrize("period", PERIODS, ids=["half a year", "over the clock change"])
def test_council_figures_equal_another_count_when_counted_from_the_same_log(both, period):
    independent, program = both
    days, times = Period(*period, ZONE), instants(*period, ZONE)
    found = program(council.WANTED)
    assert counts(papers.by_kind_and_reason(found, days)) == independent.requests(**times)
    assert counts(papers.detained_by_kind_and_reason(found, days)) == independent.detained(**times)
    transferred = {row: count for (row, _), count in counts(papers.transferred(found, days)).items()}
    assert transferred == independent.transferred(**times)
    paid = [(each.currency, str(each.amount)) for each in papers.reimbursements(found, days)]
    assert sorted(paid, key=str) == independent.paid(**times)


@pytest.mark.parametrize("period", PERIODS, ids=["half a year", "over the clock change"])
def test_parity_figures_equal_another_count_when_counted_from_the_same_log(both, period):
    independent, program = both
    found = parity.parity(program(parity_page.WANTED), Period(*period, ZONE))
    left_out, hours = independent.released(**instants(*period, ZONE))
    assert Counter({row: count for (row, _), count in counts(found.left_out).items()}) == left_out
    for side in (True, False):
        assert found.hours(with_paper=side) == pytest.approx(hours[side])
    assert hours[True]
    assert hours[False]


@pytest.mark.parametrize("period", PERIODS, ids=["half a year", "over the clock change"])
def test_stays_equal_another_count_when_counted_from_the_same_log(both, period):
    independent, program = both
    days = Period(*period, ZONE)
    found = program(holds_page.WANTED)
    rows = holds.overdue(found, days, found.as_of_text)
    number, hours = independent.overdue(**instants(*period, ZONE))
    assert Counter((row.cause, row.rule) for row in rows) == number
    mine = Counter[str]()
    for _, by_rule in holds.hours_by_month(rows, days):
        mine.update(by_rule)
    assert dict(mine) == pytest.approx(hours)


@pytest.mark.parametrize("request_kind", ["message", "access", "assistance"])
def test_decisions_equal_another_count_when_counted_from_the_same_log(both, request_kind):
    independent, program = both
    found = program(gate.WANTED)
    table = messages.decided(found, Period(*PERIODS[0], ZONE), request_kind, "x")
    assert counts(table) == independent.decided(request_kind, **instants(*PERIODS[0], ZONE))


def test_approvals_equal_another_count_when_counted_from_the_same_log(both):
    independent, program = both
    table = messages.approvals(program(gate.WANTED), Period(*PERIODS[0], ZONE), by_approver=True)
    assert counts(table) == independent.approved(**instants(*PERIODS[0], ZONE))


def test_the_simulated_year_has_everything_when_it_is_counted(half_year, half_year_size):
    """Figures of nothing would be equal, too."""
    days = Period(*PERIODS[0], ZONE)
    found = standing(half_year, half_year_size, council.WANTED, None)
    for table in (papers.by_kind_and_reason, papers.detained_by_kind_and_reason, papers.transferred):
        assert table(found, days).total
    assert papers.transferred(found, days).value("with_warrant", "people")
    assert papers.reimbursements(found, days)
