"""Units of time and the borders of intervals."""

import pytest

from integration.domain.instants import DAY, HOUR, MILLISECOND, MINUTE, NEVER, SECOND, gaps, overlap, union
from integration.domain.parameters import charge_key


def test_a_day_has_its_microseconds():
    assert MILLISECOND == 10**3
    assert (SECOND, MINUTE, HOUR, DAY) == (10**6, 60 * 10**6, 3600 * 10**6, 86_400 * 10**6)


def test_never_is_later_than_every_time_and_fits_a_database():
    # because it is stored: a signed integer of 64 bits has to hold it, with an allowance added
    assert 2200 * 366 * DAY < NEVER
    assert NEVER + 400 * 366 * DAY < 2**63


@pytest.mark.parametrize(
    ("intervals", "expected", "because"),
    [
        ([(1, 3), (3, 5), (5, 7)], [(1, 7)], "touching ones are one"),
        ([(1, 3), (4, 5)], [(1, 3), (4, 5)], "a gap of one stays"),
        ([(1, 5), (2, 5)], [(1, 5)], "one that ends with another"),
        ([(1, 5), (1, 2), (1, 9)], [(1, 9)], "one start, three ends"),
        ([(2, 2), (1, 5)], [(1, 5)], "an empty one inside"),
        ([(5, 5), (1, 5)], [(1, 5)], "an empty one at the end"),
        ([(0, 1), (9, 8), (2, 3)], [(0, 1), (2, 3)], "one that ends before it starts"),
        ([(1, 1), (2, 3)], [(2, 3)], "an empty one before all others"),
        ([(5, 5)], [], "an empty one alone"),
        ([(1, 9), (2, 5)], [(1, 9)], "one inside another"),
    ],
)
def test_a_union_is_sorted_and_has_no_seams(intervals, expected, because):
    assert union(intervals) == expected, because


@pytest.mark.parametrize(
    ("within", "covered", "expected", "because"),
    [
        ((2, 8), [(0, 2)], [(2, 8)], "what ends at the start covers nothing"),
        ((2, 8), [(8, 9)], [(2, 8)], "nor what starts at the end"),
        ((2, 8), [(2, 3), (7, 8)], [(3, 7)], "both ends are covered"),
        ((2, 8), [(3, 4), (5, 6), (9, 10), (11, 12)], [(2, 3), (4, 5), (6, 8)], "what lies behind does not matter"),
        ((2, 8), [(0, 9)], [], "all of it"),
        ((2, 8), [(0, 9), (10, 11)], [], "all of it, and more"),
        ((2, 8), [(0, 3), (9, 10)], [(3, 8)], "the start is covered"),
        ((8, 2), [], [], "nothing is in an empty one"),
    ],
)
def test_gaps_are_what_is_left_open(within, covered, expected, because):
    assert gaps(within, covered) == expected, because


def test_an_overlap_is_cut_to_size():
    assert overlap((2, 8), [(0, 3), (4, 5), (7, 9), (8, 9), (0, 2)]) == [(2, 3), (4, 5), (7, 8)]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("MCL 257.904", "mcl257904"),
        (" mcl-257.904 ", "mcl257904"),
        ("Stra\u00dfe", "strasse"),
        ("\u00a7 --", ""),
        ("", ""),
    ],
)
def test_a_charge_is_compared_by_its_letters_and_digits(text, key):
    assert charge_key(text) == key
