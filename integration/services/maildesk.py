"""What every part of the mailroom needs: clerk, tables, key, packs, and what an installation says of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from integration.audit.entry import JSON, Entry
from integration.domain.facts import ApprovalTakenBack, Approved, Fact
from integration.domain.instants import DAY, Duration, Instant
from integration.domain.messages.people import Roster
from integration.policy.decisions import Decision
from integration.policy.pack import Pack
from integration.services.casefile import CaseFile
from integration.services.clerk import Clerk
from integration.services.examining import NO_ROSTER
from integration.services.gate import Request, to_row
from integration.services.letters import BookingFacts, MailBook, Safe
from integration.services.ports import BookingKey, DecisionRow, Store

PackFor: TypeAlias = Callable[[str, Instant], Pack]

ACTOR = "service:gate"


@dataclass(frozen=True, slots=True)
class Terms:
    """What an installation says of its mailroom."""

    retention: Duration = 30 * DAY
    """How long a blocked message waits for a person."""
    notices_from: str = ""
    """Who explains to a sender why a message did not leave; empty: nobody does."""
    contact: str = ""
    """Whom a sender asks for an approval, in words."""
    site: str = ""


@dataclass(frozen=True, slots=True)
class MailDesk:
    """What every part of the mailroom needs."""

    clerk: Clerk
    book: MailBook
    safe: Safe
    store: Store
    """The clerk's own: read in acts only."""
    pack_for: PackFor
    now: Callable[[], Instant]
    terms: Terms
    roster: Callable[[], Roster] = lambda: NO_ROSTER
    home: str = ""
    """The facility whose messages keep the ids that their channel gave them."""

    def number(self, source: str, message_id: str) -> str:
        """Return what a message is called here: the same id in another facility is another message."""
        return message_id if source == self.home else f"{source}/{message_id}"

    def entry(
        self,
        kind: str,
        outcome: str,
        detail: dict[str, JSON],
        *,
        at: Instant,
        actor: str = ACTOR,
        source: str = "",
        booking: str = "",
        pack: Pack | None = None,
    ) -> Entry:
        """Return an entry, as `AuditDesk.entry` does."""
        return self.clerk.desk.entry(kind, outcome, actor, detail, source=source, booking=booking, pack=pack, at=at)

    def facts_of(self, source: str, booking: str) -> BookingFacts:
        """Return what counts for a booking. In acts only.

        A number that was moved has none: whoever ties a message to a booking names the one that stands.
        """
        if not booking:
            return BookingFacts((), ())
        rows = list(self.store.bookings([BookingKey(source, booking)]))
        if rows and rows[0].home is not None:
            rows += self.store.bookings([BookingKey(source, rows[0].home)])
        if not rows:
            return BookingFacts((), ())
        facts = CaseFile.from_row(rows[-1]).standing().get(booking, [])
        if source != self.home:
            # A feed approves a message by the id that its own systems gave it.
            given = [each for each in facts if isinstance(each, Approved)]
            facts = [*facts, *(replace(each, message_id=self.number(source, each.message_id)) for each in given)]
        return BookingFacts(tuple((row.source, row.number, row.version) for row in rows), tuple(facts))

    def decided(
        self, request: Request, pack: Pack, *, at: Instant, source: str, booking: str, actor: str = ACTOR
    ) -> tuple[Entry, DecisionRow]:
        """Return the entry that tells of a decision, and its row in the projection."""
        row = to_row(request, source, booking, pack, now=at)
        detail: dict[str, JSON] = {"message_id": request.request_id, **told_of(request)}
        entry = self.entry(
            "message.decided", row.decision, detail, at=at, source=source, booking=booking, pack=pack, actor=actor
        )
        return entry, row


def told_of(request: Request) -> dict[str, JSON]:
    """Return what entries tell of a decision, whatever it was about."""
    decision = request.decision if isinstance(request.decision, Decision) else None
    return {
        "reasons": list(request.reasons),
        "provisions": list(request.provisions),
        "categories": list(request.categories),
        "recipient_class": request.recipient_class,
        "policies": list(decision.policies) if decision else [],
        "errors": list(decision.errors) if decision else [],
    }


def approval_facts(book: MailBook, message_id: str) -> Iterator[Fact]:
    """Yield the approvals of a message that were given here, as the facts that a feed would bring."""
    for row in book.approvals_of(message_id):
        yield Approved(
            row.approval_id,
            row.granted_at,
            row.approval_id,
            row.message_id,
            row.legal_basis,
            row.approved_by,
            row.expires_at,
        )
        if row.withdrawn_at is not None:
            yield ApprovalTakenBack(f"{row.approval_id}/withdrawn", row.withdrawn_at, row.approval_id)
