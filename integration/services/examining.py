"""Reading an outgoing message for the gate: whom it reaches and what it gives away, from every side of it.

Pure: bytes in, judgement out. Nothing of the message itself is kept in what is returned but the recipients.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from integration.contents.framing import Fault, framing_fault
from integration.contents.mail import read_mail, read_plain
from integration.contents.reader import LIMITS, Address, Limits
from integration.domain.messages.content import Content, judge
from integration.domain.messages.gaps import Gap, Unread
from integration.domain.messages.people import Roster
from integration.domain.messages.queries import goes_to, names_query
from integration.domain.messages.views import Kind, View
from integration.domain.parameters import Parameters
from integration.domain.recipients.commands import ordered_in
from integration.domain.recipients.doubts import Doubt
from integration.domain.recipients.mailboxes import read_mailbox
from integration.domain.recipients.reach import By, Reach, farthest, reach_of
from integration.services.recipientviews import views_of
from schemas.kinds import Category, Channel, Purpose, RecipientClass
from schemas.requests import MessageRequestedData

NO_ROSTER: Final = Roster()
_NO_CONTENT: Final = Content(frozenset(), (), custody_query=False)
_NO_HEADERS: Final = frozenset({"sender", "text"})
_STATED: Final = frozenset({"to", "cc", "bcc"})
_AUTHORITY: Final = RecipientClass.IMMIGRATION_AUTHORITY
_LOCAL_SENDERS: Final = {Doubt.UNQUALIFIED_DOMAIN, Doubt.ADDRESS_LITERAL}
_EXACTLY: Final = frozenset({By.DOMAIN, By.ROUTE, By.ALIAS, By.NUMBER})
_ENFORCEMENT: Final = frozenset({Category.CITIZENSHIP_OR_IMMIGRATION_STATUS, Category.PLACE_OF_BIRTH})
"""Categories that show what a message to a 287(g) partner is for, where nobody says."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the channel says beside the message: never taken from its header."""

    recipients: tuple[str, ...]
    sender: str | None = None
    """Where a bounce goes; empty or None: nowhere."""


@dataclass(frozen=True, slots=True)
class Reached:
    """One recipient, or one sign of a recipient."""

    shown: str
    """As given. For the person who asks; never for a log."""
    source: str
    """``envelope``, ``sender``, ``text``, ``body`` (its first lines order it), or the header's name."""
    reach: Reach
    beside: str = ""
    """Of a name in a header: the address that it stands with, where that is certain."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One message as examined."""

    recipients: tuple[Reached, ...]
    """In the order of the envelope: each with what it is by itself."""
    evidence: tuple[Reached, ...]
    """What headers, lists, aliases and the text say of further recipients. Only those that are governed."""
    content: Content
    unread: tuple[Unread, ...]
    refused: Fault | None = None
    """Set: it was not judged, and may not be relayed to anybody."""
    purpose: Purpose | None = None
    """As stated; to a 287(g) partner also as the content shows."""
    stated: tuple[str, ...] = ()
    """Addresses of To, Cc and Bcc. For a dry run without an envelope only."""

    @property
    def recipient_class(self) -> RecipientClass:
        """The most governed of all: one immigration authority makes it a message to one (section 6)."""
        return farthest([each.reach.party for each in (*self.recipients, *self.evidence)])

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why recipients could not be read for certain, each once."""
        told = (each.reach.doubt for each in (*self.recipients, *self.evidence))
        return tuple(dict.fromkeys(doubt for doubt in told if doubt is not None))

    def alone(self, number: int) -> "Examined":
        """Return the message as it is for one recipient of the envelope, where each is decided for itself.

        What a header says of somebody else who is in the envelope too is that recipient's affair; a name goes with the
        address that it stands with, and with nobody else's. What it says of somebody
        who is not may be where this recipient leads: a list, an alias. Where a recipient that is never held up leads,
        the pack says, so a header says nothing there; a bounce to an immigration authority and a text that reaches one
        by itself still count.

        Args:
            number: its place among ``recipients``.
        """
        if self.recipients[number].reach.by is By.NEVER_HELD:
            certain = tuple(each for each in self.evidence if each.source in _NO_HEADERS and each.reach.doubt is None)
            return replace(self, recipients=(self.recipients[number],), evidence=certain)
        own = read_mailbox(self.recipients[number].shown).key
        others = {read_mailbox(each.shown).key for each in self.recipients} - {own}
        evidence = tuple(each for each in self.evidence if _anchor(each) not in others)
        return replace(self, recipients=(self.recipients[number],), evidence=evidence)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Why parts could not be read, each once."""
        return tuple(dict.fromkeys(each.gap for each in self.unread))


