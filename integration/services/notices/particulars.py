"""What a notice is made from: the paper as the jail has it on file, and what the pack says of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from integration.domain.custody import Hold, Standing, holds_of, standing_due
from integration.domain.facts import Fact, Placed, Voided
from integration.domain.instants import NEVER, Instant
from integration.domain.papers import HoldClass, form_number
from integration.errors import UsageError
from integration.policy.contexts import AccessContext, Context, CustodyContext, MessageContext
from integration.policy.pack import Pack
from schemas.kinds import HoldKind, RecipientClass

NOTICED: Final = frozenset({HoldClass.IMMIGRATION, HoldClass.REQUEST})
"""Papers of which a person is told (M-g: detainers, administrative warrants, requests)."""
_OURS: Final = "holdwatch-"
"""Clauses of the product itself, which stand in every pack: no promise of this agency rests on them."""

CUSTODY: Final = CustodyContext(local=False, judicial_warrant=False, other_criminal=False, immigration_paper=True)
TELLING: Final = MessageContext(
    recipient=RecipientClass.IMMIGRATION_AUTHORITY,
    purpose_immigration_enforcement=True,
    has_status=False,
    has_place_of_birth=False,
    has_other_categories=True,
    judicial_warrant=False,
    court_order=False,
    approval=None,
    approval_unexpired=False,
    approval_by_another=False,
    approval_not_withdrawn=False,
)
ACCESS: Final = AccessContext(judicial_warrant=False, court_order=False)


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that this agency does not do, and the clauses that say so."""

    key: str
    """Of the words: ``act_hold``, ``act_tell``, ``act_visit``."""
    provisions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Particulars:
    """One paper about one person, without the person."""

    source: str
    booking: str
    hold_id: str
    kind: HoldKind
    """What the paper is, whatever its label."""
    form: str | None
    issuer: str | None
    """The agency as the feed names it."""
    placed_at: Instant
    expires_at: Instant | None
    promises: tuple[Promise, ...]
    pack_title: str
    pack_revision: str
    summaries: tuple[tuple[str, str], ...]
    """Clause numbers and their short form in English, of all promises."""


def particulars(source: str, booking: str, facts: Iterable[Fact], hold_id: str, pack: Pack) -> Particulars:
    """Return what a notice about one paper says.

    Args:
        source: the facility's feed.
        booking: the number under which ``facts`` count.
        facts: those that stand (`groups.standing_bookings`).
        hold_id: the paper.
        pack: the facility's policy today.

    Raises:
        UsageError: the booking has no such paper, or it is none of which a person is told.
    """
    standing = Standing(facts)
    holds = {hold.hold_id: hold for hold in holds_of(standing, standing_due(standing), pack.parameters)}
    if standing.of(Voided):
        raise UsageError("the booking was voided: nothing about it stands")
    hold = holds.get(hold_id)
    papers = sorted(each.hold_id for each in holds.values() if each.paper.hold_class in NOTICED)
    if hold is None or hold.paper.hold_class not in NOTICED or hold.paper.kind is None:
        known = f"papers with a notice: {', '.join(map(repr, papers))}" if papers else "it has no paper with a notice"
        raise UsageError(f"--paper {hold_id!r}: the booking has no such immigration paper; {known}")
    placed = _placed(standing, hold)
    promises = tuple(_promises(pack))
    numbers = dict.fromkeys(number for promise in promises for number in promise.provisions)
    return Particulars(
        source=source,
        booking=booking,
        hold_id=hold_id,
        kind=hold.paper.kind,
        form=form_number(placed.form),
        issuer=placed.agency or None,
        placed_at=hold.start,
        expires_at=None if placed.expires_at in {None, NEVER} else placed.expires_at,
        promises=promises,
        pack_title=pack.title,
        pack_revision=pack.revision,
        summaries=tuple((number, pack.provisions[number].summary) for number in numbers),
    )


def _placed(standing: Standing, hold: Hold) -> Placed:
    """Return the event that stands in for all that placed the hold (EVENTS.md section 4, rule 2)."""
    found = [placed for placed in standing.of(Placed) if placed.id == hold.placed_id]
    return max(found, key=attrgetter("time"))


def _promises(pack: Pack) -> Iterable[Promise]:
    """Ask the pack what it forbids on such a paper alone. Only what its own law says is promised to a person."""
    asked: tuple[tuple[str, Context], ...] = (("act_hold", CUSTODY), ("act_tell", TELLING), ("act_visit", ACCESS))
    for key, context in asked:
        decision = pack.engine.decide(context)
        own = tuple(number for number in decision.provisions if not number.startswith(_OURS))
        if not decision.permit and own:
            yield Promise(key, own)
