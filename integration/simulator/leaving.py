"""Leaving: released after some hours at the counter, handed over, or kept on for the immigration authority."""

from typing import Any, Final

from integration.simulator import texts
from integration.simulator.booking import Booking
from integration.simulator.dice import DAY, HOUR, MINUTE, lognormal, weighted

PROCESSING: Final = lognormal(3 * HOUR, 0.6, most=2 * DAY)
"""From the entitlement to the street: three hours at the median, more than six for one person in eight."""

_HELD_ON: Final = lognormal(26 * HOUR, 0.7, most=20 * DAY)
_TO_PRISON, _TO_OTHER_AGENCY, _OTHER_HOLD_LIFTED = 0.03, 0.5, 0.5
_PICKED_UP, _PICKED_UP_ON_WARRANT, _READY = 0.75, 0.8, 0.4
_REIMBURSED: Final = 0.15
_RELEASED_TO: Final = weighted((88, "self"), (8, None), (2, "court"), (1, "hospital"), (1, "agency"))
_WITH_REASON: Final = 0.4


def leave(it: Booking) -> None:
    """Let the person go, one way or another, and set ``it.left``."""
    dice = it.dice
    if dice.chance(it.params.mistaken_releases):
        _release_by_mistake(it)
    if it.warrant is not None and dice.chance(_PICKED_UP_ON_WARRANT):
        _hand_to_immigration(it, it.due + dice.between(0, 30 * HOUR), it.warrant)
    elif it.detainer is not None:
        _leave_under_detainer(it)
    elif it.agency_hold is not None:
        _leave_with_agency_hold(it, it.agency_hold)
    elif dice.chance(_TO_PRISON):
        it.left = it.due + dice.between(0, 5 * HOUR)
        it.put("custody.transferred", it.left, {"to_agency": dice.pick(texts.PRISONS), "temporary": False})
    else:
        _release(it, it.due + dice.of(PROCESSING))


def _release(it: Booking, at: int, reasons: tuple[str, ...] = texts.RELEASE_REASONS) -> None:
    it.left = at
    data: dict[str, Any] = {}
    to = it.dice.pick(_RELEASED_TO)
    if to is not None:
        data["released_to"] = to
    if it.dice.chance(_WITH_REASON):
        data["reason"] = it.say(reasons)
    it.put("release.completed", at, data)


def _leave_under_detainer(it: Booking) -> None:
    dice = it.dice
    if dice.chance(it.params.holding_on):
        until = it.due + dice.of(_HELD_ON)
        if dice.chance(_PICKED_UP):
            _hand_to_immigration(it, until, None)
        else:
            _release(it, until, texts.NOT_PICKED_UP)
    elif dice.chance(_READY):
        _release(it, it.due)
    else:
        _release(it, it.due + dice.of(PROCESSING))


def _hand_to_immigration(it: Booking, at: int, warrant: str | None) -> None:
    dice = it.dice
    it.left = at
    agency = dice.pick(texts.IMMIGRATION)
    data: dict[str, Any] = {"to_agency": agency, "temporary": False}
    if warrant is not None:
        data["warrant_hold_id"] = warrant
    it.put("custody.transferred", at, data)
    if dice.chance(_REIMBURSED):
        paid: dict[str, Any] = {"amount": f"{dice.between(80, 900)}.00", "currency": "USD", "agency": agency}
        if it.detainer is not None:
            paid["hold_id"] = it.detainer
        it.put("reimbursement.received", at + dice.between(20, 60) * DAY, paid)


def _leave_with_agency_hold(it: Booking, hold_id: str) -> None:
    dice = it.dice
    at = it.due + dice.between(0, 3 * DAY)
    if dice.chance(_OTHER_HOLD_LIFTED):
        it.put("hold.lifted", at, {"hold_id": hold_id, "reason": "not picked up"})
        _release(it, at + dice.of(PROCESSING))
    else:
        it.left = at
        it.put("custody.transferred", at, {"to_agency": dice.pick(texts.OTHER_AGENCIES), "temporary": False})


def _release_by_mistake(it: Booking) -> None:
    at = it.dice.between(it.opened, it.due)
    wrong = it.put("release.completed", at, {"released_to": "self", "reason": it.say(texts.RELEASE_REASONS)})
    it.put("event.retracted", at + it.dice.between(2 * MINUTE, 30 * MINUTE), {"retracts": wrong})
