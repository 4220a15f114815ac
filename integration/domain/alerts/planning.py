"""What is due for an alert at an instant: whom to tell, and when to look again. A function of its arguments alone.

Planned twice at one instant, the second plan is empty. Silence ends nothing; nobody's answer ends nothing; only facts
(and, for findings about one moment, an acknowledgement) do.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from integration.domain.alerts.alert import Alert, Member
from integration.domain.alerts.routes import Duty, Route
from integration.domain.alerts.said import Stage
from integration.domain.instants import NEVER, Instant
from schemas.kinds import Severity


class Send(NamedTuple):
    """Somebody is to be told."""

    receiver: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning made of an alert."""

    alert: Alert
    sends: tuple[Send, ...]
    """Each receiver once. `alert.notice_id` over the new alert gives the notices' ids."""
    next_at: Instant
    """When to plan again although nothing happens; `NEVER`."""
    empty: tuple[int, ...] = ()
    """Steps that were passed over at once because nobody was on duty."""
    new: frozenset[str] = frozenset()
    """Findings whose beginning or end these notices tell for the first time."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What planning goes by, besides the alert and the time."""

    route: Route
    duty: Duty
    silent_until: Instant | None = None
    """From `silences.silent_until`."""


def plan(alert: Alert, terms: Terms, now: Instant) -> Planned:
    """Plan an alert. Call it when something about the alert changed, and at the `next_at` of the plan before."""
    if alert.closed_at is not None:
        return Planned(alert, (), NEVER)
    if not terms.route.steps or alert.merged_into:
        closed = alert if alert.is_open else replace(alert, closed_at=now)
        return Planned(closed, (), NEVER)
    if not alert.is_open:
        return _close(alert, terms, now)
    if terms.silent_until is not None and now < terms.silent_until:
        return Planned(alert, (), terms.silent_until)
    return _waiting(alert, terms, now) if alert.acked_at is None else _acknowledged(alert, terms, now)


def _waiting(alert: Alert, terms: Terms, now: Instant) -> Planned:
    if alert.step < 0:
        due = min(each.added_at for each in alert.open_members()) + terms.route.gather
        return Planned(alert, (), due) if now < due else _begin(alert, 0, Stage.FIRST, terms, now)
    if now >= _escalation_at(alert, terms, now):
        return _begin(alert, alert.step + 1, Stage.ESCALATED, terms, now)
    return _inform(alert, terms, now)


def _acknowledged(alert: Alert, terms: Terms, now: Instant) -> Planned:
    assert alert.acked_at is not None
    if now < alert.acked_at + terms.route.reopen:
        return _inform(alert, terms, now)
    again = replace(alert, acked_at=None, acked_by="", cycle=alert.cycle + 1, step=-1)
    return _begin(again, 0, Stage.REOPENED, terms, now)


def _escalation_at(alert: Alert, terms: Terms, now: Instant) -> Instant:
    """Return when the next step is told; `NEVER` after the last."""
    steps = terms.route.steps
    if alert.step + 1 >= len(steps):
        return NEVER
    if alert.tried and set(alert.tried) <= set(alert.failed):
        return now  # Nobody whom this step told has got it, or ever will.
    if not _reached(alert, terms, now):
        return now  # They have gone off duty, and nobody came.
    return alert.step_at + steps[alert.step].wait


def _reached(alert: Alert, terms: Terms, at: Instant) -> tuple[str, ...]:
    """Return who is on duty at the steps that were told so far, each once."""
    steps = terms.route.steps[: alert.step + 1]
    return tuple(dict.fromkeys(receiver for step in steps for receiver in terms.duty.of(step, at)))


def _is_news(member: Member) -> bool:
    return not (member.told if member.is_open else member.end_told)


def _news_at(alert: Alert, route: Route) -> Instant:
    """Return when findings are told that joined or ended since the last notice; `NEVER` if there are none."""
    known = (
        each.added_at if each.ended_at is None else each.ended_at for each in alert.members.values() if _is_news(each)
    )
    return min(known, default=NEVER - route.gather) + route.gather


