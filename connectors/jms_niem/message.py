"""One message about one booking: what every part of the mapping needs to know of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from connectors.jms_niem import times
from connectors.jms_niem.mapping import Mapping, fold
from connectors.jms_niem.result import MappingError, NoteCode, Remarks
from connectors.jms_niem.times import Day, Moment
from connectors.jms_niem.tree import Node, Tree, content, path
from schemas.refusals import Reason

_MARK_NOTES: Final = {
    times.REPEATED: (NoteCode.REPEATED_HOUR, "this hour came twice that day: the earlier instant is taken"),
    times.SKIPPED: (NoteCode.SKIPPED_HOUR, "this hour did not exist that day: the earlier reading is taken"),
}


class Kind(StrEnum):
    """The exchange, by the name of its root element."""

    BOOKING = "BookingReport"
    STATUS = "CustodyStatusChangeReport"
    RELEASE = "CustodyReleaseReport"


@dataclass(frozen=True, slots=True)
class Message:
    """One booking as one document tells of it."""

    tree: Tree
    mapping: Mapping
    kind: Kind
    booking: Node
    container: Node
    """The element that holds the booking and everything about it."""
    number: str
    opened: Moment | None
    """When the person was booked, where the document says so."""
    as_of: Moment
    """The instant that the document's snapshot speaks for: see `as_of`."""
    remarks: Remarks

    @property
    def is_undated(self) -> bool:
        """Whether `as_of` is only the time of booking: too early to end anything that began then."""
        return times.TIME_UNKNOWN in self.as_of.marks and self.opened is not None and self.as_of.at == self.opened.at

    def stated(self, node: Node | None) -> Moment | Day | None:
        """Read a date element (``nc:DateTime``, ``nc:Date`` or bare text) as it stands."""
        return stated(self.tree, self.mapping, self.remarks, node)

    def starts(self, node: Node | None) -> Moment | None:
        """Read when something began: never before the booking, never after the message that tells of it."""
        said = self.stated(node)
        return None if said is None else self._within(node, _start(said, self.mapping))

    def ends(self, node: Node | None) -> Moment | None:
        """Read when something ended. A bare date follows the facility's rule for release dates."""
        said = self.stated(node)
        if isinstance(said, Day):
            said = said.due(self.mapping.date_only_due, self.mapping.time_zone)
        return None if said is None else self._within(node, said)

    def _within(self, node: Node | None, moment: Moment) -> Moment:
        if moment.at > self.as_of.at:
            if times.DATE_ONLY not in moment.marks:  # the rest of the message's own day is no contradiction
                self.remarks.note(
                    path(node), NoteCode.DATED_AFTER_DOCUMENT, "later than the document: its time is taken"
                )
            return self.as_of.marked(*moment.marks)
        if self.opened is not None and moment.at < self.opened.at:
            return self.opened.marked(*moment.marks)
        return moment

    def is_sentenced(self) -> bool:
        """Tell whether the custody status says that a sentence is being served."""
        listed = self.mapping.word_sets["sentenced"]
        statuses = self.tree.within(self.container, "nc:SupervisionCustodyStatus")
        fields = ("nc:StatusDescriptionText", "nc:StatusText")
        return any(fold(self.tree.text(status, field)) in listed for status in statuses for field in fields)

    def definitions(self, name: str, *parents: str) -> Iterator[Node]:
        """Yield elements of this booking that define something (a charge, a bond), not those that refer to one.

        Args:
            name: element name.
            parents: elements besides the container in which a definition may stand. Elsewhere (a criminal
                history, an association) the name speaks of something else.
        """
        allowed = {parent.rpartition(":")[2] for parent in parents}
        for node in self.tree.within(self.container, name):
            parent = node.getparent()
            inside = parent is not None and str(parent.tag).rpartition("}")[2] in allowed
            if (parent is self.container or inside) and len(node):
                yield node


def stated(tree: Tree, mapping: Mapping, remarks: Remarks, node: Node | None) -> Moment | Day | None:
    """Read a date element; what is not a date is refused by name and counts as not said."""
    if node is None:
        return None
    holder = next((found for name in ("nc:DateTime", "nc:Date") if content(found := tree.find(node, name))), node)
    if not (text := content(holder)):
        return None
    try:
        said = times.read(text, mapping.time_zone)
    except (ValueError, OverflowError):
        remarks.refuse(path(holder), Reason.BAD_TIME, "not a date and time, or not one between 1970 and 2199")
        return None
    for mark in said.marks if isinstance(said, Moment) else ():
        if mark in _MARK_NOTES:
            remarks.note(path(holder), *_MARK_NOTES[mark])
    return said


def opened_at(tree: Tree, mapping: Mapping, remarks: Remarks, booking: Node) -> Moment | None:
    """Read when the person was booked. Where only the day is said, custody counts from its start."""
    said = stated(tree, mapping, remarks, tree.find(booking, "nc:ActivityDate"))
    if isinstance(said, Day):
        remarks.note(path(booking, "nc:ActivityDate"), NoteCode.DATE_ONLY, "only the day of booking is said")
    return None if said is None else _start(said, mapping)


def as_of(
    tree: Tree,
    mapping: Mapping,
    remarks: Remarks,
    *,
    kind: Kind,
    opened: Moment | None,
    received_at: datetime | None,
) -> Moment:
    """Work out the instant a snapshot speaks for.

    That is ``nc:DocumentCreationDate``. Some counties leave it out. A booking report is then taken to speak for
    the moment of booking, so that the same file read again gives the same events; a later message happened after
    the booking, and the time it was received is the nearest that is known. A document cannot be older than the
    booking it tells of (one published sample says it is): the booking's time is then taken.

    Raises:
        MappingError: ``no_time``, where none of these is known.
    """
    element = tree.find(tree.root, "nc:DocumentCreationDate")
    said = stated(tree, mapping, remarks, element)
    if isinstance(said, Day):
        said = said.end(mapping.time_zone)
    if said is None:
        received = None if received_at is None else Moment(received_at.astimezone(UTC))
        first, second = (opened, received) if kind is Kind.BOOKING else (received, opened)
        said = first or second
        place = path(tree.root, "nc:DocumentCreationDate")
        if said is None:
            raise MappingError(place, Reason.NO_TIME, "neither the document nor the booking says a time")
        remarks.note(place, NoteCode.DOCUMENT_TIME_UNKNOWN, "missing: the nearest known time stands in")
        said = Moment(said.at, (times.TIME_UNKNOWN,))
    if opened is not None and said.at < opened.at:
        remarks.note(path(element), NoteCode.DOCUMENT_OLDER_THAN_BOOKING, "earlier than the booking it tells of")
        return Moment(opened.at, opened.marks)
    return said


def _start(said: Moment | Day, mapping: Mapping) -> Moment:
    return said.start(mapping.time_zone) if isinstance(said, Day) else said
