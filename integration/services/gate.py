"""The one decision point for messages, access and assistance (section 6; M-e, M-h, M-j, M-k, L6, L8, L9)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

import orjson

from integration.domain.custody import Standing, timeline_of
from integration.domain.facts import (
    AccessAsked,
    Approved,
    AssistanceAsked,
    Fact,
    MessageAsked,
    Opened,
    Placed,
    Voided,
)
from integration.domain.instants import Instant
from integration.domain.messages.people import Roster
from integration.domain.papers import HoldClass, is_court
from integration.domain.persons import may_be_one, names_of
from integration.domain.recipients.reach import Reach, farthest, reach_of
from integration.policy.contexts import AccessContext, AssistContext, MessageContext
from integration.policy.decisions import Decision, Reason
from integration.policy.pack import Pack
from integration.services import withdrawals
from integration.services.examining import NO_ROSTER, Examined, examine_request
from integration.services.ports import DecisionRow
from schemas.kinds import AssistanceKind, Category, HoldKind, LegalBasis, Purpose, RecipientClass, Verdict
from schemas.requests import MessageRequested


class GateReason(StrEnum):
    """Why the gate decides without asking the pack."""

    UNREADABLE = "unreadable"
    """A recipient or the content could not be read: blocked, never guessed."""
    NO_BOOKING = "no_booking"
    """Nothing is known of the booking that the message says it is about."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as decided."""

    kind: str
    request_id: str
    decision: Decision | GateReason
    """What the pack decided, or why it was not asked: then the request is blocked."""
    asked_by: tuple[str, ...]
    """Ids of the events that ask for it: one more makes it a new question."""
    categories: tuple[str, ...]
    recipient_class: str
    because: tuple[str, ...] = ()
    """With `GateReason.UNREADABLE`: the typed reasons (`Doubt`, `Gap`, `Fault`)."""

    @property
    def permit(self) -> bool:
        """Whether it may be done."""
        return isinstance(self.decision, Decision) and self.decision.permit

    @property
    def provisions(self) -> tuple[str, ...]:
        """The clauses it rests on."""
        return self.decision.provisions if isinstance(self.decision, Decision) else ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in words of closed lists."""
        if isinstance(self.decision, Decision):
            return tuple(reason.value for reason in self.decision.reasons)
        return (self.decision.value, *self.because)


REQUESTS = (MessageAsked, AccessAsked, AssistanceAsked)
"""Facts that ask the gate for something."""


def judge(event: MessageRequested, *, pack: Pack, roster: Roster = NO_ROSTER) -> MessageAsked:
    """Read whom a message reaches and what it gives away. Its text and values are not kept."""
    data = event.data
    examined = examine_request(data, pack.parameters, roster=roster)
    asked = asked_of(
        examined,
        event_id=event.id,
        time=event.time,
        message_id=data.message_id,
        channel=data.channel.value,
        sender=data.sender.user,
    )
    return replace(asked, digest=sha256(data.model_dump_json().encode()).hexdigest()[:32])


def asked_of(
    examined: Examined, *, event_id: str, time: Instant, message_id: str, channel: str, sender: str | None
) -> MessageAsked:
    """Return what an examined message asks for, as a fact. It holds no word of the message.

    Args:
        examined: see `examining`.
        event_id: the request's id; another one is a new question.
        time: when it was asked.
        message_id: what approvals name it by.
        channel: by what road it leaves.
        sender: who wants to send: nobody approves a message of their own.
    """
    return MessageAsked(
        event_id,
        time,
        message_id,
        channel,
        sender,
        examined.recipient_class.value,
        examined.purpose.value if examined.purpose else None,
        tuple(sorted(category.value for category in examined.content.categories)),
        bool(examined.doubts) or examined.refused is not None,
        bool(examined.unread),
        (
            *([examined.refused.value] if examined.refused else []),
            *(doubt.value for doubt in examined.doubts),
            *(gap.value for gap in examined.gaps),
        ),
    )


def decide_message(message: MessageAsked, pack: Pack, *, now: Instant, facts: Iterable[Fact] = ()) -> Request:
    """Decide one message by itself, as of ``now``.

    Args:
        message: see `asked_of`.
        pack: the policy in force.
        now: the current time.
        facts: the standing facts of the booking it is about, approvals among them; none: it is tied to no booking.
    """
    standing = Standing(facts)
    warrant = _has_warrant(standing, pack, now)
    return _message(message, [message], standing, pack, warrant=warrant, now=now)


def decide(facts: Iterable[Fact], pack: Pack, *, now: Instant) -> Iterator[Request]:
    """Decide every request among the standing facts of one booking, as of ``now``."""
    standing = Standing(facts)
    warrant = _has_warrant(standing, pack, now)
    messages: dict[str, list[MessageAsked]] = {}
    for message in standing.of(MessageAsked):
        messages.setdefault(message.message_id, []).append(message)
    for asked in messages.values():
        yield _message(_together(asked), asked, standing, pack, warrant=warrant, now=now)
    for access in standing.of(AccessAsked):
        # A request stands or falls by the paper it names: another matter's warrant does not open the door for it.
        named = access.warrant_hold_id
        presented = warrant if named is None else _has_warrant(standing, pack, now, named)
        yield _access(access, standing, pack, warrant=presented, now=now)
    for assistance in standing.of(AssistanceAsked):
        yield _assistance(assistance, pack)


def to_row(request: Request, source: str, booking: str, pack: Pack, *, now: Instant) -> DecisionRow:
    """Write a decided request as a row of the projection."""
    return DecisionRow(
        source=source,
        request=request.kind,
        request_id=request.request_id,
        booking=booking,
        decision=(Verdict.PERMIT if request.permit else Verdict.BLOCK).value,
        reasons=orjson.dumps(request.reasons),
        provisions=orjson.dumps(request.provisions),
        categories=orjson.dumps(list(request.categories)),
        recipient_class=request.recipient_class,
        decided_at=now,
        pack=pack.id,
        pack_revision=pack.revision,
    )


def _has_warrant(standing: Standing, pack: Pack, now: Instant, named: str | None = None) -> bool:
    if standing.of(Voided):
        return False  # Section 2: nothing about a voided booking stands.
    return any(
        hold.paper.hold_class is HoldClass.JUDICIAL
        and hold.authority[0] <= now < hold.authority[1]
        and named in (None, hold.hold_id)
        for hold in timeline_of(standing, pack.parameters).holds
    )


def _together(asked: list[MessageAsked]) -> MessageAsked:
    """Read several requests with one ``message_id`` as the one that gives away most, to whoever is most governed."""
    last = max(asked, key=lambda each: (each.time, each.id))
    if len(asked) == 1:
        return last
    senders = {names_of(each.sender) for each in asked}
    immigration = Purpose.IMMIGRATION_ENFORCEMENT.value
    return replace(
        last,
        sender=last.sender if len(senders) == 1 else None,
        purpose=immigration if any(each.purpose == immigration for each in asked) else last.purpose,
        recipient_class=farthest([RecipientClass(each.recipient_class) for each in asked]).value,
        categories=tuple(sorted({category for each in asked for category in each.categories})),
        unreadable=any(each.unreadable for each in asked),
        unread=any(each.unread for each in asked),
        doubts=tuple(dict.fromkeys(doubt for each in asked for doubt in each.doubts)),
    )


def _refusal(message: MessageAsked, standing: Standing) -> GateReason | None:
    """Tell why the pack need not be asked: what cannot be read, or tied to a booking, is never guessed."""
    if message.unreadable:
        return GateReason.UNREADABLE
    to_partner = message.recipient_class == RecipientClass.PARTNER_287G.value
    if message.recipient_class == RecipientClass.OTHER.value or (
        to_partner and message.purpose != Purpose.IMMIGRATION_ENFORCEMENT.value
    ):
        return None
    if message.unread:
        return GateReason.UNREADABLE
    # 8 U.S.C. 1373: status alone may be exchanged about anybody, in custody or not (L9, M-5).
    only_status = set(message.categories) == {Category.CITIZENSHIP_OR_IMMIGRATION_STATUS.value}
    known = (bool(standing.of(Opened)) or bool(standing.of(Placed))) and not standing.of(Voided)
    return None if known or only_status else GateReason.NO_BOOKING


def _message(
    message: MessageAsked, asked: list[MessageAsked], standing: Standing, pack: Pack, *, warrant: bool, now: Instant
) -> Request:
    decision: Decision | GateReason | None = _refusal(message, standing)
    if decision is None:
        withdrawn = withdrawals.withdrawn(standing)
        changed = _changed_at(asked)
        approvals = [
            fact
            for fact in standing.of(Approved)
            if fact.message_id == message.message_id and fact.time <= now and (changed is None or fact.time > changed)
        ]
        contexts = [
            _message_context(message, approval, withdrawn, warrant=warrant, now=now)
            for approval in [None, *sorted(approvals, key=lambda fact: (fact.time, fact.id))]
        ]
        decisions = pack.engine.decide_all(contexts)
        # One sufficient approval is enough; of several insufficient ones the last says why not.
        decision = next((each for each in decisions if each.permit), decisions[-1])
    because = message.doubts if decision is GateReason.UNREADABLE else ()
    asked_by = tuple(each.id for each in asked)
    return Request(
        "message_id", message.message_id, decision, asked_by, message.categories, message.recipient_class, because
    )


def _changed_at(asked: list[MessageAsked]) -> Instant | None:
    """Return when requests with one ``message_id`` last came to say something else; None if all say the same.

    An approval counts for what was there to be seen when it was given: not for other words sent later in its name.
    """
    first: dict[str, Instant] = {}
    for each in asked:
        says = each.digest or f"event {each.id}"
        first[says] = min(each.time, first.get(says, each.time))
    return max(first.values()) if len(first) > 1 else None


def _message_context(
    message: MessageAsked, approval: Approved | None, withdrawn: set[str], *, warrant: bool, now: Instant
) -> MessageContext:
    categories = set(message.categories)
    status = {Category.CITIZENSHIP_OR_IMMIGRATION_STATUS.value}
    birthplace = {Category.PLACE_OF_BIRTH.value}
    unexpired = approval is not None and now < approval.expires_at
    # Without a known sender nobody can be shown to be another person.
    by_another = approval is not None and not may_be_one(message.sender, approval.approved_by)
    stands = approval is not None and approval.approval_id not in withdrawn
    basis = LegalBasis(approval.legal_basis) if approval else None
    return MessageContext(
        recipient=RecipientClass(message.recipient_class),
        purpose_immigration_enforcement=message.purpose == Purpose.IMMIGRATION_ENFORCEMENT.value,
        has_status=bool(categories & status),
        has_place_of_birth=bool(categories & birthplace),
        has_other_categories=bool(categories - status - birthplace),
        judicial_warrant=warrant,
        court_order=basis is LegalBasis.COURT_ORDER and unexpired and by_another and stands,
        approval=basis,
        approval_unexpired=unexpired,
        approval_by_another=by_another,
        approval_not_withdrawn=stands,
    )


def _access(access: AccessAsked, standing: Standing, pack: Pack, *, warrant: bool, now: Instant) -> Request:
    party = _party(access.agency, pack)
    decision: Decision | GateReason
    if party.doubt is not None:
        decision = GateReason.UNREADABLE
    elif party.party is RecipientClass.IMMIGRATION_AUTHORITY:
        order = _named_court_order(access, standing, pack, now)
        decision = pack.engine.decide(AccessContext(judicial_warrant=warrant, court_order=order))
    else:
        # M-h speaks of immigration authorities: counsel, courts and other police are not the gate's business.
        decision = Decision(permit=True, reasons=(Reason.REQUESTER_NOT_GOVERNED,), provisions=(), policies=())
    return Request("access_id", access.access_id, decision, (access.id,), (), _class_of(party))


def _named_court_order(access: AccessAsked, standing: Standing, pack: Pack, now: Instant) -> bool:
    """An order of a court that the request itself names, and that names its court; not whatever keeps the person."""
    if standing.of(Voided):
        return False
    authorities = pack.parameters.immigration_authorities
    named = {
        placed.id
        for placed in standing.of(Placed)
        if placed.hold_id == access.warrant_hold_id and is_court(placed.court, authorities)
    }
    return any(
        hold.placed_id in named and hold.paper.kind is HoldKind.COURT_ORDER and hold.start <= now < hold.end
        for hold in timeline_of(standing, pack.parameters).holds
    )


def _assistance(assistance: AssistanceAsked, pack: Pack) -> Request:
    party = _party(assistance.agency, pack)
    decision: Decision | GateReason = GateReason.UNREADABLE
    if party.doubt is None:
        context = AssistContext(kind=AssistanceKind(assistance.kind), requester=party.party)
        decision = pack.engine.decide(context)
    return Request("assistance_id", assistance.assistance_id, decision, (assistance.id,), (), _class_of(party))


def _class_of(party: Reach) -> str:
    # Who asks and cannot be told is nobody in particular: the request is blocked in any case.
    return (RecipientClass.OTHER if party.doubt else party.party).value


def _party(agency: str, pack: Pack) -> Reach:
    return reach_of(pack.parameters, agency=agency)
