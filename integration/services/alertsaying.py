"""Puts together what one notice says: the alert as it stands now, its findings, and the papers behind them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from integration.domain.alerts.alert import Alert, Member
from integration.domain.alerts.planning import Terms, upcoming
from integration.domain.alerts.said import MOST_CASES, Acked, Case, CaseState, Missing, Next, Paper, Said, Stage
from integration.domain.alerts.topics import DutyKind, Owed, Topic
from integration.domain.custody import Standing
from integration.domain.facts import Placed, Verified
from integration.domain.instants import Instant
from integration.domain.papers import HoldClass, classify, form_number
from integration.domain.parameters import Parameters
from integration.services.alertports import AlertStore, NoticeRow
from integration.services.casefile import CaseFile
from integration.services.ports import FindingRow
from schemas.kinds import Rule, Severity

ParametersOf = Callable[[str, str, Instant], Parameters]
"""From a facility, a pack's revision and the current time to that pack's parameters; those in force where the revision
is not loaded any more."""
TermsOf = Callable[[Alert, Instant], Terms]
LinkOf = Callable[[NoticeRow], tuple[str, Instant] | None]
"""From a notice to the link that acknowledges it, and until when; None where there is no such page."""

_NEEDS_WARRANT = frozenset(
    {
        Rule.OVERDUE_DETAINER_HOLD,
        Rule.OVERDUE_RELEASE,
        Rule.RELEASE_APPROACHING,
        Rule.TRANSFER_WITHOUT_WARRANT,
        Rule.BOOKED_WITHOUT_AUTHORITY,
    }
)


@dataclass(frozen=True, slots=True)
class Saying:
    """What makes a `Said` of a notice."""

    store: AlertStore
    site: str
    zones: Mapping[str, str]
    """By facility; the site's own for a facility that is not set up any more."""
    terms: TermsOf
    parameters: ParametersOf
    link: LinkOf

    def said(self, notice: NoticeRow, now: Instant) -> Said | None:
        """Return what a notice says now; None where its alert is gone. Args: ``now`` is the current time."""
        alert = self.store.alert(notice.alert_id)
        if alert is None:
            return None
        group, terms = alert.group, self.terms(alert, now)
        new = frozenset(orjson.loads(notice.new))
        link = self.link(notice) if alert.is_open and alert.acked_at is None else None
        waits = alert.is_open and alert.acked_at is None and alert.step >= 0
        return Said(
            notice_id=notice.notice_id,
            alert_id=alert.alert_id,
            receiver=notice.receiver,
            stage=Stage(notice.stage),
            at=notice.due_at,
            now=now,
            site=self.site,
            facility=group.source,
            zone=self.zones.get(group.source, next(iter(self.zones.values()))),
            rule=group.rule,
            severity=group.severity,
            opened_at=alert.opened_at,
            cases=self._cases(alert, new, now),
            open_count=sum(1 for _ in alert.open_members()),
            total=len(alert.members),
            step=notice.step + 1,
            steps=len(terms.route.steps),
            repeat=notice.repeat,
            cycle=notice.cycle,
            told=tuple(orjson.loads(notice.told)),
            next_told=_next(alert, terms, now),
            repeat_at=alert.repeat_at if waits else None,
            acked=_acked(alert, terms),
            link="" if link is None else link[0],
            link_until=None if link is None else link[1],
            drill=alert.drill,
        )

    def _cases(self, alert: Alert, new: frozenset[str], now: Instant) -> tuple[Case, ...]:
        if isinstance(alert.group.rule, DutyKind):
            return self._duties(alert, new)
        on_record = {row.finding_id: row for row in self.store.findings(alert.members)}
        ordered = sorted(alert.members.values(), key=lambda each: _order(each, new, on_record))
        cases = []
        for member in ordered[:MOST_CASES]:
            row = on_record.get(member.finding_id)
            if row is not None:
                cases.append(self._case(row, member, now, new=member.finding_id in new))
            elif alert.drill:
                cases.append(_drilled(alert, member))
        return tuple(cases)

    def _duties(self, alert: Alert, new: frozenset[str]) -> tuple[Case, ...]:
        known = {each.duty_id: each for each in self.store.owed(alert.members)}
        told = [(each, known[each.finding_id]) for each in alert.members.values() if each.finding_id in known]
        told.sort(key=lambda pair: (not pair[0].is_open, pair[1].due_at, pair[1].duty_id))
        return tuple(_owed_case(owed, member, new=member.finding_id in new) for member, owed in told[:MOST_CASES])

    def _case(self, row: FindingRow, member: Member, now: Instant, *, new: bool) -> Case:
        evidence = tuple(orjson.loads(row.evidence))
        parameters = self.parameters(row.source, row.pack_revision, now)
        papers, missing = self._papers(row, evidence, parameters)
        return Case(
            finding_id=row.finding_id,
            booking=row.booking,
            rule=Rule(row.rule),
            about=row.about,
            since=row.since,
            until=row.until,
            raised_at=row.raised_at,
            state=member.state,
            new=new,
            evidence=evidence,
            names=tuple(orjson.loads(row.names).items()),
            papers=papers,
            missing=missing,
            provisions=tuple(orjson.loads(row.provisions)),
            pack=row.pack,
            pack_revision=row.pack_revision,
        )

    def _papers(
        self, row: FindingRow, evidence: tuple[str, ...], parameters: Parameters
    ) -> tuple[tuple[Paper, ...], tuple[Missing, ...]]:
        """Return the papers that the evidence names, and what is not on file."""
        stored = self.store.booking(row.source, row.booking)
        facts = CaseFile.from_row(stored).standing().get(row.booking, []) if stored is not None else []
        standing = Standing(facts)
        papers, unverified = [], False
        verified = {fact.hold_id for fact in standing.of(Verified)}
        for placed in sorted(standing.of(Placed), key=lambda each: (each.time, each.id)):
            paper = classify(placed, parameters.immigration_authorities)
            if paper.hold_class is HoldClass.JUDICIAL and placed.hold_id not in verified:
                unverified = parameters.require_warrant_verification
            if placed.id in evidence or paper.hold_class in (HoldClass.IMMIGRATION, HoldClass.REQUEST):
                kind = "no_valid_warrant" if paper.kind is None else paper.kind.value
                form = form_number(placed.form) or ""
                papers.append(Paper(placed.hold_id, placed.id, kind, form, placed.time, placed.expires_at))
        return tuple(papers), _missing(Rule(row.rule), unverified=unverified)


