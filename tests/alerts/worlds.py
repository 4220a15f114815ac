"""Random days of alerts in virtual time: findings come and go, people answer, shifts change, receivers fail."""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import strategies as st

from integration.domain.alerts.alert import MOMENT_RULES, Alert
from integration.domain.alerts.book import Book, News
from integration.domain.alerts.planning import Planned, Terms, plan
from integration.domain.alerts.routes import Duty, Route, Step
from integration.domain.alerts.said import CaseState
from integration.domain.alerts.shifts import Roster, Shift
from integration.domain.alerts.silences import Silence, silent_until
from integration.domain.instants import DAY, HOUR, MINUTE, NEVER, SECOND
from schemas.kinds import Rule, Severity

FACILITIES = ("/jms/a", "/jms/b")
RULES = (Rule.OVERDUE_DETAINER_HOLD, Rule.MISLABELLED_DOCUMENT)
BOUNDS = {Severity.VIOLATION: 2 * HOUR}


@dataclass(frozen=True)
class Act:
    """Something that happens."""

    at: int
    kind: str
    number: int
    other: int = 0


@dataclass
class World:
    """A planner over a book, driven as the alerting process drives it."""

    route: Route
    rosters: dict[str, Roster]
    silences: list[Silence] = field(default_factory=list)
    now: int = 0

    def __post_init__(self) -> None:
        self.book = Book(lambda *_: self.route)
        self.sent: list[tuple[int, str, str, str]] = []
        self.open: dict[str, tuple[str, Rule]] = {}
        self.settled: set[str] = set()
        self.duty = Duty(lambda n, at: self.rosters[n].on_duty(at), lambda n, at: self.rosters[n].next_change(at))

    # -- what happens ------------------------------------------------------------------------------------------------

    def find(self, finding_id: str, source: str, rule: Rule) -> None:
        if finding_id in self.open or finding_id in self.settled:
            return
        self.open[finding_id] = source, rule
        self.book.observe(self.news(finding_id, source, rule, CaseState.OPEN, begins=True))

    def news(self, finding_id: str, source: str, rule: Rule, state: CaseState, *, begins: bool) -> News:
        booking = f"B-{finding_id}"
        return News(finding_id, source, booking, rule, Severity.VIOLATION, None, state, self.now, begins)

    def end(self, finding_id: str) -> None:
        if finding_id in self.open:
            source, rule = self.open.pop(finding_id)
            self.book.observe(self.news(finding_id, source, rule, CaseState.RESOLVED, begins=False))

    def in_order(self) -> list[Alert]:
        """Oldest first; of one instant by id, and not by their places in a book that may have been read again."""
        return sorted(self.book.alerts.values(), key=lambda each: (each.opened_at, each.alert_id))

    def acknowledge(self, number: int) -> None:
        alerts = [each for each in self.in_order() if each.is_open]
        if alerts:
            alert = alerts[number % len(alerts)]
            told = {each.finding_id for each in alert.open_members() if each.told}
            if self.book.acknowledge(alert.alert_id, "officer:x", self.now, told) and alert.group.rule in MOMENT_RULES:
                self.settled |= told
                for each in told:
                    self.open.pop(each, None)

    def fail(self, number: int) -> None:
        tried = [(each, name) for each in self.in_order() for name in each.tried]
        if tried:
            alert, receiver = tried[number % len(tried)]
            self.book.failed(alert.alert_id, alert.cycle, alert.step, receiver)

    # -- what the process does ---------------------------------------------------------------------------------------

    def terms(self, alert: Alert) -> Terms:
        bookings = [each.booking for each in alert.open_members()]
        group = alert.group
        until = silent_until(
            (group.source, group.rule, group.severity), bookings, self.silences, self.now, bounds=BOUNDS
        )
        return Terms(self.route, self.duty, until)

    def turn(self) -> int:
        """Plan everything; returns the next instant at which something is due."""
        next_at = NEVER
        for alert_id in list(self.book.alerts):
            planned = self.plan(self.book.reopening(self.book.alerts[alert_id], self.now))
            self.book.put(planned.alert)
            self.sent += [(self.now, alert_id, *map(str, send)) for send in planned.sends]
            next_at = min(next_at, planned.next_at)
        for alert_id in [each for each, alert in self.book.alerts.items() if alert.merged_into]:
            planned = self.plan(self.book.alerts[alert_id])
            assert not planned.sends
            self.book.put(planned.alert)
        self.book.take_changed()
        return next_at

    def plan(self, alert: Alert) -> Planned:
        return plan(alert, self.terms(alert), self.now)

    def run_to(self, until: int) -> None:
        """Turn at every instant that a plan asks for, up to an instant."""
        for _ in range(100_000):
            next_at = self.turn()
            assert next_at > self.now, "the planner asks to be called again at once, for ever"
            if next_at > until:
                self.now = until
                self.turn()
                return
            self.now = next_at
        raise AssertionError("the planner is called too often")

    # -- laws --------------------------------------------------------------------------------------------------------

    def check(self) -> None:
        held = Counter(
            each.finding_id
            for alert in self.book.alerts.values()
            if alert.closed_at is None
            for each in alert.open_members()
        )
        assert held == Counter(self.open.keys()), "every open finding is in exactly one open alert, and nothing else is"


ROUTE = Route(
    "all",
    frozenset(),
    frozenset(),
    frozenset(),
    (
        Step((), ("floor",), 5 * MINUTE),
        Step((), ("watch",), 10 * MINUTE),
        Step(("chief",), (), 10 * MINUTE),
    ),
    gather=10 * SECOND,
    window=5 * MINUTE,
    repeat=15 * MINUTE,
    reopen=30 * MINUTE,
)


@st.composite
def rosters(draw: st.DrawFn) -> dict[str, Roster]:
    """Shifts of some hours, some of them empty."""
    made = {}
    for name in ("floor", "watch"):
        edges = sorted(draw(st.sets(st.integers(1, 47), max_size=6)))
        names = draw(st.lists(st.sampled_from((f"{name}-1", f"{name}-2", "")), min_size=7, max_size=7))
        starts = [0, *(each * HOUR // 2 for each in edges)]
        ends = [*starts[1:], 2 * DAY]
        made[name] = Roster(
            Shift(start, end, (who,) if who else ()) for start, end, who in zip(starts, ends, names, strict=False)
        )
    return made


def acts(longest: int = 40) -> st.SearchStrategy[list[Act]]:
    """What happens in a day, by time."""
    act = st.builds(
        Act,
        at=st.integers(0, 24 * 60 * 4).map(lambda quarter: quarter * 15 * SECOND),
        kind=st.sampled_from(("find", "find", "find", "end", "ack", "fail")),
        number=st.integers(0, 11),
        other=st.integers(0, 3),
    )
    return st.lists(act, max_size=longest).map(lambda found: sorted(found, key=lambda each: each.at))


def apply(world: World, act: Act) -> None:
    """Let something happen."""
    if act.kind == "find":
        world.find(f"f{act.number}-{act.other}", FACILITIES[act.other % 2], RULES[act.other // 2])
    elif act.kind == "end":
        world.end(f"f{act.number}-{act.other}")
    elif act.kind == "ack":
        world.acknowledge(act.number)
    else:
        world.fail(act.number)
