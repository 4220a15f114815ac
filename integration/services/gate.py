"""The one decision point for messages, access and assistance (section 6; M-e, M-h, M-j, M-k, L6, L8, L9)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from integration.domain.custody import Standing, timeline_of
from integration.domain.facts import (
    AccessAsked,
    ApprovalTakenBack,
    Approved,
    AssistanceAsked,
    Fact,
    MessageAsked,
    Placed,
)
from integration.domain.instants import Instant
from integration.domain.messages import Reach, categories_in, farthest, is_custody_query, reach_of
from integration.domain.papers import HoldClass
from integration.policy.contexts import AccessContext, AssistContext, MessageContext, Party
from integration.policy.decisions import Decision, Reason
from integration.policy.pack import Pack
from integration.services.ports import DecisionRow
from schemas.kinds import AssistanceKind, Category, HoldKind, LegalBasis, Purpose
from schemas.requests import MessageRequested


class GateReason(StrEnum):
    """Why the gate decides without asking the pack."""

    UNREADABLE = "unreadable"
    """A recipient or the content could not be read: blocked, never guessed."""


class Verdict(StrEnum):
    """What a decision says."""

    PERMIT = "permit"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as decided."""

    kind: str
    request_id: str
    decision: Decision | None
    """None: unreadable."""
    categories: tuple[str, ...]
    recipient_class: str


REQUESTS = (MessageAsked, AccessAsked, AssistanceAsked)
"""Facts that ask the gate for something."""


def judge(event: MessageRequested, *, pack: Pack) -> MessageAsked:
    """Read whom a message reaches and what it gives away. Its text and values are not kept."""
    data = event.data
    values = list(_texts_in(data.content))
    said = [data.text or "", *values]
    reaches = [
        reach_of(pack.parameters, address=to.address, agency=to.agency, ori=to.ori, number=to.number)
        for to in data.recipients
    ]
    readable = [reach for reach in reaches if reach is not None]
    if any(is_custody_query(text) for text in said):
        readable.append(Reach.IMMIGRATION_AUTHORITY)
    categories = categories_in(said[0]).union(data.content)
    # A value in which nothing is recognised counts as what it was filed under.
    categories = categories.union(*(categories_in(value) - {Category.OTHER} for value in values))
    return MessageAsked(
        event.id,
        event.time,
        data.message_id,
        data.channel.value,
        data.sender.user or data.sender.agency,
        farthest([Reach.OTHER, *readable]).value,
        data.purpose.value if data.purpose else None,
        tuple(sorted(category.value for category in categories)),
        None in reaches,
    )


