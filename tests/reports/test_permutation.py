"""The permutation test: exact where it says so, fair where there is no difference, awake where there is one."""

from itertools import combinations
from random import Random

import pytest

from integration.reports.counting import permutation
from integration.reports.counting.permutation import permutation_test


def by_hand(one: list[float], other: list[float]) -> float:
    """Deal the times in every way there is."""
    together = [*one, *other]
    ranks = [sum(v < x for v in together) + (sum(v == x for v in together) + 1) / 2 for x in together]
    mean = len(one) * sum(ranks) / len(ranks)
    observed = abs(sum(ranks[: len(one)]) - mean)
    sums = [sum(dealt) for dealt in combinations(ranks, len(one))]
    return sum(abs(each - mean) >= observed - 1e-9 for each in sums) / len(sums)


@pytest.mark.parametrize("seed", range(20))
def test_p_is_that_of_every_dealing_when_groups_are_small(seed):
    dice = Random(seed)
    one = [dice.choice([0, 1, 2, 5, 8.5]) for _ in range(dice.randint(1, 5))]
    other = [dice.choice([0, 1, 3, 5, 9.5]) for _ in range(dice.randint(1, 8))]
    tested = permutation_test(one, other)
    assert tested is not None
    assert tested.exact
    assert tested.p_value == pytest.approx(by_hand(one, other))


def test_groups_change_places_and_p_stays():
    assert permutation_test([1, 2, 9], [3, 4, 5, 6]) == permutation_test([3, 4, 5, 6], [1, 2, 9])


def test_p_is_one_when_all_times_are_equal():
    tested = permutation_test([2.0] * 5, [2.0] * 7)
    assert tested is not None
    assert tested.p_value == 1


def test_nothing_is_said_when_a_group_is_empty():
    assert permutation_test([], [1.0]) is None


def test_drawn_p_is_near_the_exact_one_when_both_can_be_had(monkeypatch):
    dice = Random(5)
    one, other = [dice.gauss(0.5, 1) for _ in range(12)], [dice.gauss(0, 1) for _ in range(20)]
    exact = permutation_test(one, other)
    monkeypatch.setattr(permutation, "EXACT_WORK", 0)
    drawn = permutation_test(one, other)
    assert exact is not None
    assert drawn is not None
    assert (exact.exact, drawn.exact) == (True, False)
    # Four standard errors of a share of 20,000 draws.
    error = (exact.p_value * (1 - exact.p_value) / permutation.DRAWS) ** 0.5
    assert drawn.p_value == pytest.approx(exact.p_value, abs=4 * error)
    assert drawn == permutation_test(one, other), "the seed is fixed"


def test_a_large_difference_is_found_when_groups_are_large():
    dice = Random(6)
    tested = permutation_test([dice.gauss(6, 2) for _ in range(60)], [dice.gauss(3, 2) for _ in range(3000)])
    assert tested is not None
    assert 0 < tested.p_value < 0.001


def test_chance_alone_is_called_a_difference_one_time_in_twenty():
    dice = Random(7)
    called = 0
    for _ in range(400):
        tested = permutation_test([dice.random() for _ in range(8)], [dice.random() for _ in range(10)])
        assert tested is not None
        called += tested.p_value < 0.05
    # 20 are expected; fewer than 5 or more than 40 would be five standard deviations away.
    assert 5 <= called <= 40


@pytest.mark.parametrize("shift", [0.0, 0.05, 0.12])
def test_p_of_the_curve_is_near_the_drawn_one_when_both_groups_are_large(monkeypatch, shift):
    """With ties, as times that are recorded by the minute have them."""
    dice = Random(8)
    one = [round(dice.expovariate(1) + shift, 1) for _ in range(500)]
    other = [round(dice.expovariate(1), 1) for _ in range(900)]
    curve = permutation_test(one, other)
    monkeypatch.setattr(permutation, "LARGE", 10_000)
    monkeypatch.setattr(permutation, "DRAWS", 2_000)
    drawn = permutation_test(one, other)
    assert curve is not None
    assert drawn is not None
    assert (curve.draws, drawn.draws) == (0, 2_000)
    error = (drawn.p_value * (1 - drawn.p_value) / 2_000) ** 0.5
    assert curve.p_value == pytest.approx(drawn.p_value, abs=4 * error + 0.002)


def test_p_is_one_when_large_groups_are_all_equal():
    tested = permutation_test([2.0] * 600, [2.0] * 700)
    assert tested is not None
    assert tested.p_value == 1
