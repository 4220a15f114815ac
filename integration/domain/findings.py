"""From a booking's facts to its findings at an instant, and the next instant at which they change (section 4).

`assess` is the whole product in one function: everything else brings facts to it or carries its answer away.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from integration.domain.custody import Standing, timeline_of
from integration.domain.facts import Fact, Voided
from integration.domain.instants import NEVER, Instant
from integration.domain.moments import moment_findings
from integration.domain.parameters import Parameters
from integration.domain.stretches import Candidate, stretch_findings
from schemas.kinds import Rule, Status


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's statement about a booking. Equal facts give an equal finding everywhere."""

    finding_id: str
    rule: Rule
    about: str
    source: str
    booking: str
    since: Instant
    until: Instant | None
    """End of the stretch; None while none is known."""
    status: Status
    evidence: tuple[str, ...]
    """Ids of the events it rests on, in order of their time."""
    names: tuple[tuple[str, str], ...] = ()
    """What the evidence shows, in words (`Candidate.names`)."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What stands at an instant, and when that changes although no event comes."""

    findings: tuple[Finding, ...]
    next_at: Instant
    """The next instant at which a finding is due to be raised or to end; `NEVER` if there is none."""


NOTHING = Assessment((), NEVER)

_compact: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def assess(source: str, booking: str, facts: Iterable[Fact], parameters: Parameters, *, now: Instant) -> Assessment:
    """Apply every rule to the standing facts of one booking.

    Args:
        source: the facility's feed.
        booking: the number the facts count for.
        facts: those that count (`groups.standing_bookings`), in any order.
        parameters: the policy pack.
        now: the current time.
    """
    standing = Standing(facts)
    if standing.of(Voided):
        return NOTHING  # Section 2: nothing about a voided booking stands.
    timeline = timeline_of(standing, parameters)
    candidates = stretch_findings(standing, timeline, parameters)
    candidates += moment_findings(standing, timeline, parameters)
    if not candidates:
        return NOTHING
    next_at = NEVER
    listed: dict[str, Finding] = {}
    for candidate in candidates:
        # Rule 6: raised when the time comes, if the stretch contains that instant; rule 9: not before.
        if candidate.raise_at >= candidate.until:
            continue
        if candidate.raise_at > now:
            next_at = min(next_at, candidate.raise_at)
            continue
        if candidate.until > now:
            next_at = min(next_at, candidate.until)
        found = _finding(source, booking, candidate, now)
        # Two release times within one warning window can warn from the same instant on: that is one finding, to the
        # later of the two (rule 8).
        if (other := listed.get(found.finding_id)) is None or _ends_later(found, other):
            listed[found.finding_id] = found
    return Assessment(tuple(listed.values()), next_at)


def _ends_later(found: Finding, other: Finding) -> bool:
    return other.until is not None and (found.until is None or found.until > other.until)


def _finding(source: str, booking: str, candidate: Candidate, now: Instant) -> Finding:
    return Finding(
        finding_id=finding_id(source, booking, candidate.rule, candidate.since, candidate.about),
        rule=candidate.rule,
        about=candidate.about,
        source=source,
        booking=booking,
        since=candidate.since,
        until=None if candidate.until == NEVER else candidate.until,
        status=Status.OPEN if candidate.until > now else Status.RESOLVED,
        evidence=candidate.evidence(),
        names=candidate.names,
    )


@lru_cache(maxsize=4096)
def finding_id(source: str, booking: str, rule: Rule, since: Instant, about: str) -> str:
    """Rule 8: the same facts give the same id everywhere.

    The first 128 bits, hexadecimal, of SHA-256 over the JSON array ``[source, booking, rule, since, about]`` with
    ``since`` in microseconds since the epoch, without spaces, in UTF-8.
    """
    named = _compact([source, booking, rule, since, about])
    return hashlib.sha256(named.encode()).hexdigest()[:32]
