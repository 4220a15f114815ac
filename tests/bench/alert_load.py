"""How often an operator is alerted, by EEMUA 191's measure, over a simulated year of a large jail.

Findings are the engine's over the simulator's events; alerts are planned by `integration.domain.alerts` in virtual
time. One operator a shift is told everything and answers a fixed time after being told.

``python -m tests.bench.alert_load --write`` puts the table into docs/alerting.md.
"""

import argparse
import heapq
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import orjson

from integration.bootstrap import scratch_desk
from integration.domain.alerts.alert import MOMENT_RULES, Alert
from integration.domain.alerts.book import Book, News
from integration.domain.alerts.planning import Terms, plan
from integration.domain.alerts.routes import Duty, Route, Step
from integration.domain.alerts.said import CaseState, Stage
from integration.domain.instants import DAY, HOUR, MINUTE, NEVER, SECOND, Instant
from integration.policy.pack import load
from integration.runners.replay import replay
from integration.services.intake import Input
from integration.services.ports import FindingRow
from integration.services.projections import FINDING_KINDS, projected
from integration.simulator import SimulationParams, simulate
from integration.store.queries import Records
from schemas.kinds import Rule, Severity
from tests.bench.section import ROOT, table, tell

PACK: Final = "ma-welcoming-community"
ANSWER: Final = 5 * MINUTE
"""From being told to the acknowledgement."""
SLOT: Final = 10 * MINUTE
SHIFT: Final = 12 * HOUR
BEGIN, END = "<!-- load: written by tests/bench/alert_load.py -->", "<!-- end of load -->"
RINGS: Final = frozenset({Stage.FIRST, Stage.ADDED, Stage.ESCALATED, Stage.REPEATED, Stage.REOPENED})
"""What asks for an answer. What ends or closes does not."""

ROUTE: Final = Route(
    "all",
    frozenset(),
    frozenset(),
    frozenset(),
    (Step(("operator",), (), 15 * MINUTE),),
    gather=10 * SECOND,
    window=5 * MINUTE,
    repeat=15 * MINUTE,
    reopen=30 * MINUTE,
)
QUIET: Final = replace(ROUTE, name="quiet", severities=frozenset({Severity.ADVICE}), steps=())


@dataclass(frozen=True)
class Variant:
    name: str
    routes: tuple[Route, ...]
    days: int = 0
    """How many of the last days are counted, and as many before them lived through; 0: all. For what rings millions
    of times."""


VARIANTS: Final = (
    Variant("each finding by itself (30 days)", (replace(ROUTE, window=0),), 30),
    Variant("grouped (5 min window)", (ROUTE,)),
    Variant("grouped, advice in lists only", (QUIET, ROUTE)),
    Variant("the same, acknowledgements count 8 h", (QUIET, replace(ROUTE, reopen=8 * HOUR))),
)


def changes(bookings: float, days: int) -> list[tuple[Instant, str, FindingRow]]:
    """What the log tells of findings, in its order."""
    params = SimulationParams(facilities=1, bookings_per_day=bookings, days=days, duplicates=0.0)
    pack = load(PACK)
    with tempfile.TemporaryDirectory() as folder:
        store, desk = scratch_desk(Path(folder) / "load.sqlite", pack)
        lines = simulate(params, on_day=lambda day: tell(f"day {day}") if day % 30 == 0 else None)
        replay((Input(f"load:{number}", raw) for number, raw in enumerate(lines, start=1)), desk)
        told = []
        for entry in Records(store.engine).entries_of_kinds(FINDING_KINDS):
            row = projected(orjson.loads(entry.body or b"{}"))
            assert isinstance(row, FindingRow)
            told.append((entry.at, entry.kind, row))
        store.close()
    return told


