"""A jail at work: people are booked by the hour of its day, and each booking runs its life."""

from typing import Final

from integration.simulator import texts
from integration.simulator.arrival import Buckets, Feed
from integration.simulator.booking import Booking
from integration.simulator.contacts import be_in_contact
from integration.simulator.course import run_course
from integration.simulator.dice import DAY, HOUR, MINUTE, Dice, exponential, lognormal
from integration.simulator.facility import Facility
from integration.simulator.intake import correct, open_booking, place_charges, retract, void
from integration.simulator.leaving import leave
from integration.simulator.papers import lodge_papers
from integration.simulator.params import SimulationParams
from integration.simulator.registers import write_register

_BY_HOUR: Final = (50, 46, 40, 32, 24, 19, 19, 22, 29, 36, 42, 46, 48, 49, 50, 51, 52, 51, 50, 50, 51, 52, 53, 52)
"""Bookings by hour of the local day, relative: few at dawn, most in the evening."""
_UNIT: Final = 1_000_000
_GAP: Final = exponential(_UNIT)
"""Time between two bookings, where one unit is the mean."""
_STAY: Final = lognormal(3.1 * DAY, 2.3, most=3 * 365 * DAY)
"""Median about three days, mean about 32: most leave soon, a few stay for years."""
_STAY_WITH_PAPER: Final = lognormal(34.5 * DAY, 1.7, most=3 * 365 * DAY)
"""Median five weeks; on the mean nearly four times as long as the others."""
_SHORTEST: Final = 30 * MINUTE


class Jail:
    """One facility. Everything about it depends on the parameters and its own name."""

    def __init__(self, facility: Facility, params: SimulationParams, buckets: Buckets, end: int) -> None:
        """Args: ``buckets`` take what arrives; ``end`` is the second after which nothing does."""
        self._params = params
        self._feed = Feed(facility, params, buckets, end)
        self._dice = Dice(f"{params.seed}/{facility.source}/lives")
        bookings = params.bookings_per_day * facility.share
        self._weights = [bookings * weight / sum(_BY_HOUR) * _UNIT for weight in _BY_HOUR]
        self._until_next = float(self._dice.of(_GAP))
        self._registers = params.register_entries / (DAY // HOUR)
        self._bookings = self._entries = 0

    def work(self, hour: int) -> None:
        """Let one hour (counted since the epoch) of bookings come in."""
        weight = self._weights[self._feed.time.hour(hour)]
        passed = self._until_next
        while passed < weight:
            self._book(hour * HOUR + int(passed / weight * HOUR))
            passed += self._dice.of(_GAP)
        self._until_next = passed - weight
        if self._dice.chance(self._registers):
            self._entries += 1
            write_register(self._feed, self._dice, f"R{self._entries:06}", hour * HOUR + self._dice.between(0, HOUR))

    def _book(self, opened: int) -> None:
        self._bookings += 1
        dice, params = self._dice, self._params
        immigration = dice.chance(params.immigration)
        due = opened + max(_SHORTEST, dice.of(_STAY_WITH_PAPER if immigration else _STAY))
        family_name, given_name = dice.pick(texts.FAMILY_NAMES), dice.pick(texts.GIVEN_NAMES)
        if params.canary:
            family_name, given_name = f"{params.canary} {family_name}", f"{params.canary} {given_name}"
        number = f"B{self._bookings:07}"
        it = Booking(
            feed=self._feed,
            dice=dice,
            params=params,
            number=number,
            opened=opened,
            due=due,
            left=due,
            immigration=immigration,
            family_name=family_name,
            given_name=given_name,
        )
        if dice.chance(params.moved):
            it.moved_at, it.moved_into = opened + dice.between(MINUTE, due - opened), f"{number}-X"
        run(it)


def run(it: Booking) -> None:
    """Run a booking's life from the first paper to the last."""
    open_booking(it)
    place_charges(it)
    if it.dice.chance(it.params.voided):
        void(it)
        return
    if it.immigration:
        lodge_papers(it)
    if it.local_holds:
        run_course(it)
    leave(it)
    if it.moved_at is not None:
        it.put("booking.moved", it.moved_at, {"into": it.moved_into})
    correct(it)
    retract(it)
    be_in_contact(it)