def _begin(alert: Alert, first: int, stage: Stage, terms: Terms, now: Instant) -> Planned:
    """Tell a step; one with nobody on duty is passed over at once."""
    steps, step = terms.route.steps, first
    while not (who := terms.duty.of(steps[step], now)) and step + 1 < len(steps):
        step += 1
    empty = tuple(range(first, step)) if who else tuple(range(first, step + 1))
    sends = dict.fromkeys(who, stage)
    before = alert.told_now
    if stage is not Stage.ESCALATED:
        before = ()
        alert = replace(alert, repeat=0, repeat_at=now + terms.route.repeat)
    elif now >= alert.repeat_at or any(map(_is_news, alert.members.values())):
        # What is due for the steps before goes out with it, so that nobody is told twice in a minute.
        again = now >= alert.repeat_at
        for receiver in _reached(alert, terms, now):
            sends.setdefault(receiver, Stage.REPEATED if again else Stage.ADDED)
        if again:
            alert = replace(alert, repeat=alert.repeat + 1, repeat_at=now + terms.route.repeat)
    told_now = (*before, *sends)
    alert = replace(alert, step=step, step_at=now, tried=who, failed=(), told_now=tuple(sorted(set(told_now))))
    return _tell(alert, sends, terms, now, empty=empty)


def _inform(alert: Alert, terms: Terms, now: Instant) -> Planned:
    """Repeat, tell of what joined or ended, and tell who came on duty."""
    sends: dict[str, Stage] = {}
    reached = _reached(alert, terms, now)
    if alert.acked_at is None and now >= alert.repeat_at:
        sends = dict.fromkeys(reached, Stage.REPEATED)
        alert = replace(alert, repeat=alert.repeat + 1, repeat_at=now + terms.route.repeat)
    elif now >= _news_at(alert, terms.route):
        joined = any(_is_news(each) for each in alert.open_members())
        sends = dict.fromkeys(reached, Stage.ADDED if joined else Stage.ENDED)
    for receiver in reached:
        if receiver not in alert.told_now:
            sends.setdefault(receiver, Stage.HANDED_OVER)
    told_now = tuple(sorted({*alert.told_now, *sends}))
    return _tell(replace(alert, told_now=told_now), sends, terms, now)


def _close(alert: Alert, terms: Terms, now: Instant) -> Planned:
    """All has ended: one notice to everybody who was told; where nobody was, to whom it would have been told."""
    ends = [each.ended_at for each in alert.members.values() if not each.end_told and each.ended_at is not None]
    due = max(ends) + terms.route.gather if ends else now
    if now < due:
        return Planned(alert, (), due)
    news = any(map(_is_news, alert.members.values()))
    # What only ceases to be owed here (a finding tells of it now) is no news, and no reason to say that all is well.
    receivers: Iterable[str] = alert.told if news else ()
    if not receivers and alert.group.severity is Severity.VIOLATION and news:
        # Somebody was held, and it was over before anybody heard. A warning that is over asks for nothing.
        receivers = next(filter(None, (terms.duty.of(step, now) for step in terms.route.steps)), ())
    return _tell(replace(alert, closed_at=now), dict.fromkeys(receivers, Stage.CLOSED), terms, now)


def _tell(alert: Alert, sends: dict[str, Stage], terms: Terms, now: Instant, *, empty: tuple[int, ...] = ()) -> Planned:
    """Take down who is told what, and find out when to look again."""
    new: frozenset[str] = frozenset()
    if sends:
        # What goes to the steps reached tells all there is; a hand-over only catches somebody up.
        if set(sends.values()) != {Stage.HANDED_OVER}:
            new = frozenset(each.finding_id for each in alert.members.values() if _is_news(each))
        told = tuple(sorted({*alert.told, *sends}))
        members = [_told(alert.members[each]) for each in new]
        alert = replace(alert.with_members(*members), told=told, rounds=alert.rounds + 1)
    ordered = tuple(Send(receiver, stage) for receiver, stage in sends.items())
    return Planned(alert, ordered, _next_at(alert, terms, now), empty, new)


def upcoming(alert: Alert, terms: Terms, now: Instant) -> tuple[Instant, int] | None:
    """Return when the next step would be told if nobody acknowledges, and which (from 0); None after the last."""
    if alert.closed_at is not None or alert.acked_at is not None or not 0 <= alert.step < len(terms.route.steps) - 1:
        return None
    return max(_escalation_at(alert, terms, now), terms.silent_until or 0), alert.step + 1


def _told(member: Member) -> Member:
    return replace(member, told=True, end_told=not member.is_open)


def _next_at(alert: Alert, terms: Terms, now: Instant) -> Instant:
    if alert.closed_at is not None:
        return NEVER
    reached = terms.route.steps[: alert.step + 1]
    dues = [terms.duty.changes_after(reached, now, NEVER)]
    if _reached(alert, terms, now):
        dues.append(_news_at(alert, terms.route))
    if alert.acked_at is not None:
        dues.append(alert.acked_at + terms.route.reopen)
    else:
        dues += [alert.repeat_at, _escalation_at(alert, terms, now)]
    return max(now, min(dues))
