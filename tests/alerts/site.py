"""A jail with real findings in a real database, and alerting over it in virtual time: receivers, faults, crashes."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import text

from integration.bootstrap import open_desk, open_store
from integration.domain.alerts.routes import Duty, Route, Step
from integration.domain.alerts.shifts import Roster
from integration.domain.alerts.topics import DutyKind, Patience
from integration.domain.instants import DAY, HOUR, MINUTE, SECOND, Instant
from integration.policy.pack import load
from integration.services.alertacts import AlertActs
from integration.services.alerting import Alerting, Outcome, OwingOf, Plans
from integration.services.alertports import NoticeRow
from integration.services.auditing import AuditDesk
from integration.services.desk import Desk
from integration.services.duties import Duties
from integration.services.dutyports import WaitingLimits
from integration.services.intake import Input, Intake
from integration.services.recorder import Appender
from integration.store.alertacts import SqlAlertActs
from integration.store.duties import SqlDuties
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault
from schemas.kinds import Severity

SOURCE = "/jms/example-county"
PACK = load("lansing-eo-2017-01")
START = datetime(2026, 3, 2, 18, tzinfo=UTC)
ROUTE = Route(
    "all",
    frozenset(),
    frozenset(),
    frozenset(),
    (
        Step(("desk",), (), 5 * MINUTE),
        Step((), ("watch",), 10 * MINUTE),
        Step(("chief",), (), 10 * MINUTE),
    ),
    gather=10 * SECOND,
    window=5 * MINUTE,
    repeat=15 * MINUTE,
    reopen=30 * MINUTE,
)
BOUNDS = {Severity.VIOLATION: HOUR, Severity.WARNING: 24 * HOUR, Severity.ADVICE: 24 * HOUR}


def instant(moment: datetime) -> Instant:
    return int(moment.timestamp()) * SECOND + moment.microsecond


def event(event_id: str, of: str, booking: str, at: datetime, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": f"jail.{of}.v1",
        "subject": booking,
        "time": at.isoformat(),
        "data": data,
    }


def held(booking: str, due_at: datetime) -> list[dict[str, Any]]:
    """A booking with a detainer on file and a release time."""
    begun = due_at - timedelta(hours=6)
    return [
        event(f"{booking}-1", "booking.opened", booking, begun),
        event(f"{booking}-2", "hold.placed", booking, begun, hold_id="h-1", kind="charge"),
        event(
            f"{booking}-3",
            "hold.placed",
            booking,
            begun + timedelta(minutes=5),
            hold_id="h-2",
            kind="immigration_detainer",
            document={"form": "I-247A"},
        ),
        event(
            f"{booking}-4",
            "release.due",
            booking,
            begun + timedelta(minutes=9),
            due_at=due_at.isoformat(),
            reason="charges_dropped",
        ),
    ]


def released(booking: str, at: datetime) -> dict[str, Any]:
    return event(f"{booking}-9", "release.completed", booking, at)


@dataclass
class Receiver:
    """Somebody who is told, or not."""

    fails: str = ""
    """Why it takes nothing."""
    permanent: bool = False
    seconds: float = 0.2
    """For one notice."""
    got: list[tuple[Instant, str]] = field(default_factory=list)
    """When, and the notice's id."""


@dataclass
class Lane:
    """What a receiver is being sent."""

    row: NoticeRow
    until: Instant


