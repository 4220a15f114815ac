"""A fixed run of random histories through core and oracle, as tests that are asked for by name only."""

import pytest

from tests.differential import listed, run, test_pack
from tests.oracle.histories import PARAMS
from tests.oracle.oracle import judge
from tests.scenarios.laws import drawn, goes_round

EACH = 25


@pytest.mark.parametrize("first", range(0, 150, EACH))
def test_core_and_oracle_agree_on_a_fixed_run_of_histories(first):
    pack = test_pack()
    for seed in range(first, first + EACH):
        events = drawn(seed)
        if not goes_round(events):
            store, _ = run(events, pack)
            assert listed(list(store.findings.values())) == judge(events, PARAMS), seed
