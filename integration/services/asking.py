"""Decisions for whoever asks and acts itself: a proxy that checks a request, a desk that is asked for access or help.

Each is an entry in the log, committed before the answer is given. Nothing of what was asked about is kept.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from uuid import uuid4

from integration.domain.facts import AccessAsked, AssistanceAsked
from integration.domain.instants import Instant
from integration.errors import UsageError
from integration.policy.pack import Pack
from integration.services.clerk import Act
from integration.services.examining import Examined
from integration.services.gate import Request, asked_of, decide, decide_message, to_row
from integration.services.letters import BookingFacts, State, open_letter
from integration.services.maildesk import ACTOR, MailDesk, told_of
from integration.services.neverheld import never_held
from integration.services.sending import judge_again
from schemas.kinds import Verdict
from schemas.refusals import InvalidEventError
from schemas.requests import AccessRequestedData, AssistanceRequestedData

_FactAt = Callable[[Instant], AccessAsked | AssistanceAsked]


class Asking:
    """Answers questions. Any thread."""

    def __init__(self, desk: MailDesk) -> None:
        """Args: ``desk`` is shared with the mailroom."""
        self._desk = desk

    def check(self, examined: Examined, pack: Pack, *, source: str, channel: str) -> "Future[Request]":
        """Decide a message that somebody else is about to send, and keep no word of it.

        It cannot be approved: what needs an approval has to come through an endpoint that keeps it.

        Args:
            examined: the message, to one recipient.
            pack: the policy by whose directories it was examined; it decides.
            source: the facility's feed, whose pack decides.
            channel: by what road it leaves.
        """
        check_id = uuid4().hex

        def act() -> Act[Request]:
            now = self._desk.now()
            asked = asked_of(examined, event_id=check_id, time=now, message_id=check_id, channel=channel, sender=None)
            request = decide_message(asked, pack, now=now)
            spared = never_held(examined)
            if spared is not None:
                request = replace(request, decision=spared)
            detail = {"check_id": check_id, "channel": channel, **told_of(request)}
            outcome = (Verdict.PERMIT if request.permit else Verdict.BLOCK).value
            entry = self._desk.entry("message.checked", outcome, detail, at=now, source=source, pack=pack)
            return Act(request, [entry])

        return self._desk.clerk.submit(act)

    def access(self, data: AccessRequestedData, *, source: str, booking: str, actor: str = ACTOR) -> "Future[Request]":
        """Decide whether an agency may reach a person in custody (M-h).

        Args:
            data: who asks, how, on what warrant.
            source: the facility's feed.
            booking: the person's booking number; empty: nothing is known of them, so no warrant is.
            actor: who asks for the decision.
        """
        asked_by = uuid4().hex
        return self._submit(
            lambda now: AccessAsked(asked_by, now, data.access_id, data.agency, data.warrant_hold_id),
            source,
            booking,
            actor,
        )

    def assistance(
        self, data: AssistanceRequestedData, *, source: str, booking: str = "", actor: str = ACTOR
    ) -> "Future[Request]":
        """Decide whether staff may take part or help (M-j, M-k, L6). Arguments as for `access`."""
        asked_by = uuid4().hex
        return self._submit(
            lambda now: AssistanceAsked(asked_by, now, data.assistance_id, data.agency, data.kind.value),
            source,
            booking,
            actor,
        )

    def standing(self, message_id: str) -> "Future[Request | None]":
        """Return how a message in quarantine would be decided now; None for one that is not there. Changes nothing."""

        def act() -> Act[Request | None]:
            row = self._desk.book.delivery(message_id)
            mail = self._desk.book.mail(row.mail_id) if row and row.state == State.BLOCKED.value else None
            if row is None or mail is None:
                return Act(None)
            letter = open_letter(mail, self._desk.safe)
            return Act(judge_again(self._desk, row, letter, self._desk.now()))

        return self._desk.clerk.submit(act)

    def _submit(self, fact_at: _FactAt, source: str, booking: str, actor: str) -> "Future[Request]":
        def act() -> Act[Request]:
            desk, now = self._desk, self._desk.now()
            pack = self._pack(source, now)
            known = desk.facts_of(source, booking) if booking else BookingFacts((), ())
            fact = fact_at(now)
            facts = [each for each in known.facts if not isinstance(each, AccessAsked | AssistanceAsked)]
            request = next(each for each in decide([*facts, fact], pack, now=now) if each.asked_by == (fact.id,))
            row = to_row(request, source, booking, pack, now=now)
            detail = {request.kind: request.request_id, **told_of(request)}
            kind = f"{request.kind.removesuffix('_id')}.decided"
            entry = desk.entry(
                kind, row.decision, detail, at=now, actor=actor, source=source, booking=booking, pack=pack
            )
            return Act(request, [entry], [desk.book.unchanged(known.rows)], [row])

        return self._desk.clerk.submit(act)

    def _pack(self, source: str, now: Instant) -> Pack:
        return pack_of(self._desk, source, now)


def pack_of(desk: MailDesk, source: str, now: Instant) -> Pack:
    """Return the pack in force for a feed.

    Raises:
        UsageError: no facility is set up for it.
    """
    try:
        return desk.pack_for(source, now)
    except InvalidEventError:
        raise UsageError("no facility is set up for this source") from None
