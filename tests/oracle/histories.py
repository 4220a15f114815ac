"""Random adversarial histories in the form of the event contract (EVENTS.md sections 1 and 2).

`history(seed)` and `wide(seed)` are pure functions of their arguments. The first tells ordinary lives with many ties;
the second also plays on the nights of clock changes and on the first and last day there is, draws ids whose order is
not that of the events, and weaves in scenes (`SCENES`): exact boundaries, moves and retractions that meet, strange
spellings. Few distinct instants are drawn, so that what should not touch does.
"""

import random
from collections.abc import Callable
from datetime import datetime

from tests.oracle import actions, asking, boundaries, spellings, tangles
from tests.oracle.maker import ERAS, Event, Maker, instants, many_ids
from tests.oracle.words import PARAMS

__all__ = ["PARAMS", "SCENES", "history", "wide"]

Scene = Callable[[Maker, str], None]

ACTIONS: tuple[tuple[int, Scene], ...] = (
    (14, actions.place_local),
    (14, actions.place_immigration),
    (10, actions.place_warrant),
    (6, actions.verify),
    (9, actions.lift),
    (10, actions.due),
    (4, actions.rescind),
    (8, actions.bail),
    (5, actions.serve),
    (4, actions.transfer),
    (4, actions.release),
    (4, actions.retract),
    (1, actions.open_again),
)
SCENES: tuple[tuple[int, Scene], ...] = (
    (3, boundaries.due_as_a_hold_starts),
    (4, boundaries.ends_fall_together),
    (5, boundaries.allowance_is_reached),
    (3, boundaries.no_stretch),
    (3, boundaries.warning_window),
    (3, boundaries.notice_in_time),
    (3, boundaries.verified_at_the_edge),
    (5, boundaries.paper_at_the_edge),
    (4, boundaries.same_time),
    (3, boundaries.future_due_taken_back),
    (3, boundaries.trip_and_back),
    (2, boundaries.booked_again),
    (3, tangles.moved_often),
    (3, tangles.moved_in_a_chain),
    (4, tangles.known_by_both),
    (3, tangles.two_become_one),
    (4, tangles.move_taken_back),
    (4, tangles.retractions_of_all_sorts),
    (3, tangles.retracted_before),
    (1, tangles.void_and_back),
    (2, spellings.handed_to_somebody),
    (2, spellings.warrant_of_somebody),
    (2, spellings.form_of_some_sort),
    (2, asking.message_goes_out),
    (2, asking.somebody_asks),
    (1, asking.noted_in_a_register),
)


def feed(dice: random.Random, source: str, subjects: list[str], size: int) -> list[Event]:
    """The events of one facility, in the order in which they were made up."""
    make = Maker(dice, source, instants(dice))
    early = sorted(make.pool)[: max(2, len(make.pool) // 3)]
    for subject in subjects:
        if make.chance(0.9):
            actions.open_booking(make, subject, dice.choice(early))
        if make.chance(0.85):
            actions.place(make, subject, dice.choice(("arrest", "charge")), dice.choice(early))
    weights, happenings = zip(*ACTIONS, strict=True)
    while len(make.events) < size:
        dice.choices(happenings, weights)[0](make, dice.choice(subjects))
    if make.chance(0.3):
        actions.move(make, subjects)
    if make.chance(0.12):
        make.add("booking.voided", dice.choice(subjects))
    return make.events


def arrivals(dice: random.Random, events: list[Event]) -> list[Event]:
    """Partly shuffled, and about thirty in a hundred come twice."""

    def recorded(event: Event) -> datetime:
        return datetime.fromisoformat(event.get("recordedtime") or event["time"])

    order = sorted(events, key=recorded)
    for _ in range(len(order) // 3):
        one, other = dice.randrange(len(order)), dice.randrange(len(order))
        order[one], order[other] = order[other], order[one]
    for event in dice.sample(events, round(len(events) * 0.3)):
        order.insert(dice.randrange(len(order) + 1), dict(event))
    return order


def history(seed: int, *, bookings: int = 3, size: int = 40) -> list[Event]:
    """About `size` different events on `bookings` bookings of one or two facilities, with duplicates."""
    dice = random.Random(seed)
    subjects = [f"B{n + 1}" for n in range(bookings)]
    if bookings < 2 or dice.random() < 0.7:
        events = feed(dice, "/jms/a", subjects, size)
    else:  # two facilities that use the same event ids, and one of the same booking numbers
        half = max(1, bookings // 2)
        events = feed(dice, "/jms/a", subjects[:half], size // 2)
        events += feed(dice, "/jms/b", [subjects[0], *subjects[half + 1 :]], size - size // 2)
    return arrivals(dice, events)


def wide_feed(dice: random.Random, source: str, subjects: list[str], size: int, ids: list[str]) -> list[Event]:
    """The events of one facility in which much meets at few instants: of few bookings, or each scene of its own."""
    era = dice.choices([era for _, era in ERAS], [weight for weight, _ in ERAS])[0]
    apart = dice.random() < 0.6
    alone = [f"S{number + 1}" for number in range(size if apart else 0)]
    numbers = [*subjects, "M1", "M2", "M3", *alone]
    dice.shuffle(numbers)
    make = Maker(dice, source, instants(dice, era), ids, era, dice.choice((0.0, 0.02)))
    make.ranks = {number: rank for rank, number in enumerate(numbers)}
    for subject in [] if apart else subjects:
        begin(make, subject)
    scenes, weights = [scene for _, scene in SCENES], [weight for weight, _ in SCENES]
    mixed, all_weights = [one for _, one in ACTIONS + SCENES], [weight for weight, _ in ACTIONS + SCENES]
    favourite = dice.choices(scenes, weights)[0]
    while len(make.events) < size:
        if apart:
            subject = alone.pop()
            begin(make, subject)
            for scene in dice.choices(scenes, weights, k=dice.choice((1, 1, 2))):
                scene(make, subject)
        else:
            drawn = favourite if make.chance(0.15) else dice.choices(mixed, all_weights)[0]
            drawn(make, dice.choice(subjects if make.chance(0.8) else numbers))
    return make.events


def begin(make: Maker, subject: str) -> None:
    """Somebody is booked, mostly on a charge; or nothing is known of that."""
    early = sorted(make.pool)[: max(2, len(make.pool) // 3)]
    if make.chance(0.7):
        actions.open_booking(make, subject, make.dice.choice(early))
    if make.chance(0.4):
        actions.place(make, subject, make.dice.choice(("arrest", "charge")), make.dice.choice(early))
    if make.chance(0.4):
        actions.place(make, subject, "immigration_detainer")


def wide(seed: int, *, bookings: int = 3, size: int = 40) -> list[Event]:
    """As `history`, of one to three facilities that use the same ids and the same booking numbers."""
    dice = random.Random(f"wide {seed}")
    style = dice.choice(("plain", "plain", "shuffled", "odd"))
    ids = [] if style == "plain" else many_ids(dice, style)
    subjects = [f"B{n + 1}" for n in range(bookings)]
    sources = ("/jms/a", "/jms/b", "/jms/c")[: dice.choice((1, 1, 1, 2, 2, 3))]
    events: list[Event] = []
    for source in sources:
        events += wide_feed(dice, source, subjects[: max(1, bookings // len(sources))], size // len(sources), ids)
    return arrivals(dice, events)
