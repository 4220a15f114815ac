"""Rules about one moment: open from that moment until somebody acknowledges them (rule 9)."""

from collections.abc import Iterator
from functools import lru_cache

from integration.domain.agencies import Directory
from integration.domain.custody import Hold, Standing, Timeline
from integration.domain.facts import BailTurnedDown, Placed, StatusReceived, Transferred
from integration.domain.instants import NEVER, Instant
from integration.domain.papers import HoldClass, form_number
from integration.domain.parameters import Parameters
from integration.domain.stretches import Candidate
from schemas.kinds import Rule


def moment_findings(facts: Standing, timeline: Timeline, parameters: Parameters) -> list[Candidate]:
    """Return what the rules about single moments say of a booking."""
    candidates = [
        _moment(
            Rule.STATUS_INFORMATION_RECEIVED,
            received.id,
            received.time,
            received.id,
            names=(("fields", ", ".join(received.fields)),),
        )
        for received in facts.of(StatusReceived)  # L1, L3, M-b
    ]
    candidates += [
        _moment(
            Rule.MISLABELLED_DOCUMENT,
            hold.hold_id,
            hold.start,
            hold.placed_id,
            names=_both_values(hold, facts),
        )
        for hold in timeline.holds  # Section 3: each correction of a label (L5, M-d)
        if hold.paper.mislabelled
    ]
    candidates += _transfers(facts, timeline, parameters)
    candidates += _bail(facts, timeline)
    return candidates


def _transfers(facts: Standing, timeline: Timeline, parameters: Parameters) -> Iterator[Candidate]:
    """A lasting transfer to an immigration authority takes a valid judicial warrant (L4, L5, M-d)."""
    for transferred in facts.of(Transferred):
        if transferred.temporary or not _is_known(transferred.to_agency, parameters.immigration_authorities):
            continue
        if not _judicial_authority_at(transferred.time, timeline):
            yield _moment(Rule.TRANSFER_WITHOUT_WARRANT, transferred.id, transferred.time, *_named(transferred, facts))


@lru_cache(maxsize=4096)
def _is_known(agency: str, directory: Directory) -> bool:
    return directory.has_name(agency) or directory.has_ori(agency)


def _bail(facts: Standing, timeline: Timeline) -> Iterator[Candidate]:
    """Bail may not be refused because of an immigration paper (M-d: "or admitted to bail"; L5)."""
    for refused in facts.of(BailTurnedDown):
        active = sorted(
            (hold.start, hold.placed_id)
            for hold in timeline.holds
            if hold.paper.hold_class is HoldClass.IMMIGRATION and hold.start <= refused.time < hold.end
        )
        if active:
            papers = [placed_id for _, placed_id in active]
            yield _moment(Rule.BAIL_REFUSED_ON_DETAINER, refused.id, refused.time, *papers, refused.id)


def _judicial_authority_at(at: Instant, timeline: Timeline) -> bool:
    return any(
        hold.paper.hold_class is HoldClass.JUDICIAL and hold.authority[0] <= at < hold.authority[1]
        for hold in timeline.holds
    )


def _named(transferred: Transferred, facts: Standing) -> list[str]:
    """Return the paper the transfer names, if it is known, then the transfer itself."""
    placings = [
        (placed.time, placed.id) for placed in facts.of(Placed) if placed.hold_id == transferred.warrant_hold_id
    ]
    return [event_id for _, event_id in sorted(placings)[-1:]] + [transferred.id]


def _both_values(hold: Hold, facts: Standing) -> tuple[tuple[str, str], ...]:
    """Section 3: the evidence names both values, the label and what the paper is."""
    placed = next(placed for placed in facts.of(Placed) if placed.id == hold.placed_id)
    found = [("labelled", placed.kind), ("paper", hold.paper.kind.value if hold.paper.kind else "no_valid_warrant")]
    if (form := form_number(placed.form)) is not None:
        found.append(("form", form))
    return tuple(found)


def _moment(rule: Rule, about: str, at: Instant, *evidence: str, names: tuple[tuple[str, str], ...] = ()) -> Candidate:
    return Candidate(rule, about, at, NEVER, at, lambda: evidence, names)
