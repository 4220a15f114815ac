"""Events about the booking itself: opened, voided, moved, retracted, notice served."""

from typing import Literal

from schemas.base import Identifier, InstantText, Strict, Text
from schemas.envelope import Envelope


class Person(Strict):
    """Whose booking it is. Names and birth date are accepted and not kept."""

    person_id: Identifier | None = None
    family_name: Text | None = None
    given_name: Text | None = None
    birth_date: Text | None = None
    preferred_language: Text | None = None


class BookingOpenedData(Strict):
    """``basis`` lists the stated reasons of custody; ``identification`` the kind of identity document shown."""

    person: Person | None = None
    arrested_at: InstantText | None = None
    booked_by: Text | None = None
    basis: list[Text] | None = None
    identification: Text | None = None


class BookingOpened(Envelope):
    """A person was taken into custody."""

    type: Literal["jail.booking.opened.v1"]
    data: BookingOpenedData


class BookingVoidedData(Strict):
    """Why the booking was a mistake."""

    reason: Text | None = None


class BookingVoided(Envelope):
    """The booking was a mistake; nothing about it stands."""

    type: Literal["jail.booking.voided.v1"]
    data: BookingVoidedData


class BookingMovedData(Strict):
    """``into`` is the booking number that the facts follow to."""

    into: Identifier


class BookingMoved(Envelope):
    """The booking goes on under another number."""

    type: Literal["jail.booking.moved.v1"]
    data: BookingMovedData


class EventRetractedData(Strict):
    """``retracts`` is the ``id`` of an event of the same source."""

    retracts: Identifier


class EventRetracted(Envelope):
    """An earlier event never counted."""

    type: Literal["jail.event.retracted.v1"]
    data: EventRetractedData


class NoticeServedData(Strict):
    """Which paper the person was given a copy of, in what language, by whom."""

    hold_id: Identifier
    language: Text | None = None
    served_by: Text


class NoticeServed(Envelope):
    """The person was given a copy of the detainer, warrant or request."""

    type: Literal["jail.notice.served.v1"]
    data: NoticeServedData