def _anchor(sign: Reached) -> str | None:
    """Return the mailbox that a header's sign speaks of, to be compared with others; None where it is not known."""
    if sign.source in _NO_HEADERS:
        return None
    address = sign.shown if "@" in sign.shown else sign.beside
    return read_mailbox(address).key if address else None


class Examine(Protocol):
    """What `examine_mail` is to whoever hands it a message."""

    def __call__(
        self, raw: bytes, envelope: Envelope, parameters: Parameters, *, roster: Roster = NO_ROSTER
    ) -> Examined:
        """Examine a mail message."""
        ...


def examine_mail(
    raw: bytes,
    envelope: Envelope,
    parameters: Parameters,
    *,
    roster: Roster = NO_ROSTER,
    limits: Limits = LIMITS,
) -> Examined:
    """Examine a mail message as it travels, with CRLF. Never raises.

    Args:
        raw: the message.
        envelope: its recipients and sender, as the SMTP session gave them.
        parameters: of the pack in force.
        roster: the people in custody.
        limits: how much of it is looked at.
    """
    recipients = tuple(
        Reached(address, "envelope", reach_of(parameters, address=address)) for address in envelope.recipients
    )
    if not recipients:
        recipients = (Reached("", "envelope", reach_of(parameters)),)
    fault = framing_fault(raw)
    if fault is not None:
        return Examined(recipients, (), _NO_CONTENT, (), refused=fault)
    reading = read_mail(raw, limits)
    content = judge(_views(reading.views, envelope), roster)
    evidence = list(in_headers(reading.addresses, parameters))
    if envelope.sender:
        evidence += _of_sender(envelope.sender, reach_of(parameters, address=envelope.sender))
    evidence += in_text((view.text for view in reading.views), parameters, content)
    evidence += in_orders(reading.views, parameters)
    purpose = purpose_of(None, content, recipients)
    stated = tuple(each.text for each in reading.addresses if each.header in _STATED and "@" in each.text)
    unread = with_roster(reading.unread, roster)
    return Examined(recipients, tuple(evidence), content, unread, purpose=purpose, stated=stated)


def examine_request(
    data: MessageRequestedData, parameters: Parameters, *, roster: Roster = NO_ROSTER, limits: Limits = LIMITS
) -> Examined:
    """Examine a message that a system asks to send (``jail.message.requested``). Never raises."""
    recipients = tuple(
        Reached(
            to.address or to.agency or to.ori or to.number or "",
            "envelope",
            reach_of(
                parameters,
                address=to.address,
                agency=to.agency,
                ori=to.ori,
                number=to.number,
                mail=data.channel is Channel.SMTP,
            ),
        )
        for to in data.recipients
    )
    reading = read_plain(data.text or "", limits)
    filed = list(_filed(data.content))
    # Only of those that are governed: each gets the message with its own fields, and never with another's.
    governed = (
        to for to, each in zip(data.recipients, recipients, strict=True) if each.reach.party is not RecipientClass.OTHER
    )
    beside = [view for to in governed for view in views_of(to, parameters, roster)]
    content = judge([*reading.views, *filed, *beside], roster)
    content = Content(content.categories.union(data.content), content.found, content.custody_query)
    unread = with_roster(reading.unread, roster)
    if data.raw_sha256 is not None:
        unread = (*unread, Unread("raw", Gap.UNSEEN))
    texts = (data.text or "", *(view.text for view in filed))
    evidence = in_text(texts, parameters, content)
    if data.channel is Channel.NLETS and not content.custody_query and any(map(names_query, texts)):
        evidence.append(Reached("", "text", Reach(_AUTHORITY, By.NOTHING)))  # On the network it is the query itself.
    return Examined(recipients, tuple(evidence), content, unread, purpose=data.purpose)


def examine_text(
    text: str, recipients: tuple[Reached, ...], parameters: Parameters, *, roster: Roster = NO_ROSTER
) -> Examined:
    """Examine a bare text to given recipients: a network message, a note to be faxed. Never raises."""
    reading = read_plain(text)
    content = judge(reading.views, roster)
    evidence = in_text([text], parameters, content)
    purpose = purpose_of(None, content, recipients)
    return Examined(recipients, tuple(evidence), content, with_roster(reading.unread, roster), purpose=purpose)


def with_roster(unread: tuple[Unread, ...], roster: Roster) -> tuple[Unread, ...]:
    """Return what was not read, with the roster where there should be one and is none."""
    return (*unread, Unread("roster", Gap.NO_ROSTER)) if roster.missing else unread


