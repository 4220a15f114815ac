"""Booking in: the person, the charges, holds of other agencies, and what goes wrong at the desk."""

from typing import Any, Final

from integration.simulator import texts
from integration.simulator.booking import Booking
from integration.simulator.dice import DAY, HOUR, MINUTE, weighted
from integration.simulator.localtime import date_of

_CHARGES: Final = weighted(
    (46, 1), (25, 2), (14, 3), (6, 4), (3, 5), (2, 6), (1, 7), (1, 9), (1, 12), (1, 20)
)  # mostly one to three, at most 20 in 22 months of a county's bookings
_YOUNGEST, _OLDEST = 18 * 366, 75 * 365
"""In days."""
_LOCAL_KINDS: Final = ("arrest", "charge", "charge", "charge")
_WITH_PERSON, _WITH_BASIS, _WITH_DOCUMENT = 0.96, 0.6, 0.3
_OTHER_AGENCY: Final = 0.04
_PUT_WRONGLY: Final = weighted((8, "charge"), (3, "agency_hold"), (2, "court_order"), (1, "immigration_detainer"))
_PAPER_ONLY: Final = 0.03
"""Of the bookings with an immigration paper: those with no local ground at all."""


def open_booking(it: Booking) -> None:
    """Open the booking, sometimes with a field that must not be kept."""
    dice = it.dice
    data: dict[str, Any] = {
        "arrested_at": it.write(it.opened - dice.between(15, 150) * MINUTE),
        "booked_by": dice.pick(texts.OFFICERS),
    }
    if dice.chance(_WITH_PERSON):
        data["person"] = person = {
            "person_id": f"P{dice.between(100_000, 9_999_999)}",
            "family_name": it.family_name,
            "given_name": it.given_name,
            "birth_date": date_of(it.opened // DAY - dice.between(_YOUNGEST, _OLDEST)),
            "preferred_language": dice.pick(texts.LANGUAGES),
        }
        if dice.chance(it.params.forbidden):
            person |= dice.pick(texts.MISTAKES)
    if dice.chance(_WITH_BASIS):
        data["basis"] = dice.pick(texts.BASES)
    if dice.chance(_WITH_DOCUMENT):
        data["identification"] = dice.pick(texts.DOCUMENTS)
    it.put("booking.opened", it.opened, data)


def place_charges(it: Booking) -> None:
    """Place one to twenty local holds, and now and then another agency's."""
    dice = it.dice
    if it.immigration and dice.chance(_PAPER_ONLY):
        return
    at = it.opened
    for _ in range(dice.pick(_CHARGES)):
        at = min(at + dice.between(0, 10) * MINUTE, it.due - 1)
        it.local_holds.append(it.place(at, dice.pick(_LOCAL_KINDS), charge=dice.pick(texts.CHARGES)))
    if dice.chance(_OTHER_AGENCY):
        agency = dice.pick(texts.OTHER_AGENCIES)
        it.agency_hold = it.place(at + dice.between(5, 600), "agency_hold", issuer={"agency": agency})


def correct(it: Booking) -> None:
    """Place a hold again with other details; the later one stands in for both."""
    dice = it.dice
    if it.local_holds and dice.chance(it.params.corrections):
        at = min(it.opened + dice.between(10 * MINUTE, 3 * DAY), it.left)
        charge = {**dice.pick(texts.CHARGES), "description": "amended charge"}
        it.put("hold.placed", at, {"hold_id": dice.pick(it.local_holds), "kind": "charge", "charge": charge})


def retract(it: Booking) -> None:
    """Put a hold on the wrong booking, notice, and retract it; now and then the retraction was the mistake."""
    dice = it.dice
    if not dice.chance(it.params.retractions):
        return
    at = dice.between(it.opened, it.left)
    it.place(at, dice.pick(_PUT_WRONGLY))
    wrong = f"{it.number}-{it.events}"
    at += dice.between(5 * MINUTE, 6 * HOUR)
    first = it.put("event.retracted", at, {"retracts": wrong})
    if dice.chance(1 / 6):
        it.put("event.retracted", at + dice.between(5 * MINUTE, HOUR), {"retracts": first})


def void(it: Booking) -> None:
    """Take the whole booking back: it was a mistake."""
    at = it.opened + it.dice.between(5 * MINUTE, 2 * HOUR)
    it.put("booking.voided", at, {"reason": it.say(texts.VOID_REASONS)})
