"""Scenes of moves and retractions that meet: which facts count, and for which booking."""

from tests.oracle.actions import lift, place_immigration, place_local, release, serve
from tests.oracle.boundaries import booked_again, ends_fall_together, same_time
from tests.oracle.maker import Event, Maker


def into_of(make: Maker, subject: str) -> str | None:
    """A number that a booking may move to without making a circle; now and then any number, so that circles occur."""
    if make.chance(0.06):
        return make.dice.choice([*make.ranks])
    higher = [name for name, rank in make.ranks.items() if rank > make.ranks[subject]]
    return make.dice.choice(higher) if higher else None


def _moved(make: Maker, subject: str) -> Event | None:
    into = into_of(make, subject)
    return None if into is None else make.add("booking.moved", subject, into=into)


def _something(make: Maker, subject: str) -> None:
    """Any event that changes what is found."""
    what = (place_local, place_immigration, lift, release, serve, ends_fall_together, same_time, booked_again)
    make.dice.choice(what)(make, subject)


def moved_often(make: Maker, subject: str) -> None:
    """Several moves of one booking: the latest counts, then the greatest id."""
    at, ties = make.some_time(), make.dice.choice((0.3, 1.0))
    for _ in range(make.dice.choice((2, 2, 3, 4))):
        made = _moved(make, subject)
        if made is not None and make.chance(ties):
            made["time"] = made["recordedtime"] = make.text(at)
    _something(make, subject)


def moved_in_a_chain(make: Maker, subject: str) -> None:
    """From number to number, told in any order."""
    here = subject
    while (made := _moved(make, here)) is not None and make.chance(0.85):
        here = made["data"]["into"]


def known_by_both(make: Maker, subject: str) -> None:
    """A booking moves; facts before and after come under its old number, the new one, and further ones."""
    made = _moved(make, subject)
    if made is None:
        return
    numbers = [subject, made["data"]["into"], made["data"]["into"], make.dice.choice([*make.ranks])]
    for _ in range(make.dice.choice((2, 3, 4))):
        _something(make, make.dice.choice(numbers))


def two_become_one(make: Maker, subject: str) -> None:
    """Two bookings move into one; their hold_ids are the same, so that one stands in for the other."""
    into = into_of(make, subject)
    if into is None:
        return
    _something(make, subject)
    make.add("booking.moved", subject, into=into)
    others = [name for name, rank in make.ranks.items() if rank < make.ranks[into] and name != subject]
    if others:
        other = make.dice.choice(others)
        _something(make, other)
        make.add("booking.moved", other, into=into)


def _retracted(make: Maker, target: str) -> Event:
    """A retraction under any number, at any time."""
    return make.add("event.retracted", make.dice.choice([*make.ranks]), retracts=target)


def move_taken_back(make: Maker, subject: str) -> None:
    """A move is retracted, that retraction is retracted, and so on; each under any booking's number."""
    moves = make.of_type("booking.moved")
    made = make.dice.choice(moves) if moves and make.chance(0.5) else _moved(make, subject)
    if made is None:
        return
    target = made["id"]
    for _ in range(make.dice.choice((1, 1, 2, 2, 3, 4))):
        target = _retracted(make, target)["id"]
    if make.chance(0.3):
        _moved(make, subject)


def retractions_of_all_sorts(make: Maker, _subject: str) -> None:
    """Chains and forks of retractions of any event of the feed, of what is already retracted, and of each other."""
    if not make.events:
        return
    last = [event["id"] for event in make.events[-15:]]
    for _ in range(make.dice.choice((2, 3, 4))):
        made = _retracted(make, make.dice.choice(last))
        last += [made["id"]] * 3
    if make.chance(0.2):  # in a circle, and one of them from outside
        one, other = _retracted(make, make.dice.choice(last)), _retracted(make, make.dice.choice(last))
        one["data"]["retracts"], other["data"]["retracts"] = other["id"], one["id"]
        if make.chance(0.5):  # what such a one says besides, stands as long as it does
            one["data"]["citizenship"] = "XX"
        _retracted(make, make.dice.choice((one["id"], other["id"], make.dice.choice(last))))


def retracted_before(make: Maker, subject: str) -> None:
    """The retraction comes first, with an earlier time; its target may be anything."""
    make.add(
        "event.retracted", make.dice.choice([*make.ranks]), min(make.pool), retracts=make.id_of(len(make.events) + 2)
    )
    make.events[-1].pop("recordedtime", None)
    _something(make, subject)


def void_and_back(make: Maker, subject: str) -> None:
    """A booking is voided, often by mistake: the void is retracted, or was sent for a number that has moved."""
    made = make.add("booking.voided", subject)
    if make.chance(0.8):
        _retracted(make, made["id"])
    elif make.chance(0.5):
        _moved(make, subject)
