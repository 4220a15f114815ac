"""Killed at every named step, with and without what was not synced: nothing is lost, nothing happens twice."""

import pytest

from tests.faults.sweep import WAYS_TO_KILL, Clean, Sweep, every_way, one_way_each, report

NAMED = (
    "setting up: write new vault key",
    "setting up: sync keys folder",
    "setting up: write database",
    "migration: sync WAL",
    "setting up: rename new anchor to anchor",
    "reading: rename dropped file to file in working",
    "batch: write last page to WAL",
    "batch: sync WAL",
    "outbox told: sync WAL",
    "reading: rename file in working to file in processed",
    "reading: rename file in working to file in refused",
    "reading: sync processed folder",
    "reading: sync new anchor",
    "closing: write database",
    "closing: remove WAL",
)
"""Some that must be among the steps: were they named otherwise, the sweep would not be what docs/faults.md says."""


def test_clean_run_takes_every_step_and_verifies(clean: Clean):
    positions = clean.positions()
    assert set(NAMED) <= positions.keys()
    assert len(positions) >= 40
    outcome = clean.outcome
    assert outcome.verified, outcome.verdict
    assert (outcome.accepted.total(), len(outcome.accepted), outcome.inbox) == (401, 401, 401)
    assert (outcome.refused.total(), outcome.doubled, outcome.untold, outcome.waiting) == (4, {}, frozenset(), 0)
    assert outcome.findings


def test_nothing_is_lost_or_doubled_when_killed_at_a_named_step(sweep: Sweep, clean: Clean):
    verdicts = list(sweep.settled(list(sweep.trials(one_way_each(clean, WAYS_TO_KILL), clean)), clean))
    assert not [verdict for verdict in verdicts if verdict.faults], report(verdicts)


@pytest.mark.by_hand
@pytest.mark.timeout(7200)
def test_nothing_is_lost_or_doubled_when_killed_anywhere(sweep: Sweep, clean: Clean):
    verdicts = list(sweep.settled(list(sweep.trials(every_way(clean, WAYS_TO_KILL, 8), clean)), clean))
    assert not [verdict for verdict in verdicts if verdict.faults], report(verdicts)
