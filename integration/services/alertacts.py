"""What people do about alerts: acknowledge, silence, lift a silence, hold an exercise. Each act is an entry."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import NamedTuple, Protocol

from integration.audit.entry import JSON, Entry, text_of
from integration.domain.alerts.alert import Alert, Group, Member, alert_id, mark
from integration.domain.alerts.routes import RouteOf
from integration.domain.alerts.silences import NO_GAP, Bounds, Silence
from integration.domain.alerts.topics import Topic, topic_of
from integration.domain.instants import MINUTE, Duration, Instant
from integration.errors import UsageError
from integration.services.alertports import NoticeRow, SilenceRow
from integration.services.auditing import AuditDesk
from integration.services.ports import Changes, Write
from schemas.kinds import Rule, Severity

_LONGEST_REASON = 200
EMPTY: Mapping[str, JSON] = {}


class AckRow(NamedTuple):
    """An acknowledgement to be written."""

    alert_id: str
    by: str
    at: Instant
    covers: tuple[str, ...]
    notice_id: str | None
    """Whose link was used."""


class ActStore(Protocol):
    """What the acts need of a store. Each write tells the alerting process that there is something for it."""

    def alert(self, alert_id: str) -> Alert | None:
        """Return one alert, closed ones too."""
        ...

    def notice(self, notice_id: str) -> NoticeRow | None:
        """Return one notice."""
        ...

    def acked_by_link(self, notice_id: str) -> bool:
        """Tell whether a notice's link was used."""
        ...

    def silence(self, silence_id: str) -> SilenceRow | None:
        """Return one silence."""
        ...

    def silences(self, since: Instant) -> list[Silence]:
        """Return the silences that had not ended at an instant."""
        ...

    def write_ack(self, ack: AckRow) -> Write:
        """Return what writes an acknowledgement. It raises `StaleReadError` where the link was used meanwhile."""
        ...

    def write_silence(self, row: SilenceRow) -> Write:
        """Return what writes a silence, or a new end of one."""
        ...

    def write_alert(self, alert: Alert) -> Write:
        """Return what writes a whole new alert."""
        ...