def _texts_in(node: Any) -> Iterator[str]:
    """Yield every text inside the values of a message: what is said under one category may be of another."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for name, value in node.items():
            if not isinstance(name, Category):
                yield name
            yield from _texts_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts_in(value)


def decide(facts: Iterable[Fact], pack: Pack, *, now: Instant) -> Iterator[Request]:
    """Decide every request among the standing facts of one booking, as of ``now``."""
    standing = Standing(facts)
    warrant = _has_warrant(standing, pack, now)
    for message in standing.of(MessageAsked):
        yield _message(message, standing, pack, warrant=warrant, now=now)
    for access in standing.of(AccessAsked):
        yield _access(access, standing, pack, warrant=warrant, now=now)
    for assistance in standing.of(AssistanceAsked):
        yield _assistance(assistance, pack)


def to_row(request: Request, source: str, booking: str, pack: Pack, *, now: Instant) -> DecisionRow:
    """Write a decided request as a row of the projection."""
    decision = request.decision
    permit = decision is not None and decision.permit
    reasons = [GateReason.UNREADABLE] if decision is None else list(decision.reasons)
    return DecisionRow(
        source=source,
        request=request.kind,
        request_id=request.request_id,
        booking=booking,
        decision=(Verdict.PERMIT if permit else Verdict.BLOCK).value,
        reasons=orjson.dumps([reason.value for reason in reasons]),
        provisions=orjson.dumps(list(decision.provisions) if decision else []),
        categories=orjson.dumps(list(request.categories)),
        recipient_class=request.recipient_class,
        decided_at=now,
        pack=pack.id,
        pack_revision=pack.revision,
    )


def _has_warrant(standing: Standing, pack: Pack, now: Instant) -> bool:
    return any(
        hold.paper.hold_class is HoldClass.JUDICIAL and hold.authority[0] <= now < hold.authority[1]
        for hold in timeline_of(standing, pack.parameters).holds
    )


def _message(message: MessageAsked, standing: Standing, pack: Pack, *, warrant: bool, now: Instant) -> Request:
    if message.unreadable:
        decision = None
    else:
        withdrawn = {fact.approval_id for fact in standing.of(ApprovalTakenBack)}
        approvals = [fact for fact in standing.of(Approved) if fact.message_id == message.message_id]
        contexts = [
            _message_context(message, approval, withdrawn, warrant=warrant, now=now)
            for approval in [None, *sorted(approvals, key=lambda fact: (fact.time, fact.id))]
        ]
        decisions = pack.engine.decide_all(contexts)
        # One sufficient approval is enough; of several insufficient ones the last says why not.
        decision = next((each for each in decisions if each.permit), decisions[-1])
    return Request("message_id", message.message_id, decision, message.categories, message.recipient_class)


def _message_context(
    message: MessageAsked, approval: Approved | None, withdrawn: set[str], *, warrant: bool, now: Instant
) -> MessageContext:
    categories = set(message.categories)
    status = {Category.CITIZENSHIP_OR_IMMIGRATION_STATUS.value}
    birthplace = {Category.PLACE_OF_BIRTH.value}
    unexpired = approval is not None and now < approval.expires_at
    # Without a known sender nobody can be shown to be another person.
    sender, approver = _person(message.sender), _person(approval.approved_by if approval else None)
    by_another = bool(sender and approver and sender != approver)
    stands = approval is not None and approval.approval_id not in withdrawn
    basis = LegalBasis(approval.legal_basis) if approval else None
    return MessageContext(
        recipient=Party(message.recipient_class),
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


def _person(name: str | None) -> str:
    return "".join((name or "").split()).casefold()


def _access(access: AccessAsked, standing: Standing, pack: Pack, *, warrant: bool, now: Instant) -> Request:
    party = _party(access.agency, pack)
    if party is not Party.IMMIGRATION_AUTHORITY:
        # M-h speaks of immigration authorities: counsel, courts and other police are not the gate's business.
        decision = Decision(permit=True, reasons=(Reason.REQUESTER_NOT_GOVERNED,), provisions=(), policies=())
    else:
        order = _named_court_order(access, standing, pack, now)
        decision = pack.engine.decide(AccessContext(judicial_warrant=warrant, court_order=order))
    return Request("access_id", access.access_id, decision, (), party.value)


def _named_court_order(access: AccessAsked, standing: Standing, pack: Pack, now: Instant) -> bool:
    """An order of a court that the request itself names, and that names its court; not whatever keeps the person."""
    named = {placed.id for placed in standing.of(Placed) if placed.court and placed.hold_id == access.warrant_hold_id}
    return any(
        hold.placed_id in named and hold.paper.kind is HoldKind.COURT_ORDER and hold.start <= now < hold.end
        for hold in timeline_of(standing, pack.parameters).holds
    )


def _assistance(assistance: AssistanceAsked, pack: Pack) -> Request:
    party = _party(assistance.agency, pack)
    context = AssistContext(kind=AssistanceKind(assistance.kind), requester=party)
    return Request("assistance_id", assistance.assistance_id, pack.engine.decide(context), (), party.value)


def _party(agency: str, pack: Pack) -> Party:
    if pack.parameters.immigration_authorities.has_name(agency):
        return Party.IMMIGRATION_AUTHORITY
    if pack.parameters.partner_agencies_287g.has_name(agency):
        return Party.PARTNER_287G
    return Party.OTHER
