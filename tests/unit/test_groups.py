"""Which facts count and for which booking: retractions of retractions, moves in chains and in circles."""

import itertools

import pytest

from integration.domain.facts import Fact, Moved, Retracted
from integration.domain.groups import destinations, retracted_ids, standing_bookings
from integration.domain.instants import gaps, overlap, union
from tests.unit.bookings import opened


def back(event_id: str, of: str, at: int = 0) -> Retracted:
    return Retracted(event_id, at, of)


def move(event_id: str, into: str, at: int) -> Moved:
    return Moved(event_id, at, into)


@pytest.mark.parametrize(
    ("retractions", "gone", "because"),
    [
        ([], set(), "nothing was retracted"),
        ([("r", "e")], {"e"}, "one retraction"),
        ([("r", "e"), ("s", "e")], {"e"}, "two of one"),
        ([("r", "e"), ("s", "r")], {"r"}, "the retraction never counted"),
        ([("r", "e"), ("s", "r"), ("t", "s")], {"e", "s"}, "its retraction never counted"),
        ([("r", "e"), ("s", "e"), ("t", "r")], {"e", "r"}, "the other one counts"),
        ([("r", "r")], set(), "it contradicts itself"),
        ([("r", "s"), ("s", "r")], set(), "they contradict each other"),
        ([("r", "s"), ("s", "t"), ("t", "r")], set(), "three in a circle"),
        ([("r", "s"), ("s", "r"), ("t", "r")], {"r"}, "the circle is broken: s counts again"),
        ([("r", "e"), ("s", "r"), ("t", "s"), ("u", "t")], {"r", "t"}, "a chain of four"),
    ],
)
def test_an_event_never_counted_when_it_is_retracted(retractions, gone, because):
    facts = [back(one, other) for one, other in retractions]
    # In a broken circle, what a member that counts again retracts is the member that is gone anyhow.
    for order in itertools.permutations(facts):
        assert retracted_ids(order) == gone, because


@pytest.mark.parametrize(
    ("moves", "onward", "dropped", "because"),
    [
        ([("A", "B", 1)], {"A": "B"}, [], "one move"),
        ([("A", "B", 1), ("B", "C", 2)], {"A": "B", "B": "C"}, [], "a chain"),
        ([("A", "B", 1), ("A", "C", 2)], {"A": "C"}, [], "the latest of one booking"),
        ([("A", "B", 1), ("B", "A", 2)], {"A": "B"}, ["m1"], "the later closes the circle"),
        ([("A", "B", 2), ("B", "A", 1)], {"B": "A"}, ["m0"], "the later closes the circle"),
        ([("A", "B", 1), ("B", "A", 1)], {"A": "B"}, ["m1"], "of equal times the greater id"),
        ([("A", "A", 1)], {}, ["m0"], "a circle of one"),
        ([("A", "B", 1), ("B", "C", 2), ("C", "A", 3)], {"A": "B", "B": "C"}, ["m2"], "a circle of three"),
        ([("A", "B", 1), ("B", "A", 2), ("B", "C", 0)], {"A": "B", "B": "C"}, ["m1"], "an earlier move counts again"),
    ],
)
def test_facts_follow_a_booking_when_it_moves(moves, onward, dropped, because):
    group: dict[str, list[Fact]] = {"A": [], "B": [], "C": []}
    for number, (subject, into, at) in enumerate(moves):
        group[subject].append(move(f"m{number}", into, at))
    for order in itertools.permutations(group):
        found, gone = destinations({subject: group[subject] for subject in order})
        assert (found, [each.id for each in gone]) == (onward, dropped), because


def test_facts_stand_under_the_last_number_when_bookings_moved():
    group = {"A": [opened(0, "a"), move("m", "B", 1)], "B": [move("n", "C", 2)], "C": [opened(1, "c")]}
    assert {name: [fact.id for fact in facts] for name, facts in standing_bookings(group).items()} == {
        "C": ["a", "m", "n", "c"]
    }


def test_facts_stay_when_the_move_is_retracted():
    group = {"A": [opened(0, "a"), move("m", "B", 1), back("r", "m")], "B": []}
    standing = {name: [fact.id for fact in facts] for name, facts in standing_bookings(group).items()}
    assert standing == {"A": ["a", "r"], "B": []}


@pytest.mark.parametrize(
    ("intervals", "expected", "because"),
    [
        ([], [], "nothing"),
        ([(1, 1), (3, 2)], [], "empty ones"),
        ([(3, 4), (1, 2)], [(1, 2), (3, 4)], "sorted"),
        ([(1, 3), (2, 5)], [(1, 5)], "they overlap"),
        ([(1, 2), (2, 3)], [(1, 3)], "they touch"),
        ([(1, 9), (2, 3)], [(1, 9)], "one lies in the other"),
    ],
)
def test_intervals_are_joined_when_they_touch(intervals, expected, because):
    assert union(intervals) == expected, because


@pytest.mark.parametrize(
    ("within", "covered", "open_parts", "inside"),
    [
        ((0, 9), [], [(0, 9)], []),
        ((0, 9), [(0, 9)], [], [(0, 9)]),
        ((0, 9), [(-5, 3), (4, 99)], [(3, 4)], [(0, 3), (4, 9)]),
        ((0, 9), [(9, 12)], [(0, 9)], []),
        ((0, 9), [(-3, 0)], [(0, 9)], []),
        ((5, 5), [(1, 9)], [], []),
    ],
)
def test_parts_are_half_open_when_they_are_cut(within, covered, open_parts, inside):
    assert gaps(within, covered) == open_parts
    assert overlap(within, covered) == inside


def test_a_long_chain_is_followed_to_its_end_when_retractions_retract_each_other():
    # because each link is decided by the one after it, in whatever order a set gives them
    chain = [back(f"r{number:03}", f"r{number - 1:03}" if number else "e") for number in range(101)]
    expected = {"e"} | {f"r{number:03}" for number in range(1, 101, 2)}
    assert retracted_ids(chain) == expected
    assert retracted_ids(chain[:-1]) == {f"r{number:03}" for number in range(0, 99, 2)}