@dataclass(frozen=True, slots=True)
class AlertActs:
    """One thread."""

    store: ActStore
    desk: AuditDesk
    now: Callable[[], Instant]

    def acknowledge(self, alert_id: str, by: str, shown: Collection[str] | None = None) -> tuple[Member, ...]:
        """Take an alert on: its open findings that people were told of and that its author saw. Returns them.

        What has joined since is nobody's yet: it goes on ringing in an alert of its own.

        Args:
            alert_id: as a notice or the list names it.
            by: who, as in ``officer:jdoe``.
            shown: marks (`alert.mark`) of the findings that a page showed; None: whoever acts saw a notice.

        Raises:
            UsageError: there is no such alert, or nothing of it waits for an answer.
        """
        covers: tuple[Member, ...] = ()

        def prepare() -> tuple[list[Entry], Changes]:
            nonlocal covers
            alert = self.waiting(alert_id)
            covers = _covered(alert, shown)
            return self._acked(AckRow(alert_id, by, self.now(), _ids(covers), None), alert, "command")

        self.desk.write(prepare)
        return covers

    def acknowledge_by_link(self, notice_id: str, name: str, shown: Collection[str]) -> str:
        """Take an alert on by the link of a notice. Returns the alert's id.

        Args:
            notice_id: whose link it is.
            name: what whoever followed it says of themselves; nobody has checked that.
            shown: marks (`alert.mark`) of the findings that the page showed. Of these, those that people were told of.

        Raises:
            UsageError: the link was used, or nothing of the alert waits for an answer.
        """
        acknowledged = ""

        def prepare() -> tuple[list[Entry], Changes]:
            nonlocal acknowledged
            notice = self.store.notice(notice_id)
            if notice is None:
                raise UsageError("there is no such notice")
            if self.store.acked_by_link(notice_id):
                raise UsageError("this link was used before")
            alert = self.waiting(notice.alert_id)
            covers = _ids(_covered(alert, shown))
            by = f"receiver:{notice.receiver}" + (f" ({name})" if name else "")
            acknowledged = alert.alert_id
            return self._acked(AckRow(alert.alert_id, by, self.now(), covers, notice_id), alert, "link")

        self.desk.write(prepare)
        return acknowledged

    def waiting(self, alert_id: str) -> Alert:
        """Return an alert that waits for an answer.

        Raises:
            UsageError: there is none, it is over, it went on in another one, or somebody has answered.
        """
        alert = self.store.alert(alert_id)
        if alert is None:
            raise UsageError(f"there is no alert {alert_id}; `holdwatch alerts list` shows them")
        if alert.merged_into:
            raise UsageError(f"alert {alert_id} went on in alert {self._went_on_in(alert)}: look there")
        if not alert.is_open:
            raise UsageError(f"alert {alert_id} is over: all of its findings have ended")
        if alert.acked_at is not None:
            raise UsageError(f"alert {alert_id} was acknowledged by {alert.acked_by}, {text_of(alert.acked_at)}")
        return alert

    def _went_on_in(self, alert: Alert) -> str:
        """Return where an alert's findings are now; its own was told elsewhere, and that one perhaps, too."""
        seen = {alert.alert_id}
        while (other := self.store.alert(alert.merged_into)) and other.merged_into and other.alert_id not in seen:
            seen.add(other.alert_id)
            alert = other
        return alert.merged_into

    def _acked(self, ack: AckRow, alert: Alert, via: str) -> tuple[list[Entry], Changes]:
        detail: dict[str, JSON] = {"alert": ack.alert_id, "via": via, "drill": alert.drill, "findings": [*ack.covers]}
        if ack.notice_id is not None:
            detail["notice"] = ack.notice_id
        entry = self.desk.entry(
            "alert.acknowledged", "acknowledged", ack.by, detail, source=alert.group.source, at=ack.at
        )
        return [entry], Changes(also=[self.store.write_ack(ack)])

    def silence(
        self,
        *,
        source: str,
        rule: Topic | None,
        booking: str,
        minutes: float,
        author: str,
        reason: str,
        bounds: Bounds,
    ) -> SilenceRow:
        """Tell nobody of what the three name (empty: everything), for a while. Alerts stay open.

        One that follows another without a gap renews it, and the log names it so: together they are bounded, too
        (`silences.silent_until`).

        Raises:
            UsageError: it has no reason, or lasts longer than any finding that it covers may be silent.
        """
        length: Duration = int(minutes * MINUTE)
        longest = max(bounds.values(), default=0)
        if not reason.strip() or len(reason) > _LONGEST_REASON:
            raise UsageError(f"a silence needs a reason, of at most {_LONGEST_REASON} letters")
        if not 0 < length <= longest:
            raise UsageError(f"a silence lasts at most {longest // MINUTE} minutes")
        now = self.now()
        row = SilenceRow(
            f"s{token_hex(4)}",
            source,
            rule.value if rule else "",
            booking,
            now,
            now + length,
            author,
            reason.strip(),
        )
        renewed = self.renewed_by(row)
        more: dict[str, JSON] = {"renews": renewed.silence_id} if renewed else {}
        self.desk.write(lambda: ([self._silenced("alert.silenced", "silenced", row, author, more)], self._changed(row)))
        return row

    def renewed_by(self, row: SilenceRow) -> Silence | None:
        """Return the silence that another one goes on from, if there is one of all that it covers."""
        topic = topic_of(row.rule) if row.rule else None
        before = [each for each in self.store.silences(row.start_at - NO_GAP) if each.silence_id != row.silence_id]
        same = [
            each
            for each in before
            if each.source in ("", row.source) and each.rule in (None, topic) and each.booking in ("", row.booking)
        ]
        return max(same, key=lambda each: each.end, default=None)

    def unsilence(self, silence_id: str, author: str) -> None:
        """End a silence now.

        Raises:
            UsageError: there is none of that name, or it has ended.
        """

        def prepare() -> tuple[list[Entry], Changes]:
            row, now = self.store.silence(silence_id), self.now()
            if row is None or row.end_at <= now:
                raise UsageError(f"no silence {silence_id} runs; `holdwatch alerts list` shows them")
            row = row._replace(end_at=now)
            return [self._silenced("alert.unsilenced", "unsilenced", row, author)], self._changed(row)

        self.desk.write(prepare)

    def _changed(self, row: SilenceRow) -> Changes:
        return Changes(also=[self.store.write_silence(row)])

    def _silenced(
        self, kind: str, outcome: str, row: SilenceRow, author: str, more: Mapping[str, JSON] = EMPTY
    ) -> Entry:
        detail: dict[str, JSON] = {
            "silence": row.silence_id,
            "rule": row.rule,
            "until": text_of(row.end_at),
            "reason": row.reason,
            **more,
        }
        return self.desk.entry(kind, outcome, author, detail, source=row.source, booking=row.booking)

    def drill(self, *, source: str, rule: Rule, severity: Severity, by: str, route_of: RouteOf) -> Alert:
        """Open an exercise: an alert with one made-up finding, marked in every notice. It ends when acknowledged."""
        now = self.now()
        finding = Member(f"drill-{token_hex(6)}", "DRILL", now)
        group = Group(source, rule, severity, route_of(source, rule, severity).name)
        alert = Alert(alert_id(group, now, finding.finding_id), group, now, drill=True).with_members(finding)
        detail: dict[str, JSON] = {"alert": alert.alert_id, "rule": rule.value, "route": group.route}
        entry = self.desk.entry("alert.drilled", "open", by, detail, source=source, at=now)
        self.desk.write(lambda: ([entry], Changes(also=[self.store.write_alert(alert)])))
        return alert


def _covered(alert: Alert, shown: Collection[str] | None) -> tuple[Member, ...]:
    """Return the open findings that an acknowledgement covers. Raises UsageError where that is none."""
    told = [each for each in alert.open_members() if each.told]
    seen = [each for each in told if shown is None or mark(each.finding_id) in shown]
    if not seen:
        if not told:
            raise UsageError(f"nobody was told of alert {alert.alert_id} yet: that takes some seconds")
        raise UsageError(f"nothing of alert {alert.alert_id} that was shown waits for an answer: look at it again")
    return tuple(sorted(seen, key=lambda each: each.finding_id))


def _ids(members: Collection[Member]) -> tuple[str, ...]:
    return tuple(each.finding_id for each in members)
