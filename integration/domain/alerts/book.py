"""Every open alert, and which of them a finding belongs to: always exactly one while it is open."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from integration.domain.alerts.alert import MOMENT_RULES, Alert, Group, Member, alert_id
from integration.domain.alerts.routes import Route, RouteOf
from integration.domain.alerts.said import MOST_CASES, CaseState
from integration.domain.alerts.topics import DutyKind, Owed, Topic
from integration.domain.instants import DAY, Instant
from schemas.kinds import Severity

_OLD_NEWS: Final = DAY
"""A finding that had ended so long ago when it was first known of is on record, and rings for nobody."""


@dataclass(frozen=True, slots=True)
class News:
    """What the log told of a finding."""

    finding_id: str
    source: str
    booking: str
    rule: Topic
    severity: Severity
    until: Instant | None
    state: CaseState
    at: Instant
    """When it became known."""
    begins: bool
    """It was raised or has reopened. Else something about it has changed."""


class Book:
    """The open alerts in memory. One thread; whoever keeps it writes `take_changed` down and forgets it on failure."""

    def __init__(self, route_of: RouteOf, alerts: Iterable[Alert] = ()) -> None:
        """Args: ``alerts`` that are open, as they were written down."""
        self._route_of = route_of
        self.alerts: dict[str, Alert] = {}
        self._where: dict[str, str] = {}
        self._joinable: dict[Group, str] = {}
        self._changed: dict[str, None] = {}
        for alert in sorted(alerts, key=lambda each: (each.opened_at, each.alert_id)):
            self._put(alert)
        self._changed = {}

    @property
    def changed(self) -> Mapping[str, None]:
        """Alerts that changed since `take_changed`, in the order in which they did."""
        return dict(self._changed)

    def take_changed(self) -> list[Alert]:
        """Return the alerts that changed since the last call; those that are closed are then forgotten."""
        changed = [self.alerts[each] for each in self._changed]
        self._changed = {}
        for alert in changed:
            if alert.closed_at is not None:
                del self.alerts[alert.alert_id]
                self._leave(alert, alert.members)
        return changed

    def holds(self, finding_id: str) -> bool:
        """Tell whether a finding is open in an alert."""
        return self._open_in(finding_id) is not None

    def _open_in(self, finding_id: str) -> Alert | None:
        alert = self.alerts.get(self._where.get(finding_id, ""))
        return alert if alert is not None and alert.members[finding_id].is_open else None

    def route(self, alert: Alert) -> Route:
        """Return the route that an alert goes by the present settings."""
        return self._route_of(alert.group.source, alert.group.rule, alert.group.severity)

    # -- what the log tells -----------------------------------------------------------------------------------------

    def observe(self, news: News) -> None:
        """Take note of a finding. The same news twice changes nothing."""
        alert = self._open_in(news.finding_id)
        if alert is not None:
            if news.state is not CaseState.OPEN:
                self._end(alert, news.finding_id, news.state, news.at)
        elif news.begins:
            known = self.alerts.get(self._where.get(news.finding_id, ""))
            if known is not None and known.acked_at is not None:
                known = None  # What somebody has taken on is closed to new troubles: they need an answer of their own.
            if news.state is CaseState.OPEN or known is None:
                self._join(news, known)

    def _join(self, news: News, known: Alert | None) -> None:
        member = Member(news.finding_id, news.booking, news.at)
        if news.state is not CaseState.OPEN:
            old = news.until is not None and news.until < news.at - _OLD_NEWS
            member = replace(member, ended_at=news.at, state=news.state, end_told=old)
        route = self._route_of(news.source, news.rule, news.severity)
        group = Group(news.source, news.rule, news.severity, route.name)
        alert = known or self._joinable_at(group, route, news.at)
        if alert is None:
            first = "" if route.window else news.finding_id
            alert = Alert(self._fresh_id(group, news.at, first), group, news.at)
        self._put(alert.with_members(member))

    def _joinable_at(self, group: Group, route: Route, at: Instant) -> Alert | None:
        alert = self.alerts.get(self._joinable.get(group, ""))
        if alert is None or alert.acked_at is not None or alert.closed_at is not None:
            return None
        return alert if at < alert.opened_at + route.window and len(alert.members) < MOST_CASES else None

    def _fresh_id(self, group: Group, at: Instant, first: str) -> str:
        # Split off by an acknowledgement at the very instant at which the group's alert was opened.
        fresh = alert_id(group, at, first)
        while fresh in self.alerts:
            first += "'"
            fresh = alert_id(group, at, first)
        return fresh

    def _end(self, alert: Alert, finding_id: str, state: CaseState, at: Instant) -> None:
        self._put(alert.with_members(replace(alert.members[finding_id], ended_at=at, state=state)))

    def end(self, finding_id: str, state: CaseState, at: Instant) -> None:
        """A finding has ended, as the table of findings has it."""
        alert = self._open_in(finding_id)
        if alert is not None:
            self._end(alert, finding_id, state, at)

    # -- what people owe --------------------------------------------------------------------------------------------

    def owe(self, owed: Collection[Owed], put_off: Collection[str], now: Instant) -> None:
        """Take note of all that people are to be reminded of. The same again changes nothing.

        Args:
            owed: every duty that people are told of now.
            put_off: ids of duties that are not done although they are not told of now: that they end here is no news.
            now: the current time.
        """
        for each in owed:
            news = News(
                each.duty_id,
                each.source,
                each.booking,
                each.kind,
                each.severity,
                None,
                CaseState.OPEN,
                now,
                begins=True,
            )
            alert = self._open_in(each.duty_id)
            if alert is None:
                self._join(news, None)
            elif alert.group.severity is not each.severity:
                self._make_graver(alert, news)
        known = {each.duty_id for each in owed}
        for alert in list(self.alerts.values()):
            if not isinstance(alert.group.rule, DutyKind) or alert.drill:
                continue
            for member in [each for each in alert.open_members() if each.finding_id not in known]:
                over = replace(member, ended_at=now, state=CaseState.RESOLVED)
                quiet = member.finding_id in put_off
                self._put(self.alerts[alert.alert_id].with_members(replace(over, end_told=quiet)))

    def _make_graver(self, alert: Alert, news: News) -> None:
        """A duty that has come due is told anew, in an alert of its new severity; nothing is said of the old one."""
        left = {key: each for key, each in alert.members.items() if key != news.finding_id}
        self._put(replace(alert, members=left))
        self._join(news, None)
        if not any(each.is_open or not each.end_told for each in left.values()):
            self._put(replace(self.alerts[alert.alert_id], merged_into=self._where[news.finding_id]))

    # -- what people do ---------------------------------------------------------------------------------------------

    def acknowledge(self, alert_id: str, by: str, at: Instant, covers: Collection[str]) -> bool:
        """Somebody takes an alert on. Returns False where nothing of it was left to acknowledge.

        Args:
            alert_id: of an alert.
            by: who.
            at: when.
            covers: the findings that they were told of. Others of the alert get one of their own, which goes on.
        """
        alert = self.alerts.get(alert_id)
        covered = [] if alert is None else [each for each in alert.open_members() if each.finding_id in covers]
        if alert is None or not covered:
            return False
        others = [each for each in alert.open_members() if each.finding_id not in covers]
        members = {key: each for key, each in alert.members.items() if each not in others}
        alert = replace(alert, members=members)
        if alert.group.rule in MOMENT_RULES or alert.drill:
            ended = [replace(each, ended_at=at, state=CaseState.ACKNOWLEDGED) for each in covered]
            alert = alert.with_members(*ended)
        if alert.acked_at is None or at > alert.acked_at or (at == alert.acked_at and by < alert.acked_by):
            # Whoever came on duty before it has been told; those who come after are told that it is taken on.
            alert = replace(alert, acked_at=at, acked_by=by, failed=())
        self._put(alert)
        self._split(alert.group, others, at)
        return True

    def _split(self, group: Group, others: list[Member], at: Instant) -> None:
        route = self._route_of(group.source, group.rule, group.severity)
        kept = [replace(each, told=False) for each in others]
        if route.window and kept:
            self._put(Alert(self._fresh_id(group, at, ""), group, at).with_members(*kept))
            return
        for each in kept:
            self._put(Alert(self._fresh_id(group, at, each.finding_id), group, at).with_members(each))

    def reopening(self, alert: Alert, now: Instant) -> Alert:
        """Let an alert whose acknowledgement has run out take in others of its group that are near that, too.

        They are told again together. Without this, every finding that stays open for days would ring by itself each
        time: by far the most of all alarms (docs/alerting.md). Call it before each plan; returns the alert to plan.
        """
        route = self.route(alert)
        ran_out = alert.acked_at is not None and now >= alert.acked_at + route.reopen
        if not ran_out or not alert.is_open or alert.closed_at is not None or alert.drill or not route.window:
            return alert
        others = [each for each in self.alerts.values() if self._is_near(each, alert, now - route.reopen // 2)]
        free = MOST_CASES - sum(1 for _ in alert.open_members())
        for other in sorted(others, key=lambda each: (each.acked_at or 0, each.alert_id)):
            moving = [each for each in other.members.values() if each.is_open or not each.end_told]
            if len(moving) > free:
                continue
            free -= len(moving)
            left = {key: each for key, each in other.members.items() if each not in moving}
            self._put(replace(other, members=left, merged_into=alert.alert_id))
            alert = replace(alert.with_members(*moving), told=tuple(sorted({*alert.told, *other.told})))
            self._put(alert)
        return alert

    def _is_near(self, other: Alert, alert: Alert, acked_before: Instant) -> bool:
        """Tell whether another alert is of the same group, open, and was acknowledged by an instant."""
        same = other.group == alert.group and other.alert_id != alert.alert_id and not other.drill
        open_still = other.closed_at is None and not other.merged_into and other.is_open
        return same and open_still and other.acked_at is not None and other.acked_at <= acked_before

    def failed(self, alert_id: str, cycle: int, step: int, receiver: str) -> None:
        """A receiver will not take what the present step told it: the next step need not wait for its answer."""
        alert = self.alerts.get(alert_id)
        if alert is None or (alert.cycle, alert.step) != (cycle, step):
            return
        if receiver in alert.tried and receiver not in alert.failed:
            self._put(replace(alert, failed=tuple(sorted((*alert.failed, receiver)))))

    def put(self, alert: Alert) -> None:
        """Keep what planning made of an alert."""
        if alert != self.alerts.get(alert.alert_id):
            self._put(alert)

    # -- keeping ----------------------------------------------------------------------------------------------------

    def _put(self, alert: Alert) -> None:
        before = self.alerts.get(alert.alert_id)
        if before is not None:
            self._leave(before, before.members.keys() - alert.members.keys())
        self.alerts[alert.alert_id] = alert
        self._changed[alert.alert_id] = None
        for each in alert.members.values():
            if each.is_open:
                self._where[each.finding_id] = alert.alert_id
            else:  # It may be open in another one since.
                self._where.setdefault(each.finding_id, alert.alert_id)
        joinable = self.alerts.get(self._joinable.get(alert.group, ""))
        can_grow = alert.closed_at is None and alert.acked_at is None and not alert.drill
        if can_grow and (joinable is None or alert.opened_at >= joinable.opened_at):
            self._joinable[alert.group] = alert.alert_id

    def _leave(self, alert: Alert, finding_ids: Iterable[str]) -> None:
        for finding_id in finding_ids:
            if self._where.get(finding_id) == alert.alert_id:
                del self._where[finding_id]
