"""What people do about alerts: acknowledge, silence, lift a silence, hold an exercise. Each act is an entry."""

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import NamedTuple, Protocol

from integration.audit.entry import JSON, Entry, text_of
from integration.domain.alerts.alert import Alert, Group, Member, alert_id
from integration.domain.alerts.routes import RouteOf
from integration.domain.alerts.silences import Bounds
from integration.domain.instants import MINUTE, Duration, Instant
from integration.errors import UsageError
from integration.services.alertports import NoticeRow, SilenceRow
from integration.services.auditing import AuditDesk
from integration.services.ports import Changes, Write
from schemas.kinds import Rule, Severity

_LONGEST_REASON = 200


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

    def acknowledge(self, alert_id: str, by: str) -> tuple[str, ...]:
        """Take an alert on, with all of its findings that are open. Returns them.

        Args:
            alert_id: as a notice or the list names it.
            by: who, as in ``officer:jdoe``.

        Raises:
            UsageError: there is no such alert, or nothing of it waits for an answer.
        """
        covers: tuple[str, ...] = ()

        def prepare() -> tuple[list[Entry], Changes]:
            nonlocal covers
            alert = self._waiting(alert_id)
            covers = tuple(sorted(each.finding_id for each in alert.open_members()))
            return self._acked(AckRow(alert_id, by, self.now(), covers, None), alert, "command")

        self.desk.write(prepare)
        return covers

    def acknowledge_by_link(self, notice_id: str, name: str) -> str:
        """Take an alert on by the link of a notice: the findings that people were told of. Returns the alert's id.

        Args:
            notice_id: whose link it is.
            name: what whoever followed it says of themselves; nobody has checked that.

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
            alert = self._waiting(notice.alert_id)
            covers = tuple(sorted(each.finding_id for each in alert.open_members() if each.told))
            by = f"receiver:{notice.receiver}" + (f" ({name})" if name else "")
            acknowledged = alert.alert_id
            return self._acked(AckRow(alert.alert_id, by, self.now(), covers, notice_id), alert, "link")

        self.desk.write(prepare)
        return acknowledged

    def _waiting(self, alert_id: str) -> Alert:
        alert = self.store.alert(alert_id)
        if alert is None:
            raise UsageError(f"there is no alert {alert_id}; `holdwatch alerts list` shows them")
        if not alert.is_open:
            raise UsageError(f"alert {alert_id} is over: all of its findings have ended")
        if alert.acked_at is not None:
            raise UsageError(f"alert {alert_id} was acknowledged by {alert.acked_by}, {text_of(alert.acked_at)}")
        return alert

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
        rule: Rule | None,
        booking: str,
        minutes: float,
        author: str,
        reason: str,
        bounds: Bounds,
    ) -> SilenceRow:
        """Tell nobody of what the three name (empty: everything), for a while. Alerts stay open.

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
        self.desk.write(lambda: ([self._silenced("alert.silenced", "silenced", row, author)], self._changed(row)))
        return row

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

    def _silenced(self, kind: str, outcome: str, row: SilenceRow, author: str) -> Entry:
        detail: dict[str, JSON] = {
            "silence": row.silence_id,
            "rule": row.rule,
            "until": text_of(row.end_at),
            "reason": row.reason,
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
