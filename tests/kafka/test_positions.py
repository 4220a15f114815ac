"""What of a fetch comes next: exactly what follows what was processed, and gaps only after they were proved real."""

from typing import NamedTuple

import pytest

from integration.runners.worker.positions import Partition, Positions

P = Partition("jail.events", 3)


class At(NamedTuple):
    offset: int


def fetch(*offsets: int) -> list[At]:
    return [At(offset) for offset in offsets]


def offsets(records: list[At]) -> list[int]:
    return [record.offset for record in records]


@pytest.fixture
def held() -> Positions:
    positions = Positions()
    positions.claimed(P, epoch=7, next_offset=10)
    return positions


@pytest.mark.parametrize(
    ("fetched", "admitted", "gap", "because"),
    [
        ((10, 11, 12), [10, 11, 12], None, "it follows"),
        ((8, 9, 10, 11), [10, 11], None, "its beginning was processed before"),
        ((7, 8, 9), [], None, "all of it was processed before"),
        ((12, 13), [], (10, 12), "something is missing before it"),
        ((10, 11, 14, 15), [10, 11], (12, 14), "something is missing in it"),
    ],
)
def test_only_what_follows_is_admitted_when_a_fetch_comes(held, fetched, admitted, gap, because):
    found = held.admit(P, fetch(*fetched))
    assert (offsets(found.records), found.gap) == (admitted, gap), because


def test_one_row_moves_the_position_when_several_fetches_make_a_batch(held):
    held.admit(P, fetch(10, 11))
    held.admit(P, fetch(12))
    assert held.rows() == [("jail.events", 3, 7, 10, 13)]
    held.committed()
    assert held.rows() == []
    assert held.held() == {P: 13}


def test_a_batch_is_taken_again_when_it_was_not_committed(held):
    held.admit(P, fetch(10, 11))
    held.forget()
    assert held.rows() == []
    assert offsets(held.admit(P, fetch(10, 11)).records) == [10, 11]


def test_a_gap_is_jumped_over_only_when_the_first_fetch_after_looking_it_up_shows_it_again(held):
    gap = held.admit(P, fetch(12, 13, 16)).gap
    assert gap is not None
    assert held.fetch_again(P, gap, fetch(12, 13, 16), first=False)
    # A later fetch proves nothing: the first one may have been dropped on its way.
    assert held.fetch_again(P, gap, fetch(12, 13, 16), first=False)
    assert not held.fetch_again(P, gap, fetch(12, 13, 16), first=True)
    held.pass_over(P)
    found = held.admit(P, fetch(12, 13, 16, 18))
    # Of the gaps in it, those that were there twice are real; the last one has been seen once.
    assert (offsets(found.records), found.gap) == ([12, 13, 16], (17, 18))


def test_gaps_are_asked_for_anew_when_a_partition_is_claimed_again(held):
    gap = held.admit(P, fetch(12)).gap
    assert held.fetch_again(P, gap, fetch(12), first=True)
    held.claimed(P, epoch=8, next_offset=10)
    assert held.fetch_again(P, gap, fetch(12), first=True)