class Operator:
    """Plans alerts over what the log tells, and answers them."""

    def __init__(self, variant: Variant) -> None:
        self._routes = variant.routes
        self._book = Book(self._route_of)
        self._duty = Duty(lambda _name, _at: (), lambda _name, _at: NEVER)
        self._due: list[tuple[Instant, int, str]] = []
        """(when, 0 to answer or 1 to plan, alert)."""
        self._planned_at: dict[str, Instant] = {}
        """When each alert is next to be planned: what lies in the queue for another time is stale."""
        self._settled: set[str] = set()
        self.rung: list[tuple[Instant, bool]] = []
        """When, and whether it was news."""

    def _route_of(self, source: str, rule: Rule, severity: Severity) -> Route:
        return next(each for each in self._routes if each.takes(source, rule, severity))

    def live(self, told: list[tuple[Instant, str, FindingRow]], until: Instant) -> None:
        for at, kind, row in told:
            self._pass(at)
            if row.finding_id not in self._settled:
                self._book.observe(_news(at, kind, row))
                self._replan(at)
        self._pass(until)

    def _pass(self, until: Instant) -> None:
        while self._due and self._due[0][0] <= until:
            at, plans, alert_id = heapq.heappop(self._due)
            alert = self._book.alerts.get(alert_id)
            if alert is None:
                continue
            if not plans:
                covers = {each.finding_id for each in alert.open_members() if each.told}
                if alert.acked_at is None and self._book.acknowledge(alert_id, "operator", at, covers):
                    self._settled |= covers if alert.group.rule in MOMENT_RULES else set()
                    self._replan(at)
            elif self._planned_at[alert_id] == at:
                self._plan(alert, at)

    def _replan(self, at: Instant) -> None:
        for alert_id in list(self._book.changed):
            self._plan(self._book.alerts[alert_id], at)

    def _plan(self, alert: Alert, at: Instant) -> None:
        alert = self._book.reopening(alert, at)
        for other in [each for each in self._book.changed if each != alert.alert_id]:
            if self._book.alerts[other].merged_into:
                self._book.put(plan(self._book.alerts[other], Terms(self._book.route(alert), self._duty), at).alert)
        planned = plan(alert, Terms(self._book.route(alert), self._duty), at)
        self._book.put(planned.alert)
        rings = [send.stage for send in planned.sends if send.stage in RINGS]
        self.rung += [(at, stage in {Stage.FIRST, Stage.ADDED}) for stage in rings]
        if rings:
            heapq.heappush(self._due, (at + ANSWER, 0, alert.alert_id))
        self._planned_at[alert.alert_id] = planned.next_at
        if planned.next_at != NEVER:
            heapq.heappush(self._due, (planned.next_at, 1, alert.alert_id))
        self._book.take_changed()


def _news(at: Instant, kind: str, row: FindingRow) -> News:
    begins = kind in {"finding.raised", "finding.reopened"}
    state = CaseState(row.status)
    about = (row.finding_id, row.source, row.booking, Rule(row.rule), Severity(row.severity))
    return News(*about, row.until, state, at, begins=begins)


def measured(rung: list[Instant], begin: Instant, end: Instant) -> tuple[str, ...]:
    """Alarms per 10 minutes: mean, share of slots with one or more and with more than ten, most; and per shift."""
    slots = Counter((at - begin) // SLOT for at in rung)
    shifts = Counter((at - begin) // SHIFT for at in rung)
    count, of_shift = (end - begin) // SLOT, sorted(shifts[each] for each in range((end - begin) // SHIFT))
    loud = sum(1 for each in slots.values() if each > 1)
    return (
        f"{len(rung):,}",
        f"{len(rung) / count:.3f}",
        f"{100 * loud / count:.2f} %",
        f"{max(slots.values(), default=0)}",
        f"{sum(of_shift) / len(of_shift):.1f}",
        f"{of_shift[int(0.99 * len(of_shift))]}",
    )


def rows(bookings: float, days: int) -> Iterator[tuple[str, ...]]:
    told = changes(bookings, days)
    # The jail is empty at first: the first month fills it and is left out.
    begin, end = told[0][0] + min(30, days // 4) * DAY, told[-1][0]
    tell(f"{len(told)} changes of findings")
    for variant in VARIANTS:
        operator, first = Operator(variant), max(begin, end - variant.days * DAY) if variant.days else begin
        lived = [each for each in told if not variant.days or each[0] >= first - variant.days * DAY]
        operator.live(lived, end)
        counted = [each for each in operator.rung if first <= each[0] < end]
        fresh = [at for at, news in counted if news]
        yield (f"{variant.name}: new alerts", *measured(fresh, first, end))
        yield (f"{variant.name}: with reminders", *measured([at for at, _ in counted], first, end))
        tell(variant.name)


HEADINGS: Final = ("", "alarms", "per 10 min", "slots with more than 1", "most in a slot", "per shift", "99th shift")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=float, default=300.0, help="a day")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--write", action="store_true", help="into docs/alerting.md")
    asked = parser.parse_args()
    counted = table(HEADINGS, rows(asked.bookings, asked.days))
    text = f"Measured over {asked.days} days with {asked.bookings:g} bookings a day.\n\n{counted}"
    print(text)
    if asked.write:
        page = ROOT / "docs" / "alerting.md"
        before, _, rest = page.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


if __name__ == "__main__":
    main()