def _views(views: Iterable[View], envelope: Envelope) -> Iterator[View]:
    """Yield what there is to see of a mail, with the envelope's addresses as such wherever they stand."""
    own = {each.casefold() for each in (*envelope.recipients, envelope.sender or "") if each}
    for each in envelope.recipients:
        if tag := _tag(each):
            yield View("envelope", "address tag", Kind.NAME, tag)
    for each in sorted(own):
        yield View("envelope", "address", Kind.ENVELOPE, each)
    for view in views:
        if view.kind is not Kind.ADDRESS or view.text.casefold() not in own:
            yield view


def _tag(address: str) -> str:
    """Return what stands between ``+`` and ``@``: it reaches the same mailbox, and can say anything."""
    return address.rpartition("@")[0].partition("+")[2]


def in_headers(addresses: Iterable[Address], parameters: Parameters) -> Iterator[Reached]:
    """Yield whom header fields name, of those that are governed."""
    for each in addresses:
        mail = "@" in each.text
        reach = reach_of(parameters, address=each.text if mail else None, agency=None if mail else each.text)
        # A header may be written in any way: what is doubtful in it says nothing. The envelope decides.
        if reach.doubt is None:
            yield from _if_governed(each.text, each.header, reach, each.beside)


def _if_governed(shown: str, source: str, reach: Reach, beside: str = "") -> list[Reached]:
    return [] if reach.party is RecipientClass.OTHER else [Reached(shown, source, reach, beside)]


def _of_sender(address: str, reach: Reach) -> list[Reached]:
    """Return where a bounce would go. A machine of one's own, as ``root@jms01`` or ``root@[10.0.0.3]``, is no office.

    So jail systems write their senders; whom a message is for is told by its recipients.
    """
    return [] if reach.doubt in _LOCAL_SENDERS else _if_governed(address, "sender", reach)


def in_text(texts: Iterable[str], parameters: Parameters, content: Content) -> list[Reached]:
    """Return what the text itself says of where it goes: a network message's head, or a query that is one by nature."""
    found = []
    if content.custody_query:
        found.append(Reached("", "text", Reach(_AUTHORITY, By.NOTHING)))
    if any(goes_to(parameters.immigration_authorities, text) for text in texts):
        found.append(Reached("", "text", Reach(_AUTHORITY, By.ORI)))
    return found


def in_orders(views: Sequence[View], parameters: Parameters) -> Iterator[Reached]:
    """Yield whom the first lines of a mail's text order a fax or mail service to send it to, by address or number.

    A name there says nothing: who writes down a letter to somebody has not sent it.
    """
    body = next((view.part for view in views if view.kind is Kind.TEXT and any(map(str.isalnum, view.text))), None)
    texts = (view.text for view in views if view.kind is Kind.TEXT and view.part == body)
    for order in dict.fromkeys(each for text in texts for each in ordered_in(text)):
        mail = "@" in order
        reach = reach_of(parameters, address=order if mail else None, number=None if mail else order)
        if reach.by in _EXACTLY:
            yield from _if_governed(order, "body", reach)


def purpose_of(stated: Purpose | None, content: Content, recipients: Iterable[Reached]) -> Purpose | None:
    """Return what a message is for: as stated; to a 287(g) partner also as its content shows."""
    to_partner = any(each.reach.party is RecipientClass.PARTNER_287G for each in recipients)
    if stated is None and to_partner and content.categories & _ENFORCEMENT:
        return Purpose.IMMIGRATION_ENFORCEMENT
    return stated


def _filed(content: dict[Category, Any]) -> Iterator[View]:
    """Yield what stands in the values of a message's categories: what is filed under one may be of another."""
    for number, (category, value) in enumerate(content.items(), start=1):
        is_status = category is Category.CITIZENSHIP_OR_IMMIGRATION_STATUS
        kind = Kind.VALUE if is_status or category is Category.PLACE_OF_BIRTH else Kind.FILED
        for text in _texts_in(value):
            yield View(f"content.{number}", "value", kind, text)


def _texts_in(node: Any, label: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        if label:
            yield label  # The name of a table stands before no value of its own, and can say anything.
        for name, value in node.items():
            yield from _texts_in(value, str(name))
    elif isinstance(node, list):
        if label and not node:
            yield label
        for value in node:
            yield from _texts_in(value, label)
    else:
        said = "" if node is None or isinstance(node, bool) else str(node)
        if text := f"{label}: {said}" if label else said:
            yield text
