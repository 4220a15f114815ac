"""Alerts to write words for: one of each kind, with times of a day in March."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from integration.domain.alerts.said import Acked, Case, CaseState, Missing, Next, Paper, Said, Stage
from integration.domain.instants import DAY, HOUR, MINUTE, SECOND, Instant
from integration.policy.pack import load
from integration.services.alertwords.compose import words
from schemas.kinds import Rule, Severity

LANSING, MASSACHUSETTS = load("lansing-eo-2017-01"), load("ma-welcoming-community")
WRITE = words([LANSING, MASSACHUSETTS])
ZONE = "America/Detroit"


def local(hour: int, minute: int = 0, day: int = 2) -> Instant:
    return int(datetime(2026, 3, day, hour, minute, tzinfo=ZoneInfo(ZONE)).timestamp()) * SECOND


DUE = local(14)
NOW = DUE + 17 * MINUTE
DETAINER = Paper("h-2", "e-3", "immigration_detainer", "I-247A", local(10), None)
CASE = Case(
    finding_id="0f" * 16,
    booking="B-100",
    rule=Rule.OVERDUE_DETAINER_HOLD,
    about="",
    since=DUE,
    until=None,
    raised_at=DUE,
    state=CaseState.OPEN,
    new=True,
    evidence=("e-1", "e-3", "e-4"),
    names=(),
    papers=(DETAINER,),
    missing=(Missing.JUDICIAL_WARRANT,),
    provisions=("L5",),
    pack=LANSING.id,
    pack_revision=LANSING.revision,
)
SAID = Said(
    notice_id="A7-1-desk",
    alert_id="A7",
    receiver="desk-mail",
    stage=Stage.FIRST,
    at=DUE,
    now=NOW,
    site="example-county-jail",
    facility="/jms/lansing-pd",
    zone=ZONE,
    rule=Rule.OVERDUE_DETAINER_HOLD,
    severity=Severity.VIOLATION,
    opened_at=DUE,
    cases=(CASE,),
    open_count=1,
    total=1,
    step=1,
    steps=3,
    repeat=0,
    cycle=0,
    told=("desk-mail", "sergeant-sms"),
    next_told=Next(local(14, 35), ("watch-commander",), 2),
    repeat_at=local(14, 32),
    acked=None,
    link="https://holdwatch.example/a/Jq3-x9",
    link_until=local(20),
    drill=False,
)


def of_rule(rule: Rule, severity: Severity = Severity.VIOLATION, **more: object) -> Said:
    """An alert about one booking by another rule, as Massachusetts has it."""
    pack = MASSACHUSETTS
    case = replace(
        CASE,
        rule=rule,
        provisions=pack.parameters.terms[rule].provisions,
        pack=pack.id,
        pack_revision=pack.revision,
        **more,
    )
    return replace(SAID, rule=rule, severity=severity, cases=(case,))


def _cases(count: int) -> tuple[Case, ...]:
    return tuple(
        replace(CASE, booking=f"B-{100 + at}", finding_id=f"{at:032x}", since=DUE + at * MINUTE) for at in range(count)
    )


ACKED = Acked("officer:jdoe", local(14, 20), local(14, 50))
OVER = replace(CASE, state=CaseState.RESOLVED, until=local(14, 15), new=False)
SERVED = {"papers": (DETAINER,), "missing": (Missing.NOTICE_SERVED,), "since": DUE - DAY, "about": "h-2"}
LABEL = (("labelled", "judicial_warrant"), ("paper", "administrative_warrant"), ("form", "I-200"))

FORMS: dict[str, Said] = {
    "violation-first": SAID,
    "violation-reminder": replace(SAID, stage=Stage.REPEATED, repeat=2, now=NOW + 30 * MINUTE),
    "violation-escalated": replace(SAID, stage=Stage.ESCALATED, step=2, told=("watch-commander",), next_told=None),
    "violation-empty-shift": replace(SAID, next_told=Next(local(14, 35), (), 2)),
    "violation-unverified-warrant": replace(
        SAID,
        cases=(
            replace(
                CASE,
                papers=(DETAINER, Paper("h-3", "e-5", "judicial_warrant", "", local(13), None)),
                missing=(Missing.WARRANT_VERIFIED,),
            ),
        ),
    ),
    "violation-acknowledged": replace(SAID, stage=Stage.HANDED_OVER, acked=ACKED, next_told=None, link=""),
    "violation-reopened": replace(SAID, stage=Stage.REOPENED, cycle=1, now=NOW + 40 * MINUTE),
    "violation-closed": replace(
        SAID, stage=Stage.CLOSED, cases=(OVER,), open_count=0, next_told=None, repeat_at=None, link=""
    ),
    "violation-withdrawn": replace(
        SAID,
        stage=Stage.CLOSED,
        cases=(replace(CASE, state=CaseState.WITHDRAWN, new=False),),
        open_count=0,
        next_told=None,
        repeat_at=None,
        link="",
    ),
    "warning": replace(
        SAID,
        rule=Rule.RELEASE_APPROACHING,
        severity=Severity.WARNING,
        now=DUE - 43 * MINUTE,
        cases=(replace(CASE, rule=Rule.RELEASE_APPROACHING, since=DUE - HOUR, until=DUE, provisions=("L5",)),),
    ),
    "grouped": replace(SAID, cases=_cases(5), open_count=5, total=5),
    "grouped-more": replace(
        SAID, stage=Stage.ADDED, cases=(*_cases(19), replace(OVER, booking="B-200")), open_count=31, total=32
    ),
    "grouped-partly-over": replace(SAID, stage=Stage.ENDED, cases=(*_cases(2), OVER), open_count=2, total=3),
    "drill": replace(SAID, drill=True),
    "test": replace(SAID, stage=Stage.TEST, cases=(), alert_id="test-desk-mail", open_count=0, total=0, link=""),
    "unknown-pack": replace(SAID, cases=(replace(CASE, pack_revision="00"),)),
    "autumn-night": replace(
        SAID,
        now=int(datetime(2026, 11, 1, 1, 40, tzinfo=ZoneInfo(ZONE), fold=1).timestamp()) * SECOND,
        cases=(replace(CASE, since=int(datetime(2026, 11, 1, 1, 20, tzinfo=ZoneInfo(ZONE)).timestamp()) * SECOND),),
    ),
    "notice-not-served": of_rule(Rule.NOTICE_NOT_SERVED, **SERVED),
    "mislabelled": of_rule(Rule.MISLABELLED_DOCUMENT, Severity.WARNING, names=LABEL, missing=()),
    "transfer": of_rule(Rule.TRANSFER_WITHOUT_WARRANT, about="e-9"),
    "booked": of_rule(Rule.BOOKED_WITHOUT_AUTHORITY),
    "bail": of_rule(Rule.BAIL_REFUSED_ON_DETAINER),
    "identification": of_rule(Rule.HELD_FOR_IDENTIFICATION, Severity.WARNING, papers=(), missing=()),
    "summons": of_rule(Rule.CITE_NOT_CUSTODY, Severity.ADVICE, papers=(), missing=()),
    "status": of_rule(
        Rule.STATUS_INFORMATION_RECEIVED,
        Severity.WARNING,
        papers=(),
        missing=(),
        names=(("fields", "person.citizenship"),),
    ),
    "overdue-release": of_rule(Rule.OVERDUE_RELEASE, papers=(), missing=()),
}
"""One of each form, by the name of its golden file."""
