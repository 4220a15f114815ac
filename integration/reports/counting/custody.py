"""How each booking's custody ended: once, whatever was told afterwards (docs/events.md section 4, rule 1)."""

from typing import Final

from integration.reports.counting.register import Event
from integration.reports.counting.standing import ALWAYS, Standing

OPENED: Final = "jail.booking.opened.v1"
PLACED: Final = "jail.hold.placed.v1"
RELEASED: Final = "jail.release.completed.v1"
TRANSFERRED: Final = "jail.custody.transferred.v1"
TYPES: Final = ALWAYS | {OPENED, PLACED, RELEASED, TRANSFERRED}

Booking = tuple[str, str]
"""Source and the number that it counts for."""


def ends(standing: Standing) -> dict[Booking, tuple[str, Event]]:
    """Return the event that ended each booking's custody, with its type: `RELEASED` or `TRANSFERRED`.

    It is the earliest release or lasting transfer that is not before the start: the earliest opening, without one the
    earliest hold. Of two at the same time the smaller id stands, as in the rules. Where the log knows no start at all,
    the earliest counts: a person who left was there.
    """
    return standing.once(_ends)


def _ends(standing: Standing) -> dict[Booking, tuple[str, Event]]:
    starts = {**_earliest(standing, PLACED), **_earliest(standing, OPENED)}
    found: dict[Booking, tuple[str, Event]] = {}
    for kind in (RELEASED, TRANSFERRED):
        for home, event in standing.events(kind):
            key, time = (event.source, home), event.time
            if event.data.get("temporary") or time < starts.get(key, ""):
                continue
            earlier = found.get(key)
            if earlier is None or (time, event.event_id) < (earlier[1].time, earlier[1].event_id):
                found[key] = kind, event
    return found


def _earliest(standing: Standing, kind: str) -> dict[Booking, str]:
    times: dict[Booking, str] = {}
    for home, event in standing.events(kind):
        key, time = (event.source, home), event.time
        if time <= times.get(key, time):
            times[key] = time
    return times
