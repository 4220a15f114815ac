"""Simulated streams, read back."""

from collections import defaultdict
from datetime import datetime
from functools import lru_cache
from statistics import median
from typing import Any

import orjson

from integration.simulator import SimulationParams, simulate, texts

Event = dict[str, Any]
Booking = dict[str, list[Event]]
"""One booking's standing events by type, without ``jail.`` and ``.v1``."""
_kept = lru_cache(maxsize=2)
"""The streams that tests beside one another ask for. One holds 300 MB, and a process never gives back what it had."""


@_kept
def lines(params: SimulationParams) -> tuple[bytes, ...]:
    return tuple(simulate(params))


@_kept
def unique(params: SimulationParams) -> tuple[Event, ...]:
    """Each event once, in the order of first arrival."""
    events = [orjson.loads(line) for line in lines(params)]
    return tuple({(event["source"], event["id"]): event for event in reversed(events)}.values())[::-1]


@_kept
def bookings(params: SimulationParams) -> tuple[Booking, ...]:
    """Every booking by what stands of it; a moved one counts under its first number."""
    gone = {(e["source"], e["data"]["retracts"]) for e in unique(params) if kind(e) == "event.retracted"}
    found: dict[tuple[str, str], Booking] = defaultdict(lambda: defaultdict(list))
    for event in unique(params):
        if event["subject"].startswith("B") and (event["source"], event["id"]) not in gone:
            found[event["source"], event["subject"].removesuffix("-X")][kind(event)].append(event)
    return tuple(found.values())


def kind(event: Event) -> str:
    return event["type"].removeprefix("jail.").removesuffix(".v1")


def time_of(event: Event) -> datetime:
    return datetime.fromisoformat(event["time"])


def recorded(event: Event) -> datetime:
    return datetime.fromisoformat(event.get("recordedtime", event["time"]))


def has_paper(booking: Booking) -> bool:
    forms = (event["data"].get("document", {}).get("form", "") for event in booking["hold.placed"])
    return any(form.upper().startswith("I") for form in forms)


def days_in_custody(booking: Booking) -> float:
    ends = booking["release.completed"] + [e for e in booking["custody.transferred"] if not e["data"]["temporary"]]
    return (min(map(time_of, ends)) - time_of(booking["booking.opened"][0])).total_seconds() / 86400


def median_stay(among: list[Booking]) -> float:
    return median(days_in_custody(booking) for booking in among)


def gone_to_immigration(booking: Booking) -> bool:
    to = [each["data"]["to_agency"] for each in booking["custody.transferred"] if not each["data"]["temporary"]]
    return any(agency in texts.IMMIGRATION for agency in to)
