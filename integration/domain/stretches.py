"""Rules about stretches of time: held past release, about to be, booked on nothing, notice, identity, summons."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, NamedTuple

from integration.domain.custody import Hold, Standing, Timeline
from integration.domain.facts import Opened, Placed, Served
from integration.domain.instants import NEVER, Instant, Interval, overlap, union
from integration.domain.papers import HoldClass
from integration.domain.parameters import Parameters, charge_key
from schemas.kinds import Rule

_IMMIGRATION: Final = HoldClass.IMMIGRATION
"""Asked of every hold at every assessment; in an enum a name is looked up ten times as slowly."""


class Candidate(NamedTuple):
    """What a rule would say once the time has come."""

    rule: Rule
    about: str
    since: Instant
    until: Instant
    """End of the stretch, `NEVER` while none is known or where a person has to acknowledge it."""
    raise_at: Instant
    evidence: Callable[[], tuple[str, ...]]
    """Worked out only for what is listed."""
    names: tuple[tuple[str, str], ...] = ()
    """What the evidence shows, in words: both values of a corrected label, the name of a forbidden field."""


def stretch_findings(facts: Standing, timeline: Timeline, parameters: Parameters) -> list[Candidate]:
    """Return what the rules about stretches say of a booking, past and future."""
    candidates: list[Candidate] = []
    papers = union([(hold.start, hold.end) for hold in timeline.holds if hold.paper.hold_class is _IMMIGRATION])
    for stretch in timeline.stretches:
        candidates += _overdue(stretch, papers, timeline, parameters)
    if papers:
        candidates += _approaching(papers, timeline, parameters)
        candidates += _booked_on_nothing(papers, timeline)
    if parameters.notice_within is not None:
        candidates += _notice(facts, timeline, parameters.notice_within)
    if timeline.start < timeline.end:
        candidates += _identification(facts, timeline, parameters)
        candidates += _summons(facts, timeline, parameters)
    return candidates


def _overdue(
    stretch: Interval, papers: list[Interval], timeline: Timeline, parameters: Parameters
) -> Iterator[Candidate]:
    """Rules 5 and 6 (L5, M-d, W-II.C): the two parts of a stretch without authority."""
    start, end = stretch
    held_on_paper = overlap(stretch, papers) if papers else papers
    turning = held_on_paper[0][0] if held_on_paper else end
    parts = (
        (Rule.OVERDUE_RELEASE, start, turning, parameters.release_processing_other),
        (Rule.OVERDUE_DETAINER_HOLD, turning, end, parameters.release_processing_detainer),
    )
    for rule, since, until, allowance in parts:
        if since + allowance < until:
            evidence = partial(_evidence, timeline, start, since, until)
            yield Candidate(rule, "", since, until, since + allowance, evidence)


def _approaching(papers: list[Interval], timeline: Timeline, parameters: Parameters) -> Iterator[Candidate]:
    """Warn before a release time while an immigration hold is active (L5, M-d)."""
    for release_time, _ in timeline.stretches:
        window = (max(release_time - parameters.warn_before, timeline.start), release_time)
        for since, until in overlap(window, papers):
            evidence = partial(_evidence, timeline, release_time, since, until)
            yield Candidate(Rule.RELEASE_APPROACHING, "", since, until, since, evidence)


def _booked_on_nothing(papers: list[Interval], timeline: Timeline) -> Iterator[Candidate]:
    """Custody that starts on an immigration paper alone (L2, M-c)."""
    if not timeline.stretches or timeline.stretches[0][0] != timeline.start:
        return
    since, until = timeline.stretches[0]
    if any(start <= since < end for start, end in papers):
        evidence = partial(_evidence, timeline, since, since, since + 1)
        yield Candidate(Rule.BOOKED_WITHOUT_AUTHORITY, "", since, until, since, evidence)


def _notice(facts: Standing, timeline: Timeline, notice_within: int) -> Iterator[Candidate]:
    """The person gets a copy of each paper in time (M-g). It is owed while the person is in custody."""
    for hold in timeline.holds:
        if hold.paper.hold_class not in (HoldClass.IMMIGRATION, HoldClass.REQUEST):
            continue
        served = [fact.time for fact in facts.of(Served) if fact.hold_id == hold.hold_id]
        since = max(hold.start, timeline.start)
        until = min(hold.end, timeline.end, *served)
        if since < until:
            yield Candidate(
                Rule.NOTICE_NOT_SERVED,
                hold.hold_id,
                since,
                until,
                since + notice_within,
                _ids(hold.placed_id),
            )


def _identification(facts: Standing, timeline: Timeline, parameters: Parameters) -> Iterator[Candidate]:
    """Nobody is held solely to establish who they are (L7)."""
    openings = facts.of(Opened)
    stated = {charge_key(basis) for opened in openings for basis in opened.basis}
    if stated and stated <= parameters.identification_bases:
        yield Candidate(
            Rule.HELD_FOR_IDENTIFICATION,
            "",
            timeline.start,
            timeline.end,
            timeline.start,
            _ids(*(opened.id for opened in sorted(openings, key=lambda o: (o.time, o.id)) if opened.basis)),
        )


def _summons(facts: Standing, timeline: Timeline, parameters: Parameters) -> Iterator[Candidate]:
    """A summons would have done for these charges (M-f, W-II.E). Advice."""
    if not parameters.citation_offences:
        return
    local = {hold.placed_id for hold in timeline.holds if hold.paper.hold_class is HoldClass.LOCAL}
    charges = sorted((placed for placed in facts.of(Placed) if placed.id in local), key=lambda p: (p.time, p.id))
    if charges and all(_is_citable(placed, parameters) for placed in charges):
        yield Candidate(
            Rule.CITE_NOT_CUSTODY,
            "",
            timeline.start,
            timeline.end,
            timeline.start,
            _ids(*(placed.id for placed in charges)),
        )


def _is_citable(placed: Placed, parameters: Parameters) -> bool:
    named = (placed.charge_code, placed.charge_description)
    return any(charge_key(name) in parameters.citation_offences for name in named if name)


def _ids(*event_ids: str) -> Callable[[], tuple[str, ...]]:
    return lambda: event_ids


def _evidence(timeline: Timeline, release_time: Instant, since: Instant, until: Instant) -> tuple[str, ...]:
    """Name the opening, what ended the authority at the release time, the papers in the part, and what ended it."""
    named: list[tuple[Instant, str | None]] = [(timeline.start, timeline.opening_id)]
    for hold in timeline.holds:
        if _gave_way(hold, release_time):
            named += [(hold.start, hold.placed_id), (hold.end, hold.ended_by)]
        elif _speaks_of(hold, since, until):
            named.append((hold.start, hold.placed_id))
    if timeline.end == until:
        named.append((timeline.end, timeline.closing_id))
    return _in_order(named)


def _speaks_of(hold: Hold, since: Instant, until: Instant) -> bool:
    """Tell whether a hold is an immigration paper active in the part, or the new authority that ends it."""
    if hold.paper.hold_class is _IMMIGRATION:
        return hold.start < until and hold.end > since
    return until != NEVER and hold.authority[0] == until < hold.authority[1]


def _gave_way(hold: Hold, release_time: Instant) -> bool:
    return hold.authority[0] < hold.authority[1] == release_time or (
        hold.paper.hold_class is HoldClass.LOCAL and hold.end <= hold.start <= release_time
    )


def _in_order(named: Iterable[tuple[Instant, str | None]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(event_id for _, event_id in sorted(named, key=_by_time) if event_id))


def _by_time(named: tuple[Instant, str | None]) -> tuple[Instant, str]:
    return named[0], named[1] or ""
