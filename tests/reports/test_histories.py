"""Three counts of the same random history agree: the program's, the SQL's and the auditor's.

The histories are full of what real feeds have seldom: retractions of retractions, moves, voids, repeated holds.
"""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from integration.audit.entry import leaf
from integration.reports.columns import load_columns
from integration.reports.counting import holds, messages, papers, parity
from integration.reports.counting.period import Period
from integration.reports.counting.register import Register, Wanted
from integration.reports.counting.standing import Standing
from integration.reports.pages import council, gate
from integration.reports.pages import holds as holds_page
from integration.reports.pages import parity as parity_page
from tests.differential import run, test_pack
from tests.oracle.histories import history, wide
from tests.reports import auditor
from tests.reports.independent import Count, instants

FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2199, 12, 30)
PACK = test_pack()


def days_of(events: list[dict], dice: random.Random, zone: str) -> Period:
    """A period that cuts the history somewhere."""
    days = sorted(datetime.fromisoformat(event["time"]).date() for event in events)
    first = min(max(dice.choice(days), FIRST_DAY), LAST_DAY)
    return Period(first, min(max(dice.choice(days), first) + timedelta(days=1), LAST_DAY + timedelta(days=1)), zone)


def nonzero(table) -> Counter:
    return Counter({key: value for key, value in table.cells.items() if value})


class Program:
    def __init__(self, bodies: list[bytes], source: str) -> None:
        self.bodies, self.source = bodies, source or None

    def __call__(self, wanted: Wanted) -> Standing:
        register = Register(wanted, self.source)
        register.read(self.bodies, len(self.bodies))
        return Standing(register)


def check(make, seed: int, folder: Path) -> Counter:
    """Compare all three; returns what there was to compare."""
    dice = random.Random(seed)
    events = make(seed, bookings=dice.choice((1, 3, 5)), size=dice.choice((30, 60, 90)))
    zone = dice.choice(("UTC", "America/Detroit", "Asia/Kolkata"))
    period, source = days_of(events, dice, zone), dice.choice(("", "/jms/a"))
    store, _ = run(events, PACK)
    bodies = [row.body or b"" for row in store.entries]
    with (folder / "audit.jsonl").open("wb") as stream:
        for row in store.entries:
            told = {"index": row.leaf_index, "leaf": leaf(row.salt or b"", row.body or b"").decode()}
            stream.write(orjson.dumps({**told, "entry": orjson.loads(row.body or b"")}) + b"\n")
    sql, program, times = (
        Count(folder, source or None),
        Program(bodies, source),
        instants(period.first, period.end, zone),
    )

    found = program(council.WANTED)
    requests, detained = papers.by_kind_and_reason(found, period), papers.detained_by_kind_and_reason(found, period)
    transferred = papers.transferred(found, period)
    assert nonzero(requests) == sql.requests(**times)
    assert nonzero(detained) == sql.detained(**times)
    assert {row: n for (row, _), n in nonzero(transferred).items()} == sql.transferred(**times)
    # The council's report of the model ordinance passes most holds over.
    assert papers.transferred(program(council.wanted(load_columns("m-4"))), period) == transferred
    paid = papers.reimbursements(found, period)
    assert sorted((each.currency, each.amount and str(each.amount)) for each in paid) == sorted(sql.paid(**times))

    log = auditor.Log(enumerate(orjson.loads(body) for body in bodies), source)
    theirs = auditor.counted(log, times["start"], times["end"])
    assert theirs["requests"] == [[requests.cells[kind, why] for why in auditor.REASONS] for kind in auditor.KINDS]
    assert theirs["detained"] == [[detained.cells[kind, why] for why in auditor.REASONS] for kind in auditor.HELD_ON]
    assert theirs["transferred"] == [[transferred.cells[row, "people"]] for row, _ in transferred.rows]
    assert theirs["reimbursements"]["payments"] == len(paid)

    compared = parity.parity(program(parity_page.WANTED), period)
    left_out, hours = sql.released(**times)
    assert {row: n for (row, _), n in nonzero(compared.left_out).items()} == left_out
    for side in (True, False):
        assert compared.hours(with_paper=side) == pytest.approx(hours[side])

    found = program(holds_page.WANTED)
    rows = holds.overdue(found, period, found.as_of_text)
    number, inside = sql.overdue(**times)
    assert Counter((row.cause, row.rule) for row in rows) == number
    total = sum(sum(by_rule.values()) for _, by_rule in holds.hours_by_month(rows, period))
    assert total == pytest.approx(sum(inside.values()))

    found = program(gate.WANTED)
    for kind in ("message", "access", "assistance"):
        assert nonzero(messages.decided(found, period, kind, "x")) == sql.decided(kind, **times)
    assert nonzero(messages.approvals(found, period, by_approver=True)) == sql.approved(**times)
    return Counter(
        requests=requests.total or 0, detained=detained.total or 0, transferred=transferred.total or 0, paid=len(paid),
        with_paper=len(hours[True]), without=len(hours[False]), overdue=len(rows), left_out=sum(left_out.values()),
    )  # fmt: skip


@pytest.mark.parametrize("make", [history, wide], ids=["plain", "wide"])
def test_three_counts_agree_when_histories_are_random(make, tmp_path):
    seen = Counter()
    for seed in range(40):
        seen += check(make, seed, tmp_path)
    assert all(seen[name] for name in ("requests", "detained", "without", "overdue", "left_out")), seen


@pytest.mark.by_hand
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("make", [history, wide], ids=["plain", "wide"])
def test_three_counts_agree_when_very_many_histories_are_random(make, tmp_path):
    seen = Counter()
    for seed in range(1000, 3000):
        seen += check(make, seed, tmp_path)
    print(seen)