class Site:
    """One database: an engine, alerting, and a clock that the test moves."""

    def __init__(
        self, url: str, *, route: Route = ROUTE, rosters: dict[str, Roster] | None = None, beside: bool = False
    ) -> None:
        self.url = url
        self.beside = beside
        self.now = instant(START)
        self.engine_store = open_store(url, Vault.throwaway())
        if beside:
            self.desk = Desk(self.engine_store, Appender(), lambda _source, _at: PACK, place="test", earlier=[PACK])
        else:
            self.desk = open_desk(self.engine_store, lambda _source, _at: PACK, place="test", earlier=[PACK])
        self._stores: list[SqlStore] = [self.engine_store]
        self.route = route
        self.rosters = rosters or {"watch": Roster([])}
        self.receivers = {name: Receiver() for name in ("desk", "watch", "chief")}
        self.lanes: dict[str, Lane] = {}
        self.not_before: dict[str, Instant] = {}
        self.outcomes: list[Outcome] = []
        self.crashes = 0
        self.keepers: frozenset[str] = frozenset()
        """Receivers that keep a state of each alert."""
        self.patience: dict[DutyKind, Patience] = {}
        """Of duties; empty: nobody is reminded of any."""
        self.rows = SqlAlertActs(self._own_store().engine)
        self.alerting = self.started()

    def _own_store(self) -> SqlStore:
        store = open_store(self.url, Vault.throwaway())
        self._stores.append(store)
        return store

    def audit_desk(self) -> AuditDesk:
        return AuditDesk(self._own_store(), place="test", now=lambda: self.now, beside=self.beside)

    def acts(self) -> AlertActs:
        return AlertActs(self.rows, self.audit_desk(), lambda: self.now)

    def started(self) -> Alerting:
        duty = Duty(lambda n, at: self.rosters[n].on_duty(at), lambda n, at: self.rosters[n].next_change(at))
        plans = Plans((self.route,), duty, BOUNDS, self.patience, keepers=self.keepers)
        return Alerting(self.rows, self.audit_desk(), plans, self._owing() if self.patience else None)

    def duties(self, limits: WaitingLimits = WaitingLimits()) -> Duties:  # noqa: B008  it is frozen
        store = SqlDuties(self.engine_store.engine)
        return Duties(store, self.audit_desk(), lambda _source, _at: PACK, lambda: self.now, 7 * DAY, limits=limits)

    def _owing(self) -> OwingOf:
        duties, patience = self.duties(), self.patience
        return lambda now: duties.owing(patience, now)

    def remind(self, patience: dict[DutyKind, Patience]) -> None:
        """From now on people are reminded of duties."""
        self.patience = patience
        self.alerting = self.started()

    def close(self) -> None:
        for store in self._stores:
            store.close()

    # -- the engine --------------------------------------------------------------------------------------------------

    def take(self, events: Iterable[dict[str, Any]]) -> None:
        self.desk.catch_up()
        inputs = [Input(f"test:{each['id']}", orjson.dumps(each)) for each in events]
        tally = Intake(self.desk).take(inputs, lambda _event: self.now, pass_time=lambda now: None)
        assert not tally.refused, tally.reasons
        self.desk.commit()

    def fire(self) -> None:
        """Let the engine fire what has come due."""
        self.desk.catch_up()
        self.desk.advance(self.now, at=self.now)
        self.desk.commit()

    # -- alerting ----------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """One turn of the alerting process: take outcomes in, plan, send."""
        for name, lane in list(self.lanes.items()):
            if lane.until <= self.now and not any(
                each.notice.notice_id == lane.row.notice_id for each in self.outcomes
            ):
                receiver = self.receivers[name]
                if not receiver.fails:
                    receiver.got.append((lane.until, lane.row.notice_id))
                self.outcomes.append(Outcome(lane.row, receiver.fails, receiver.permanent))
        busy = {lane.row.notice_id for lane in self.lanes.values()}
        outcomes, self.outcomes = self.outcomes, []
        self.alerting.turn(self.now, outcomes, busy)
        for each in outcomes:
            name = each.notice.receiver
            del self.lanes[name]
            self.not_before[name] = self.now + (15 * SECOND if each.why and not each.permanent else 0)
        for row in self.alerting.waiting.values():
            if row.receiver not in self.lanes and self.not_before.get(row.receiver, 0) <= self.now:
                took = int(self.receivers[row.receiver].seconds * SECOND)
                self.lanes[row.receiver] = Lane(row, self.now + took)

    def crash(self) -> None:
        """The process dies: what was taken by receivers and not written down is not known to the next one."""
        self.crashes += 1
        for name, lane in self.lanes.items():
            # It dies at the worst moment: the receiver has taken it.
            if not self.receivers[name].fails:
                self.receivers[name].got.append((self.now, lane.row.notice_id))
        self.lanes, self.outcomes, self.not_before = {}, [], {}
        self.alerting = self.started()

    def run(self, seconds: float, *, step: float = 0.25, each: Callable[[], None] = lambda: None) -> None:
        until = self.now + int(seconds * SECOND)
        while self.now < until:
            self.now = min(until, self.now + int(step * SECOND))
            each()
            self.tick()

    # -- what is on the disk -----------------------------------------------------------------------------------------

    def query(self, sql: str, **values: Any) -> Sequence[Any]:
        with self.engine_store.engine.connect() as connection:
            return connection.execute(text(sql), values).all()

    def open_findings(self) -> Counter[str]:
        return Counter(
            row.finding_id
            for row in self.query(
                "SELECT m.finding_id FROM alert_findings m JOIN alerts a ON a.alert_id = m.alert_id "
                "WHERE m.ended_at IS NULL AND a.closed_at IS NULL"
            )
        )

    def kinds(self) -> Counter[str]:
        return Counter(row.kind for row in self.query("SELECT kind FROM entries"))


def shuffled(count: int, seed: int) -> list[int]:
    numbers = list(range(count))
    random.Random(seed).shuffle(numbers)
    return numbers