def _missing(rule: Topic, *, unverified: bool) -> tuple[Missing, ...]:
    if rule is Rule.NOTICE_NOT_SERVED:
        return (Missing.NOTICE_SERVED,)
    if rule not in _NEEDS_WARRANT:
        return ()
    return (Missing.WARRANT_VERIFIED,) if unverified else (Missing.JUDICIAL_WARRANT,)


def _order(member: Member, new: frozenset[str], on_record: Mapping[str, FindingRow]) -> tuple[bool, bool, Instant, str]:
    row = on_record.get(member.finding_id)
    since = member.added_at if row is None else row.since
    return not member.is_open, member.finding_id not in new, since, member.finding_id


def _owed_case(owed: Owed, member: Member, *, new: bool) -> Case:
    """A duty has no paper and no pack: what it is, when it is due, how many things wait."""
    return Case(
        finding_id=owed.duty_id,
        booking=owed.booking,
        rule=owed.kind,
        about=owed.about,
        since=owed.due_at,
        until=owed.due_at,
        raised_at=member.added_at,
        state=member.state,
        new=new,
        evidence=(),
        names=(("waiting", str(owed.waiting)),) if owed.waiting > 1 else (),
        papers=(),
        missing=(),
        provisions=owed.rests_on,
        pack="",
        pack_revision="",
    )


def _drilled(alert: Alert, member: Member) -> Case:
    """An exercise has a finding of its own that stands in no table: nobody is held."""
    return Case(
        finding_id=member.finding_id,
        booking=member.booking,
        rule=alert.group.rule,
        about="",
        since=member.added_at,
        until=member.ended_at,
        raised_at=member.added_at,
        state=member.state if member.state is not CaseState.RESOLVED else CaseState.ACKNOWLEDGED,
        new=alert.rounds <= 1,
        evidence=(),
        names=(),
        papers=(),
        missing=_missing(alert.group.rule, unverified=False),
        provisions=(),
        pack="",
        pack_revision="",
    )


def _next(alert: Alert, terms: Terms, now: Instant) -> Next | None:
    found = upcoming(alert, terms, now) if alert.is_open else None
    if found is None:
        return None
    at, step = found
    return Next(at, terms.duty.of(terms.route.steps[step], at), step + 1)


def _acked(alert: Alert, terms: Terms) -> Acked | None:
    if alert.acked_at is None:
        return None
    return Acked(alert.acked_by, alert.acked_at, alert.acked_at + terms.route.reopen)


def trial(receiver: str, notice_id: str, now: Instant, *, site: str, facility: str, zone: str) -> Said:
    """Return what a receiver that is tried out is told: nothing is wrong."""
    return Said(
        notice_id=notice_id,
        alert_id=notice_id,
        receiver=receiver,
        stage=Stage.TEST,
        at=now,
        now=now,
        site=site,
        facility=facility,
        zone=zone,
        rule=Rule.RELEASE_APPROACHING,
        severity=Severity.ADVICE,
        opened_at=now,
        cases=(),
        open_count=0,
        total=0,
        step=1,
        steps=1,
        repeat=0,
        cycle=0,
        told=(receiver,),
        next_told=None,
        repeat_at=None,
        acked=None,
        link="",
        link_until=None,
        drill=True,
    )
