"""Alerting: reads what the log tells of findings, plans, and writes down who is to be told. Sends nothing itself.

Every turn is one transaction: the alerts, their notices, how far the log was read, and the entries that tell of it.
What is to be sent is on the disk, and in the log, before anybody is told (no record, no action).
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, TypeAlias

import structlog

from integration.audit.entry import JSON, Entry
from integration.domain.alerts.alert import Alert, Member
from integration.domain.alerts.book import Book
from integration.domain.alerts.planning import Planned, Send, Terms, plan
from integration.domain.alerts.routes import Duty, Route, RouteOf
from integration.domain.alerts.said import CaseState, Stage
from integration.domain.alerts.silences import IN_A_ROW, Bounds, Silence, silent_until
from integration.domain.alerts.topics import DutyKind, Owed, Patience, Topic
from integration.domain.instants import DAY, MINUTE, NEVER, Instant
from integration.errors import FencedError, HoldwatchError
from integration.services.alertnews import news, news_of
from integration.services.alertoutbox import told_rows
from integration.services.alertports import AlertRows, AlertStore, Mark, NoticeRow, NoticeState
from integration.services.alertqueue import OF_KEEPERS, notices_of
from integration.services.auditing import AuditDesk
from integration.services.dutyports import Owing
from integration.services.ports import Changes
from schemas.kinds import Severity

_log = structlog.get_logger()

ACTOR: Final = "service:alerting"
_ENTRIES_AT_ONCE: Final = 5000
_ADRIFT_AT_ONCE: Final = 1000
_LOOK_FOR_ADRIFT: Final = MINUTE
_LOOK_FOR_DUTIES: Final = MINUTE
_GIVE_UP: Final = DAY
"""A notice that nobody took for so long has failed for good; the alert's later ones have not."""
_KEEP_MARK_EVERY: Final = 20_000
"""Entries that may be read again after a stop because they told of no finding."""


@dataclass(frozen=True, slots=True)
class Plans:
    """The settings of alerting."""

    routes: tuple[Route, ...]
    """The first that takes a finding counts; the last one takes everything."""
    duty: Duty
    silence_bounds: Bounds
    patience: Mapping[DutyKind, Patience] = field(default_factory=dict)
    """Of every kind of duty, where people are reminded of duties."""
    silences_in_a_row: int = IN_A_ROW
    """How many times its bound a row of silences may last."""
    keepers: frozenset[str] = frozenset()
    """Receivers that keep a state of each alert of their own: they are told of acts that people need not hear of."""

    def route_of(self, source: str, rule: Topic, severity: Severity) -> Route:
        """See `RouteOf`. A duty goes the way of its route with the patience of its kind."""
        route = next(each for each in self.routes if each.takes(source, rule, severity))
        patience = self.patience.get(rule) if isinstance(rule, DutyKind) else None
        if patience is None:
            return route
        steps = tuple(replace(step, wait=patience.wait) for step in route.steps)
        return replace(route, steps=steps, repeat=patience.repeat, reopen=patience.reopen)


OwingOf: TypeAlias = Callable[[Instant], Owing | None]
"""From the current time to what people are to be reminded of; None: it is not known yet. See `Duties.owing`."""


class Outcome(NamedTuple):
    """What became of an attempt to send a notice."""

    notice: NoticeRow
    why: str
    """Empty: somebody else has it now."""
    permanent: bool


@dataclass(slots=True)
class Turn:
    """What one turn brings together."""

    now: Instant
    planned: list[Planned] = field(default_factory=list)
    notices: dict[str, NoticeRow] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    applied: list[int] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)


