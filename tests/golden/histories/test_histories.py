"""Every small history on which something was wrong once, or is wrong where the domain is broken on purpose."""

import json
import os
from functools import cache
from typing import Any

import pytest

from tests import shrink
from tests.golden.histories.mutants import MUTANTS, Mutant, broken
from tests.scenarios.laws import drawn
from tests.shrink import GOLDEN, core, differs, is_whole, kept, moved_more, oracle, shrunk, smallest

NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))
WITHIN = int(os.environ.get("HISTORIES", "400"))
BY_NAME = {mutant.name: mutant for mutant in MUTANTS}


@cache
def golden(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_core_and_oracle_say_what_is_known_when_a_golden_history_is_replayed(name):
    told = golden(name)
    assert core(told["events"], told["now"]) == told["expected"]
    assert oracle(told["events"], told["now"]) == told["expected"]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_difference_shows_when_the_domain_is_broken_on_purpose(mutant: Mutant):
    told = golden(mutant.name)
    with broken(mutant):
        assert core(told["events"], told["now"]) == told["wrong"] != told["expected"]
    assert core(told["events"], told["now"]) == told["expected"]


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_random_histories_catch_it_when_the_domain_is_broken_on_purpose(mutant: Mutant):
    with broken(mutant):
        assert any(
            any(differs(events, now) for now in shrink.moments_of(events))
            for events in (make(seed) for seed in range(WITHIN) for make in (drawn, moved_more))
            if is_whole(events)
        )


def test_every_golden_history_is_small_when_it_was_shrunk():
    assert len(NAMES) >= len(MUTANTS)
    assert max(len(golden(name)["events"]) for name in NAMES) <= 8


def test_nothing_is_kept_when_core_and_oracle_agree():
    assert kept("never", "", drawn(3)) is None


def test_the_same_small_history_is_found_when_shrinking_twice():
    mutant = BY_NAME["expiry-is-ignored"]
    with broken(mutant):
        small = [shrunk(drawn(0), lambda events: is_whole(events) and differs(events, None)) for _ in range(2)]
    assert small[0] == small[1]
    assert len(small[0]) <= 3


@pytest.mark.parametrize(
    ("wanted", "because"),
    [({3}, "one culprit"), ({0, 99}, "two, far apart"), ({5, 6, 7}, "a run"), (set(range(0, 100, 9)), "many")],
)
def test_only_the_culprits_are_left_when_a_list_is_made_small(wanted, because):
    assert set(smallest(range(100), lambda items: wanted <= set(items))) == wanted, because
