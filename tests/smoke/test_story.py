"""The story: the same by seed, and every event but the bad one in the contract's form."""

from dataclasses import astuple

import pytest

from integration.demo.story import LENGTH, tell
from integration.domain.instants import SECOND
from schemas.events import parse
from schemas.refusals import InvalidEventError, Reason

START = 1_772_478_000 * SECOND


def test_story_is_the_same_when_the_seed_is():
    assert tell(START, seed=7) == tell(START, seed=7)


def test_story_is_another_when_the_seed_is():
    assert tell(START, seed=7).past != tell(START, seed=8).past


@pytest.mark.parametrize("seed", range(20))
def test_everything_parses_but_one_line_when_told(seed):
    story = tell(START, seed=seed)
    refused = []
    for line in (*story.past, *(line for act in story.acts for line in act.lines)):
        try:
            parse(line)
        except InvalidEventError as error:
            refused.append(error.reason)
    assert refused == [Reason.NO_OFFSET]


@pytest.mark.parametrize("pace", [0.25, 1.0])
def test_acts_end_in_time_when_told_at_a_pace(pace):
    times = [act.after for act in tell(START, seed=1, pace=pace).acts]
    assert times == sorted(times)
    assert times[-1] <= (LENGTH - 10) * pace, "the last one stays on the board for a while"


def test_cast_has_a_booking_each_when_told():
    numbers = astuple(tell(START, seed=3).cast)
    assert len(set(numbers)) == len(numbers) >= 12
