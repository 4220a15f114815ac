"""The local case: how a person becomes entitled to release."""

from collections.abc import Callable
from typing import Final

from integration.simulator import texts
from integration.simulator.booking import Booking
from integration.simulator.dice import DAY, HOUR, MINUTE, weighted

_COURSES: Final = weighted(
    (34, "bail_posted"),
    (22, "own_recognizance"),
    (13, "charges_dropped"),
    (8, "no_charges_filed"),
    (17, "sentence_served"),
    (1, "acquitted"),
    (2, "diversion"),
    (2, "court_order"),
    (1, "other"),
)
_COURSES_WITH_PAPER: Final = weighted(
    (3, "bail_posted"),
    (10, "own_recognizance"),
    (25, "charges_dropped"),
    (4, "no_charges_filed"),
    (50, "sentence_served"),
    (2, "acquitted"),
    (1, "diversion"),
    (4, "court_order"),
    (1, "other"),
)  # of 188 people with an immigration hold in one county, three paid bail
_AMOUNTS: Final = ("250.00", "500.00", "1000.00", "2500.00", "5000.00", "10000.00", "50000.00")
_BAIL_SET_ANYWAY, _BAIL_REFUSED = 0.25, 0.6
_PART_PAID, _DUE_TOLD_TOO, _LIFTED_TOO, _ONLY_LIFTED = 0.08, 0.5, 0.5, 0.2
_COURT_ORDER: Final = 0.03


def run_course(it: Booking) -> None:
    """Tell the local case from the first court day to the entitlement at ``it.due``."""
    dice = it.dice
    if dice.chance(it.params.rescinded):
        _due_and_rescinded(it)
    if dice.chance(_COURT_ORDER):
        it.local_holds.append(it.place(_early(it), "court_order", reasons=["evaluation ordered"]))
    reason = dice.pick(_COURSES_WITH_PAPER if it.detainer else _COURSES)
    _END[reason](it, reason)


def _early(it: Booking) -> int:
    """Return a moment in the first eighth of the time to the entitlement."""
    return it.opened + int(it.dice.random() * ((it.due - it.opened) // 8))


def _midway(it: Booking) -> int:
    """Return a moment in the second quarter: what is told from then on no early rescission cancels."""
    quarter = (it.due - it.opened) // 4
    return it.opened + quarter + 1 + int(it.dice.random() * (quarter - 1))


def _due(it: Booking, reason: str, *, told: int) -> None:
    it.put("release.due", told, {"due_at": it.write(it.due), "reason": reason})


def _plain(it: Booking, reason: str) -> None:
    if it.dice.chance(_BAIL_SET_ANYWAY):
        _set_bail(it)
    # A court's word is often an hour or two ahead of what it grants.
    _due(it, reason, told=max(_midway(it), it.due - it.dice.pick((0, 0, HOUR, 2 * HOUR))))


def _bail(it: Booking, reason: str) -> None:
    dice = it.dice
    amount = _set_bail(it)
    if dice.chance(_PART_PAID):
        it.put("bail.posted", it.due - 1, {"amount": "100.00", "covers_all": False})
    it.put("bail.posted", it.due, {"amount": amount, "covers_all": True})
    if dice.chance(_DUE_TOLD_TOO):
        _due(it, reason, told=it.due)


def _set_bail(it: Booking) -> str:
    amount = it.dice.pick(_AMOUNTS)
    at = _early(it)
    it.put("bail.set", at, {"amount": amount})
    if it.detainer and it.dice.chance(_BAIL_REFUSED):
        refused = {"refused_by": it.dice.pick(texts.OFFICERS), "reason": it.say(texts.REFUSE_REASONS)}
        it.put("bail.refused", it.dice.between(at, it.due), refused)
    return amount


def _dropped(it: Booking, reason: str) -> None:
    only_lifted = it.dice.chance(_ONLY_LIFTED)
    if only_lifted or it.dice.chance(_LIFTED_TOO):
        for hold_id in it.local_holds:
            it.put("hold.lifted", it.due, {"hold_id": hold_id, "reason": it.say(texts.LIFT_REASONS)})
    if not only_lifted:
        _due(it, reason, told=it.due)


def _sentence(it: Booking, reason: str) -> None:
    told = _midway(it)
    it.local_holds.append(it.place(told, "sentence", charge=it.dice.pick(texts.CHARGES)))
    _due(it, reason, told=told)


def _due_and_rescinded(it: Booking) -> None:
    dice = it.dice
    at = _early(it)
    due_at = at + dice.between(HOUR, 12 * HOUR)
    it.put("release.due", at, {"due_at": it.write(due_at), "reason": dice.pick(("own_recognizance", "court_order"))})
    # It is taken back before the real one is told, or that would be cancelled with it.
    taken_back = min(at + dice.between(10 * MINUTE, DAY), it.opened + (it.due - it.opened) // 4)
    it.put("release.rescinded", taken_back, {"reason": it.say(texts.RESCIND_REASONS)})


_END: Final[dict[str, Callable[[Booking, str], None]]] = {
    "bail_posted": _bail,
    "own_recognizance": _plain,
    "charges_dropped": _dropped,
    "no_charges_filed": _dropped,
    "sentence_served": _sentence,
    "acquitted": _plain,
    "diversion": _plain,
    "court_order": _plain,
    "other": _plain,
}
