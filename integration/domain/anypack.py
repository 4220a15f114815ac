"""What the facts alone say of a finding whose policy pack is not loaded any more.

Nobody can judge it as it was judged. But packs differ in little: how long a release may take, how early to warn,
whether a warrant has to be verified, who is an immigration authority, which charges and bases are listed. So the facts
are read in every way that a pack could read them. What no reading says any more is untrue (EVENTS.md section 4, rule
7); what some reading says ends with the last of them, so that nobody counts as free sooner than the finding's own pack
would have it.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from itertools import chain, combinations, product
from typing import Final

from integration.domain.agencies import Directory
from integration.domain.facts import Fact, Opened, Placed, Transferred
from integration.domain.findings import Assessment, Finding
from integration.domain.instants import DAY, NEVER, Instant
from integration.domain.parameters import Parameters, charge_key
from schemas.kinds import HoldKind, Rule, Status

Assess = Callable[[Parameters], Assessment]
"""Applies every rule to the case at the current time, by some pack's parameters."""


_LONG: Final = 3650 * DAY
"""Before a release time: longer than any warning, so that it begins with the paper."""


def judged(kept: Finding, facts: Collection[Fact], parameters: Parameters, assess: Assess) -> Finding | None:
    """Return a finding as the facts alone have it: as it was told where they say nothing new; None: it is untrue.

    Args:
        kept: as it was told last.
        facts: those of its case that count.
        parameters: of the pack in force, for what every pack has alike.
        assess: see `Assess`.
    """
    said = [
        each
        for reading in _readings(kept, facts, parameters)
        for each in assess(reading).findings
        if each.finding_id == kept.finding_id
    ]
    if not said:
        return None
    last = max(said, key=lambda each: NEVER if each.until is None else each.until)
    if (last.until, last.status) == (kept.until, kept.status):
        return kept
    return replace(kept, until=last.until, status=last.status, evidence=last.evidence)


def changes_at(kept: Finding) -> Instant:
    """Return the next instant at which such a finding changes by itself; `NEVER`."""
    return kept.until if kept.status is Status.OPEN and kept.until is not None else NEVER


def _readings(kept: Finding, facts: Collection[Fact], parameters: Parameters) -> Iterator[Parameters]:
    placed = [fact for fact in facts if isinstance(fact, Placed)]
    named = {fact.to_agency for fact in facts if isinstance(fact, Transferred)}
    named |= {name for fact in placed for name in (fact.agency, fact.court, fact.official_title) if name}
    everybody = Directory(
        names=tuple(f"={name}" for name in sorted(named)), oris=frozenset(fact.ori for fact in placed if fact.ori)
    )
    widest = replace(
        parameters,
        release_processing_detainer=0,
        release_processing_other=0,
        notice_within=0,
        citation_offences=frozenset(
            charge_key(name) for fact in placed for name in (fact.charge_code, fact.charge_description) if name
        ),
        identification_bases=frozenset(
            charge_key(basis) for fact in facts if isinstance(fact, Opened) for basis in fact.basis
        ),
    )
    warnings = {parameters.warn_before}
    if kept.rule is Rule.RELEASE_APPROACHING and kept.until is not None:
        warnings |= {kept.until - kept.since, _LONG}
    directories = (parameters.immigration_authorities, everybody, *_some(placed))
    for verification, warn_before, directory in product((True, False), sorted(warnings), directories):
        yield replace(
            widest,
            require_warrant_verification=verification,
            warn_before=warn_before,
            immigration_authorities=directory,
        )


def _some(placed: Collection[Placed]) -> Iterator[Directory]:
    """Yield directories of none of a case's agencies, of each alone, and of all but each.

    One may be an authority and another a court. Whether a finding stands hangs on two of them at most: whose paper it
    speaks of, and whose gave authority until then.
    """
    # Of a paper that claims nothing else it is of no matter whose it is.
    warrants = [fact for fact in placed if fact.kind == HoldKind.JUDICIAL_WARRANT]
    issuers = {(tuple(name for name in (fact.agency, fact.court) if name), fact.ori or "") for fact in warrants}
    agencies = sorted(issuers)
    sizes = sorted({0, 1, max(0, len(agencies) - 1)})
    for listed in chain.from_iterable(combinations(agencies, size) for size in sizes):
        names = tuple(f"={name}" for each, _ in listed for name in each)
        yield Directory(names=names, oris=frozenset(ori for _, ori in listed if ori))
