"""From a booking's facts to its line on the board: what is on file, and what that paper may do. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from integration.demo.view import Held, OnFile, Sign
from integration.demo.words import RULES, about
from integration.domain.custody import Hold, Standing, Timeline, timeline_of
from integration.domain.facts import Fact, Placed
from integration.domain.findings import Finding
from integration.domain.instants import Instant
from integration.domain.papers import HoldClass
from integration.domain.parameters import Parameters
from integration.services.plain import PAPERS
from schemas.kinds import Rule

KEPT_PAST: Final = frozenset({Rule.OVERDUE_DETAINER_HOLD, Rule.OVERDUE_RELEASE})

_LAWFUL: Final = {
    HoldClass.JUDICIAL: "keeps the person, verified",
    HoldClass.OTHER_CRIMINAL: "keeps the person",
}
_INVALID: Final = "warrant that is not valid"
_LOUDEST: Final = (Sign.VIOLATION, Sign.WARNING, Sign.ADVICE)


def lines_of(
    booking: str, facts: Iterable[Fact], findings: Iterable[Finding], parameters: Parameters, *, now: Instant
) -> tuple[list[Held], OnFile | None]:
    """Return a booking's rows: those that say it is kept past release time, else its papers on file.

    Args:
        booking: the number the facts count for.
        facts: those that count.
        findings: those that are open.
        parameters: the policy pack.
        now: the current time.
    """
    standing = Standing(facts)
    timeline = timeline_of(standing, parameters)
    placed = {fact.id: fact for fact in standing.of(Placed)}
    on_file = [hold for hold in timeline.holds if hold.start <= now < hold.end and _from_outside(hold)]
    paper = ", ".join(_name(hold, placed) for hold in on_file) or "none"
    held = [
        Held(
            finding_id=finding.finding_id,
            booking=booking,
            rule=finding.rule,
            since=finding.since,
            paper=paper,
            missing=_missing(on_file),
            provisions=", ".join(parameters.terms[finding.rule].provisions) or "none",
        )
        for finding in findings
        if finding.rule in KEPT_PAST
    ]
    if held or not on_file or not timeline.start <= now < timeline.end:
        return held, None
    sign, says = _standing(on_file, findings, parameters, now)
    return held, OnFile(booking, paper, _release_at(timeline, now), sign, says)


def _from_outside(hold: Hold) -> bool:
    return hold.paper.hold_class is not HoldClass.LOCAL


def _name(hold: Hold, placed: Mapping[str, Placed]) -> str:
    form = placed[hold.placed_id].form
    words = _INVALID if hold.paper.kind is None else PAPERS[hold.paper.kind]
    return f"{form} {words}" if form else words


def _missing(on_file: list[Hold]) -> str:
    if any(hold.paper.hold_class is HoldClass.JUDICIAL for hold in on_file):
        return "the court's confirmation"
    return "a judge's warrant" if on_file else "any ground"


def _release_at(timeline: Timeline, now: Instant) -> Instant | None:
    """The next release time; where another ground goes on, the time the local case was over."""
    ahead = (start for start, end in timeline.stretches if end > now)
    return next(ahead, None if timeline.due is None else timeline.due.due_at)


def _standing(
    on_file: list[Hold], findings: Iterable[Finding], parameters: Parameters, now: Instant
) -> tuple[Sign, str]:
    lawful = [hold.paper.hold_class for hold in on_file if hold.authority[0] <= now < hold.authority[1]]
    if lawful:
        return Sign.LAWFUL, _LAWFUL[lawful[0]]
    said: list[tuple[Sign, str]] = []
    for finding in findings:
        sign = Sign[parameters.terms[finding.rule].severity.name]
        near = finding.rule is Rule.RELEASE_APPROACHING and finding.until is not None
        text = f"release in {about((finding.until or now) - now)}" if near else RULES[finding.rule]
        said.append((sign, text))
    if said:
        loudest = min((sign for sign, _ in said), key=_LOUDEST.index)
        return loudest, "; ".join(text for _, text in said)
    if all(hold.paper.hold_class is HoldClass.REQUEST for hold in on_file):
        return Sign.ON_FILE, "asks to be told, holds nobody"
    return Sign.ON_FILE, "local case keeps the person"
