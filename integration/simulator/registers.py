"""What a jail's registers get that belongs to no booking: assistance requests, certifications, complaints."""

from typing import Final

from integration.simulator import texts
from integration.simulator.arrival import Feed
from integration.simulator.dice import DAY, HOUR, Dice, weighted

_ASSISTANCE: Final = weighted(
    (3, "joint_operation"),
    (2, "immigration_function_287g"),
    (3, "traffic_or_perimeter_support"),
    (2, "translation"),
    (1, "other"),
)
_COMPLAINTS: Final = (
    "kept past release after bail was posted",
    "no copy of the detainer was given",
    "asked about status at booking",
    "interview without a warrant",
)
_DECIDED: Final = 0.8


def write_register(feed: Feed, dice: Dice, number: str, at: int) -> None:
    """Write one entry.

    Args:
        feed: of the jail.
        dice: of the jail.
        number: the register number; every id starts with it.
        at: seconds since the epoch.
    """
    kind = dice.pick(("assistance", "certification", "complaint"))
    if kind == "assistance":
        data = {"assistance_id": number, "agency": dice.pick(texts.IMMIGRATION), "kind": dice.pick(_ASSISTANCE)}
        feed.send(f"{number}-1", "assistance.requested", number, at, data)
    elif kind == "complaint":
        data = {"complaint_id": number, "summary": dice.pick(_COMPLAINTS), "received_by": dice.pick(texts.OFFICERS)}
        if dice.chance(0.5):
            data["against"] = dice.pick(texts.OFFICERS)
        feed.send(f"{number}-1", "complaint.filed", number, at, data)
    else:
        data = {"certification_id": number, "kind": dice.pick(("u_visa", "u_visa", "u_visa", "t_visa"))}
        data["due_at"] = feed.time.write(at + 90 * DAY)
        feed.send(f"{number}-1", "certification.requested", number, at, data)
        if dice.chance(_DECIDED):
            outcome = dice.pick(("signed", "signed", "declined"))
            decided = at + dice.between(5 * DAY, 80 * DAY) // HOUR * HOUR
            decision = {"certification_id": number, "outcome": outcome}
            feed.send(f"{number}-2", "certification.decided", number, decided, decision)
