"""From one document to events of the contract.

Identity. An event's id is a hash over its content (`events`), so the same document twice gives the same events, and
a fact that a later document repeats word for word is the same event again. What a document does not date is dated
by rules that keep the end result right whatever arrives, in whatever order: see `holds` for what starts and ends,
`release` for entitlements, `message.as_of` for the time a document speaks for.

Custody. A booking report opens the booking. A status change report does so too, but only when it also says on what
the person is kept: one without charges or arrests is silent about authority, and an opening alone would read as
custody on nothing. A release report never does: it tells of an end.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from connectors.jms_niem import events
from connectors.jms_niem import message as messages
from connectors.jms_niem.booking import opening, removed_fields
from connectors.jms_niem.charges import Row, read_rows
from connectors.jms_niem.elsewhere import refuse_outside
from connectors.jms_niem.events import Fact
from connectors.jms_niem.holds import hold_facts
from connectors.jms_niem.mapping import Mapping
from connectors.jms_niem.message import Kind, Message
from connectors.jms_niem.operations import EXCHANGE, take_operations
from connectors.jms_niem.papers import paper_facts
from connectors.jms_niem.release import bail_facts, due_facts, ranked, release_facts, set_release_facts
from connectors.jms_niem.result import Mapped, MappingError, NoteCode, Remarks
from connectors.jms_niem.tree import Node, Tree, forget_places, indexed_again, is_nil, local_name, parse, path
from schemas.refusals import Reason

_LONGEST_NUMBER: Final = 512
_CHARGES: Final = frozenset({"ArrestCharge", "Charge", "BookingCharge"})
_MISTAKEN: Final = "mistaken"
_KNOWN_STATUSES: Final = frozenset({"inprocess", "correct", _MISTAKEN, ""})


def map_document(
    document: bytes, mapping: Mapping, *, received_at: datetime | None, codes: Counter[tuple[str, str]] | None = None
) -> Mapped:
    """Map one booking, status change or release report.

    Args:
        document: the XML as received.
        mapping: what is known of the county's messages.
        received_at: when the document arrived, with an offset; None where nobody knows (old files). Used only
            where a document says no time of its own.
        codes: for a trial: counts the codes that the mapping does not list, by table and text.

    Returns:
        Events in a fixed order, what was refused, and what was decided.

    Raises:
        MappingError: the whole document is refused: it is not XML, hides entities, is too large or too deep, is
            another kind of document, or cannot be tied to one booking or to any time.
        ValueError: ``received_at`` has no offset.
    """
    if received_at is not None and received_at.tzinfo is None:
        raise ValueError("received_at needs an offset from UTC")
    try:
        return _mapped(document, mapping, received_at, Remarks(codes=codes))
    finally:
        forget_places()


def _mapped(document: bytes, mapping: Mapping, received_at: datetime | None, remarks: Remarks) -> Mapped:
    tree = parse(document, max_bytes=mapping.limits.max_bytes, max_depth=mapping.limits.max_depth)
    deleted: frozenset[Node] = frozenset()
    if local_name(tree.root) == EXCHANGE:
        deleted = take_operations(tree.root, remarks)
        tree = indexed_again(tree)
    kind = _kind(tree, deleted)
    for place in tree.dangling:
        remarks.note(place, NoteCode.DANGLING_REFERENCE, "refers to an element that the document does not hold")
    for place in tree.duplicate_ids:
        remarks.note(place, NoteCode.DUPLICATE_ID, "repeats an id: references go to its first bearer")
    written: dict[str, dict[str, Any]] = {}
    released: list[str] = []
    bookings = _bookings(tree)
    refuse_outside(tree, mapping, remarks, {_container(tree, booking) for booking in bookings})
    for booking in bookings:
        found = _message(tree, mapping, remarks, booking, kind=kind, received_at=received_at)
        if local_name(tree.root) == EXCHANGE and _speaks(tree.within(found.container, "j:BookingRelease")):
            released.append(found.number)
        facts = events.with_removed_fields(_facts(found, deleted), removed_fields(found))
        for fact in ranked(facts):
            event = events.write(fact, source=mapping.source, subject=found.number)
            written.setdefault(event["id"], event)
    return Mapped(tuple(written.values()), tuple(remarks.refusals), tuple(remarks.notes), tuple(released))


def _kind(tree: Tree, deleted: frozenset[Node]) -> Kind:
    """Tell which exchange a document is of.

    A `BookingExchange` that speaks of a release, of a charge that is deleted or of how a charge ended is read like a
    status report: what it ends, ends when it was sent, not when the person was booked.

    Raises:
        MappingError: ``unknown_root``.
    """
    name = local_name(tree.root)
    if name == EXCHANGE:
        releases = tree.within(tree.root, "j:BookingRelease")
        ended = [*tree.within(tree.root, "j:ChargeStatus"), *tree.within(tree.root, "j:ChargeDisposition")]
        told = _speaks((*releases, *ended))
        return Kind.STATUS if told or any(local_name(each) in _CHARGES for each in deleted) else Kind.BOOKING
    try:
        return Kind(name)
    except ValueError:
        known = ", ".join((*Kind, EXCHANGE))
        raise MappingError(path(tree.root), Reason.UNKNOWN_ROOT, f"not a document of this exchange ({known})") from None


def _speaks(nodes: Iterable[Node]) -> bool:
    return any(len(each) and not is_nil(each) for each in nodes)


def _bookings(tree: Tree) -> list[Node]:
    """Return the bookings a document is about: one for each custody element.

    Raises:
        MappingError: ``no_booking``, or ``several_bookings`` in one element: whose charges are whose?
    """
    found = [node for node in tree.within(tree.root, "j:Booking") if len(node)]
    if not found:
        raise MappingError(path(tree.root, "j:Booking"), Reason.NO_BOOKING, "no booking in the document")
    if len({node.getparent() for node in found}) < len(found):
        raise MappingError(path(found[1]), Reason.SEVERAL_BOOKINGS, "more than one booking in one element")
    return found


def _message(
    tree: Tree,
    mapping: Mapping,
    remarks: Remarks,
    booking: Node,
    *,
    kind: Kind,
    received_at: datetime | None,
) -> Message:
    number = tree.text(booking, "j:BookingAgencyRecordIdentification", "nc:IdentificationID")
    if not number and mapping.subject_number_is_booking_number:
        number = tree.text(booking, "j:BookingSubject", "j:SubjectIdentification", "nc:IdentificationID")
    if not number:
        place = path(booking, "j:BookingAgencyRecordIdentification", "nc:IdentificationID")
        raise MappingError(place, Reason.NO_BOOKING, "no booking number")
    if len(number) > _LONGEST_NUMBER:
        place = path(booking, "j:BookingAgencyRecordIdentification", "nc:IdentificationID")
        raise MappingError(place, Reason.NO_BOOKING, f"a booking number has at most {_LONGEST_NUMBER} characters")
    opened = messages.opened_at(tree, mapping, remarks, booking)
    as_of = messages.as_of(tree, mapping, remarks, kind=kind, opened=opened, received_at=received_at)
    return Message(
        tree=tree,
        mapping=mapping,
        kind=kind,
        booking=booking,
        container=_container(tree, booking),
        number=number,
        opened=opened,
        as_of=as_of,
        remarks=remarks,
    )


def _container(tree: Tree, booking: Node) -> Node:
    """Return the element that holds everything of a booking."""
    container = booking.getparent()
    return tree.root if container is None else container


def _facts(message: Message, deleted: frozenset[Node]) -> list[Fact]:
    """Say everything that a message says, in a fixed order."""
    status_node = message.tree.find(message.booking, "ext:BookingStatusCode")
    status = message.tree.text(message.booking, "ext:BookingStatusCode").casefold()
    if status == _MISTAKEN:
        return [Fact("booking.voided", message.as_of, {"reason": "booking status is Mistaken"})]
    if status.replace(" ", "") not in _KNOWN_STATUSES:
        message.remarks.note(path(status_node), NoteCode.UNKNOWN_CODE, "a booking status this exchange does not list")
    if message.booking in deleted:
        return [Fact("booking.voided", message.as_of, {"reason": "booking deleted"})]
    every = read_rows(message)
    rows = [row for row in every if row.node not in deleted]
    taken_back = list(_taken_back(message, deleted))
    gone = [row for row in every if row.node in deleted]
    return [*_opening(message, every), *_rest(message, rows, gone), *taken_back]


def _taken_back(message: Message, deleted: frozenset[Node]) -> Iterator[Fact]:
    """Say which release a message deletes: it never was."""
    for node in [node for node in deleted if local_name(node) == "BookingRelease"]:
        for fact in release_facts(message, [node]):
            if fact.type in {"release.completed", "custody.transferred"}:
                # Told again word for word, so the event that told it first has this id.
                told = events.write(fact, source=message.mapping.source, subject=message.number)
                yield Fact("event.retracted", message.as_of, {"retracts": told["id"]})
        parent = node.getparent()
        if parent is not None:
            parent.remove(node)


def _opening(message: Message, rows: list[Row]) -> Iterator[Fact]:
    if message.kind is Kind.RELEASE:
        return
    if message.kind is Kind.STATUS and not rows and not list(message.definitions("j:Arrest", "j:Booking")):
        place = path(message.booking)
        message.remarks.note(place, NoteCode.NO_AUTHORITY_STATED, "no charge and no arrest: the booking is not opened")
        return
    if message.opened is None:
        place = path(message.booking, "nc:ActivityDate")
        message.remarks.refuse(place, Reason.NO_TIME, "no time of booking: the booking is not opened")
        return
    yield opening(message, message.opened)


def _rest(message: Message, rows: list[Row], gone: list[Row]) -> Iterator[Fact]:
    papers = list(paper_facts(message))
    yield from hold_facts(message, rows, papers, gone)
    yield from papers
    yield from bail_facts(message, rows)
    yield from due_facts(message, rows)
    if message.kind is not Kind.RELEASE:
        yield from set_release_facts(message)
    yield from release_facts(message)
