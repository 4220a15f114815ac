"""Simulated weeks through the whole pipeline and through the independent oracle: they must agree."""

from dataclasses import replace
from datetime import date

import orjson
import pytest

from integration.simulator import SimulationParams, simulate
from tests.differential import listed, run, test_pack
from tests.oracle.histories import PARAMS
from tests.oracle.oracle import judge

# Everything that goes wrong goes wrong often, so that a small week has it all.
WEEK = SimulationParams(
    facilities=4,
    bookings_per_day=12,
    days=7,
    immigration=0.25,
    mislabelled=0.3,
    corrections=0.2,
    retractions=0.15,
    mistaken_releases=0.1,
    rescinded=0.15,
    moved=0.08,
    voided=0.04,
    forbidden=0.05,
)
WEEKS = [
    replace(
        WEEK,
        seed=seed,
        start=date(2026, 3, 4) if seed % 2 else date(2026, 10, 28),
        shuffle_window=(300, 7200, 86400)[seed % 3],
        run_out=seed % 4 == 0,
    )
    for seed in range(20)
]


@pytest.mark.parametrize("week", WEEKS, ids=lambda week: f"seed{week.seed}")
def test_product_and_oracle_agree_when_a_simulated_week_is_replayed(week):
    events = [orjson.loads(line) for line in simulate(week)]
    store, tally = run(events, test_pack())
    assert tally.refused == 0
    assert listed(list(store.findings.values())) == judge(events, PARAMS)


def test_every_rule_speaks_when_the_weeks_are_taken_together():
    spoken = set()
    for week in WEEKS[::4]:
        spoken |= {row["rule"] for row in judge([orjson.loads(line) for line in simulate(week)], PARAMS)}
    assert len(spoken) == 11