class Alerting:
    """One at a time for a database, one thread. After any error it is loaded anew before the next turn."""

    def __init__(self, store: AlertStore, desk: AuditDesk, plans: Plans, owing: OwingOf | None = None) -> None:
        """Begin with nothing loaded.

        Args:
            store: of alerts.
            desk: writes to the same database as ``store``.
            plans: the settings.
            owing: what people owe; None: nobody is reminded of duties.
        """
        self._store = store
        self._owing = owing
        self._desk = desk
        self.plans = plans
        self._route_of: RouteOf = plans.route_of
        self._loaded = False
        self._book = Book(self._route_of)
        self._written: dict[str, Alert] = {}
        self._due: dict[str, Instant] = {}
        self._silences: list[Silence] = []
        self._mark = Mark(-1, -1, -1, 0)
        self._next_entry = -1
        self._signal = -1
        self._adrift_at: Instant = 0
        self._duties_at: Instant = 0
        self._owed: dict[str, Owed] = {}
        self.duties_fail = False
        """Whether the list of duties could not be made at the last look: findings are told all the same."""
        self.escalations = 0
        """Alerts that went a step further, since this process started."""
        self.waiting: dict[str, NoticeRow] = {}
        """Notices that are to be sent, by id, the oldest first."""

    @property
    def next_at(self) -> Instant:
        """When something is due although nothing happens."""
        duties_at = NEVER if self._owing is None else self._duties_at
        return min(*self._due.values(), duties_at, NEVER)

    @property
    def open_alerts(self) -> Mapping[str, Alert]:
        """The open alerts, by id."""
        return self._book.alerts

    def forget(self) -> None:
        """Something failed: begin again from what the store has."""
        self._loaded = False

    def plan_anew(self, now: Instant) -> None:
        """A shift calendar has changed: whoever is on duty now may not have been before."""
        self._due = dict.fromkeys(self._due, now)

    def _load(self, now: Instant) -> None:
        mark = self._store.mark()
        alerts = self._store.open_alerts()
        self._book = Book(self.plans.route_of, alerts)
        self._written = {each.alert_id: each for each in alerts}
        self._due = dict.fromkeys(self._written, now)
        self.waiting = {each.notice_id: each for each in self._store.waiting()}
        self._mark = mark
        # A first start: what the log told before is known from the findings that are open (`_reconcile`).
        self._next_entry = mark.log_size if mark.next_entry < 0 else mark.next_entry
        self._signal = -1
        self._adrift_at = self._duties_at = now
        self._owed = {}
        self._loaded = True

    def turn(self, now: Instant, outcomes: Iterable[Outcome] = (), busy: Collection[str] = ()) -> bool:
        """Take in what happened, plan what is due, and write it down. Returns whether anything was written.

        Args:
            now: the current time.
            outcomes: of notices that were sent; each MUST be given until a turn with it has returned.
            busy: ids of notices that are being sent.

        Raises:
            FencedError: another alerting process works on this database; nothing was written.
            TransientError, FatalError: the database fails; nothing was written.
        """
        try:
            if not self._loaded:
                self._load(now)
            return self._turn(now, list(outcomes), busy)
        except BaseException:
            self.forget()
            raise

    def _turn(self, now: Instant, outcomes: list[Outcome], busy: Collection[str]) -> bool:
        mark = self._store.mark()
        if mark.version != self._mark.version:
            raise FencedError("another alerting process works on this database")
        turn = Turn(now)
        touched = self._read_log(mark, now)
        if now >= self._adrift_at:
            there_is_more = self._reconcile(now)
            self._adrift_at = now if there_is_more else now + _LOOK_FOR_ADRIFT
        if now >= self._duties_at and self._owing is not None:
            self._remind(turn, self._owing)
        if mark.signal != self._signal:
            self._heed(turn)
            touched = True
        self._take_outcomes(turn, outcomes)
        self._plan(turn, busy)
        changed = self._book.take_changed()
        worth_keeping = self._next_entry - self._mark.next_entry >= _KEEP_MARK_EVERY or self._mark.next_entry < 0
        if changed or turn.notices or turn.applied or turn.owed or worth_keeping:
            self._write(turn, changed, mark)
        self._signal = mark.signal
        return touched or bool(changed or turn.notices)

    # -- taking in --------------------------------------------------------------------------------------------------

    def _read_log(self, mark: Mark, now: Instant) -> bool:
        """Take note of what the log tells of findings; returns whether there was anything."""
        last = min(mark.log_size, self._next_entry + _ENTRIES_AT_ONCE)
        if last <= self._next_entry:
            return False
        found = False
        for entry in self._store.finding_entries(self._next_entry, last):
            if entry.body is None:
                self._adrift_at = now  # Sealed before it was read: the table of findings knows what is left of it.
                continue
            told = news_of(entry, now)
            if told is None:
                self._adrift_at = now  # As if it were sealed; what it said is for the table of findings to tell.
                continue
            found = True
            self._book.observe(told)
        self._next_entry = last
        return found

    def _reconcile(self, now: Instant) -> bool:
        """Take what alerts and findings do not agree on from the table of findings; returns whether there is more."""
        adrift = self._store.adrift(_ADRIFT_AT_ONCE)
        learned = 0
        for row in adrift.untold:
            if self._book.holds(row.finding_id):
                continue
            try:
                told = news(row, now, begins=True)
            except ValueError:
                _log.error("alerts.finding_unreadable", finding=row.finding_id)
                continue
            learned += 1
            self._book.observe(told)
        for finding_id, status in adrift.ended:
            learned += self._book.holds(finding_id)
            self._book.end(finding_id, CaseState(status), now)
        # What cannot be read stays where it is: by itself it is no reason to look again at once.
        return learned > 0 and _ADRIFT_AT_ONCE in (len(adrift.untold), len(adrift.ended))

    def _remind(self, turn: Turn, owing_of: OwingOf) -> None:
        """Take note of what people owe: what comes due or is late is an alert, what is done ends it."""
        try:
            owing = owing_of(turn.now)
        except HoldwatchError:
            raise
        except Exception as error:  # noqa: BLE001  a defect about duties must not keep findings back; its kind is told
            _log.error("alerts.duties_failed", error=type(error).__name__)
            self.duties_fail, self._duties_at = True, turn.now + _LOOK_FOR_DUTIES
            return
        self.duties_fail = False
        if owing is None:
            return  # The log was not read to its end yet: what looks owed may be done. Again in the next turn.
        self._book.owe(owing.owed, owing.put_off, turn.now)
        turn.owed = [each for each in owing.owed if self._owed.get(each.duty_id) != each]
        self._owed = {each.duty_id: each for each in owing.owed}
        self._duties_at = min(turn.now + _LOOK_FOR_DUTIES, owing.next_at)

    def _heed(self, turn: Turn) -> None:
        """Take note of what people did: acknowledgements, silences, exercises."""
        longest = max(self.plans.silence_bounds.values(), default=0)
        self._silences = self._store.silences(turn.now - (self.plans.silences_in_a_row + 1) * longest)
        self._due = dict.fromkeys(self._book.alerts, turn.now)
        for alert in self._store.open_alerts():
            if alert.drill and alert.alert_id not in self._book.alerts:
                self._written[alert.alert_id] = alert
                self._book.put(alert)
        for ack in self._store.acks():
            turn.applied.append(ack.number)
            if self._book.acknowledge(ack.alert_id, ack.by, ack.at, ack.covers):
                self._note_moments(turn, self._book.alerts[ack.alert_id], ack.by, ack.covers)
                if self._book.alerts[ack.alert_id].is_open:
                    self._tell_keepers(turn, self._book.alerts[ack.alert_id], Stage.ACKNOWLEDGED)

    def _tell_keepers(self, turn: Turn, alert: Alert, stage: Stage) -> None:
        """Tell receivers that keep a state of this alert that it has changed; people hear of it otherwise, or not."""
        sends = tuple(Send(each, stage) for each in alert.told if each in self.plans.keepers)
        if sends:
            alert = replace(alert, rounds=alert.rounds + 1)
            self._book.put(alert)
            rows = notices_of(Planned(alert, sends, NEVER), {}, turn.now)
            turn.notices |= {row.notice_id: row for row in rows}
            self._tell_queued(turn, alert, rows, frozenset())

    def _note_moments(self, turn: Turn, alert: Alert, by: str, covers: Collection[str]) -> None:
        """Findings about one moment end with an acknowledgement: the log tells of each."""
        for each in alert.members.values():
            if each.finding_id in covers and each.state is CaseState.ACKNOWLEDGED and not alert.drill:
                detail: dict[str, JSON] = {"finding_id": each.finding_id, "alert": alert.alert_id}
                about = (alert.group.source, each.booking)
                entry = self._entry(turn, ("finding.acknowledged", "acknowledged"), detail, about, actor=by)
                turn.entries.append(entry)

    def _take_outcomes(self, turn: Turn, outcomes: Iterable[Outcome]) -> None:
        for notice, why, permanent in outcomes:
            if notice.notice_id not in self.waiting:
                continue
            attempts = notice.attempts + 1
            row = notice._replace(attempts=attempts, changed_at=turn.now, why=why)
            if why and not permanent and turn.now < notice.due_at + _GIVE_UP:
                self.waiting[notice.notice_id] = row  # Kept in memory only: it is tried again in any case.
                continue
            state = NoticeState.FAILED if why else NoticeState.SENT
            turn.notices[notice.notice_id] = row = row._replace(state=state.value)
            kind = "alert.failed" if why else "alert.sent"
            turn.entries.append(self._entry_of(turn, kind, state.value, row))
            if why:
                _log.error("alerts.receiver_failing", receiver=notice.receiver, why=why, alert=notice.alert_id)
                self._book.failed(notice.alert_id, notice.cycle, notice.step, notice.receiver)
                self._due[notice.alert_id] = turn.now

    # -- planning ---------------------------------------------------------------------------------------------------

    def terms(self, alert: Alert, now: Instant) -> Terms:
        """Return what an alert is planned by."""
        route = self.plans.route_of(alert.group.source, alert.group.rule, alert.group.severity)
        group = alert.group
        bookings = [each.booking for each in alert.open_members()]
        bounds, in_a_row = self.plans.silence_bounds, self.plans.silences_in_a_row
        about = (group.source, group.rule, group.severity)
        until = silent_until(about, bookings, self._silences, now, bounds=bounds, in_a_row=in_a_row)
        return Terms(route, self.plans.duty, None if alert.drill else until)

    def _plan(self, turn: Turn, busy: Collection[str]) -> None:
        due = {each for each, at in self._due.items() if at <= turn.now}
        waiting, seen = deque([*self._book.changed, *sorted(due - self._book.changed.keys())]), set[str]()
        while waiting:
            alert_id = waiting.popleft()
            alert = self._book.alerts.get(alert_id)
            if alert is None:
                self._due.pop(alert_id, None)
                continue
            if alert_id in seen and not alert.merged_into:
                continue
            seen.add(alert_id)
            alert = self._book.reopening(alert, turn.now)
            planned = plan(alert, self.terms(alert, turn.now), turn.now)
            waiting += [each for each in self._book.changed if each not in seen or self._is_absorbed(each)]
            self._book.put(planned.alert)
            self._due[alert_id] = planned.next_at
            if planned.sends:
                self._queue(turn, planned, busy)
            for step in planned.empty:
                _log.warning("alerts.nobody_on_duty", alert=alert_id, route=alert.group.route, step=step + 1)
            if planned.alert.closed_at is not None and alert.closed_at is None:
                self._tell_closed(turn, planned.alert)
                if planned.alert.merged_into:
                    self._tell_keepers(turn, planned.alert, Stage.MERGED)

    def _is_absorbed(self, alert_id: str) -> bool:
        alert = self._book.alerts[alert_id]
        return bool(alert.merged_into) and alert.closed_at is None

    def _queue(self, turn: Turn, planned: Planned, busy: Collection[str]) -> None:
        turn.planned.append(planned)
        alert = planned.alert
        receivers = [send.receiver for send in planned.sends]
        untold: dict[str, NoticeRow] = {}
        """What a receiver was to be told before, and has not got."""
        for row in [each for each in self.waiting.values() if each.alert_id == alert.alert_id]:
            if row.receiver in receivers and row.notice_id not in busy and row.notice_id not in turn.notices:
                turn.notices[row.notice_id] = row._replace(state=NoticeState.SUPERSEDED.value, changed_at=turn.now)
                if row.stage not in OF_KEEPERS:
                    untold[row.receiver] = row
        rows = notices_of(planned, untold, turn.now)
        turn.notices |= {row.notice_id: row for row in rows}
        self._tell_queued(turn, alert, rows, planned.new)

    def _tell_queued(self, turn: Turn, alert: Alert, rows: list[NoticeRow], new: Collection[str]) -> None:
        detail: dict[str, JSON] = {
            "alert": alert.alert_id,
            "drill": alert.drill,
            "cycle": alert.cycle,
            "step": alert.step + 1,
            "repeat": alert.repeat,
            "notices": {row.notice_id: [row.stage, row.receiver] for row in rows},
            "findings": sorted(new),
        }
        turn.entries.append(self._alert_entry(turn, "alert.queued", "queued", alert, detail))

    def _tell_closed(self, turn: Turn, alert: Alert) -> None:
        detail: dict[str, JSON] = {"alert": alert.alert_id, "drill": alert.drill, "findings": len(alert.members)}
        if alert.merged_into:
            detail["merged_into"] = alert.merged_into
        turn.entries.append(self._alert_entry(turn, "alert.closed", "closed", alert, detail))

    # -- writing ----------------------------------------------------------------------------------------------------

    def _write(self, turn: Turn, changed: list[Alert], mark: Mark) -> None:
        rows = AlertRows(mark, self._next_entry, alerts=changed, notices=[*turn.notices.values()])
        rows.applied, rows.owed = turn.applied, turn.owed
        entries = []
        for alert in changed:
            before = self._written.get(alert.alert_id)
            rows.members += [(alert.alert_id, each) for each in _changed_members(before, alert)]
            if before is None:
                entries.append(self._opened(turn, alert))
            else:
                rows.moved += [(alert.alert_id, each) for each in before.members.keys() - alert.members.keys()]
        outbox = told_rows(turn.planned, self._store, turn.now)
        changes = Changes(also=[self._store.write(rows)], outbox=outbox)

        def prepare() -> tuple[list[Entry], Changes]:
            if self._store.mark().version != mark.version:
                raise FencedError("another alerting process works on this database")
            return [*entries, *turn.entries], changes

        self._desk.write(prepare)
        self.escalations += sum(any(each.stage is Stage.ESCALATED for each in one.sends) for one in turn.planned)
        self._mark = mark._replace(version=mark.version + 1, next_entry=self._next_entry)
        for alert in changed:
            if alert.closed_at is None:
                self._written[alert.alert_id] = alert
            else:
                self._written.pop(alert.alert_id, None)
                self._due.pop(alert.alert_id, None)
        for row in turn.notices.values():
            if row.state == NoticeState.QUEUED.value:
                self.waiting[row.notice_id] = row
            else:
                self.waiting.pop(row.notice_id, None)

    def _opened(self, turn: Turn, alert: Alert) -> Entry:
        found: list[JSON] = [each.finding_id for each in alert.members.values()]
        detail: dict[str, JSON] = {
            "alert": alert.alert_id,
            "rule": alert.group.rule.value,
            "severity": alert.group.severity.value,
            "route": alert.group.route,
            "findings": found,
        }
        return self._alert_entry(turn, "alert.opened", "open", alert, detail)

    def _alert_entry(self, turn: Turn, kind: str, outcome: str, alert: Alert, detail: Mapping[str, JSON]) -> Entry:
        bookings = {each.booking for each in alert.members.values()}
        booking = next(iter(bookings)) if len(bookings) == 1 and not alert.drill else ""
        return self._entry(turn, (kind, outcome), detail, (alert.group.source, booking))

    def _entry_of(self, turn: Turn, kind: str, outcome: str, row: NoticeRow) -> Entry:
        detail: dict[str, JSON] = {
            "alert": row.alert_id,
            "notice": row.notice_id,
            "receiver": row.receiver,
            "stage": row.stage,
            "attempts": row.attempts,
        }
        if row.why:
            detail["why"] = row.why
        return self._entry(turn, (kind, outcome), detail, ("", ""))

    def _entry(
        self,
        turn: Turn,
        says: tuple[str, str],
        detail: Mapping[str, JSON],
        about: tuple[str, str],
        *,
        actor: str = ACTOR,
    ) -> Entry:
        """Return an entry. Args: ``says`` is kind and outcome, ``about`` facility and booking."""
        return self._desk.entry(*says, actor, detail, source=about[0], booking=about[1], at=turn.now)


def _changed_members(before: Alert | None, alert: Alert) -> list[Member]:
    known = {} if before is None else before.members
    return [each for key, each in alert.members.items() if known.get(key) is not each and known.get(key) != each]
