"""The stream as a whole: repeatable, streaming, doubled, mixed up."""

import os
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from hashlib import sha256
from itertools import islice, pairwise

import pytest

from integration.errors import UsageError
from integration.simulator import SimulationParams, simulate
from tests.simulator.streams import kind, lines, recorded, unique

SMALL = SimulationParams(seed=7, facilities=8, bookings_per_day=60, days=6)

# Of the lines of SMALL, each with a newline. It may change only with the simulator, never with the machine.
GOLDEN = "4ca274fb306492f4692d1dbe4bc7daec646a22794c549d45a2c36a694fb33fc0"
DIGEST = f"""
from hashlib import sha256
from integration.simulator import SimulationParams, simulate
print(sha256(b"".join(line + b"\\n" for line in simulate({SMALL!r}))).hexdigest())
""".replace("datetime.date", "__import__('datetime').date")


def digest(params):
    return sha256(b"".join(line + b"\n" for line in simulate(params))).hexdigest()


def test_bytes_are_the_recorded_ones_when_the_simulator_has_not_changed():
    assert digest(SMALL) == GOLDEN


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_bytes_are_the_same_when_another_process_makes_them(hash_seed):
    env = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": "Asia/Kolkata"}
    told = subprocess.run([sys.executable, "-c", DIGEST], env=env, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == GOLDEN


def test_bytes_differ_when_the_seed_differs():
    assert digest(replace(SMALL, seed=8)) != GOLDEN


def test_longer_run_begins_with_the_shorter_when_only_days_differ():
    short = lines(replace(SMALL, days=3))
    assert lines(SMALL)[: len(short)] == short


def test_facts_are_the_same_when_only_delivery_differs():
    other = replace(SMALL, duplicates=0.0, lateness=0.6, shuffle_window=86400, run_out=True)

    def facts(params):
        return {(e["source"], e["id"], e["time"], str(e["data"])) for e in unique(params)}

    assert facts(other) == facts(replace(SMALL, run_out=True))


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_events_come_twice_when_duplicates_are_asked_for(share):
    params = replace(SMALL, duplicates=share, run_out=True)
    events = len(unique(params))
    assert (len(lines(params)) - events) / events == pytest.approx(share, abs=0.02)


def test_second_delivery_has_other_bytes_and_the_same_content_when_it_came_by_another_road():
    carried = [line for line in lines(SMALL) if b'"datacontenttype"' in line]
    assert carried
    assert {line.replace(b',"datacontenttype":"application/json"', b"") for line in carried} <= set(lines(SMALL))


def test_arrival_follows_recording_when_nothing_shuffles():
    params = replace(SMALL, shuffle_window=0, duplicates=0.0)
    told = [recorded(e) for e in unique(params) if "recordedtime" in e]
    # Systems without milliseconds cut them off.
    assert all((earlier - later).total_seconds() < 1 for earlier, later in pairwise(told))


def test_order_is_mixed_up_within_the_window_when_it_shuffles():
    params = replace(SMALL, shuffle_window=600, duplicates=0.0)
    told = [recorded(e) for e in unique(params) if "recordedtime" in e]
    back = [(earlier - later).total_seconds() for earlier, later in pairwise(told)]
    assert 60 < max(back) < 601


def test_nothing_is_told_after_the_last_day_when_it_does_not_run_out():
    booked = [e for e in unique(SMALL) if kind(e) == "booking.opened"]
    released = [e for e in unique(SMALL) if kind(e) == "release.completed"]
    assert len(released) < len(booked) * 0.8
    assert len(lines(SMALL)) < len(lines(replace(SMALL, run_out=True)))


def test_first_lines_come_at_once_when_the_run_is_ten_years_long():
    assert len(list(islice(simulate(SimulationParams(days=3660, bookings_per_day=500)), 1000))) == 1000


@pytest.mark.timeout(120)
def test_memory_stays_flat_when_the_days_go_by():
    held = {}
    tracemalloc.start()

    def on_day(day):
        held[day] = tracemalloc.get_traced_memory()[0]

    for _ in simulate(SimulationParams(days=700, bookings_per_day=12), on_day=on_day):
        pass
    tracemalloc.stop()
    # The jails are full after some months; the 650th day holds no more than the 350th.
    assert held[650] < held[350] * 1.25


@pytest.mark.parametrize(
    ("wrong", "because"),
    [
        ({"duplicates": 1.1}, "a share is at most 1"),
        ({"lateness": -0.1}, "a share is at least 0"),
        ({"facilities": 0}, "somebody has to be booked somewhere"),
        ({"bookings_per_day": 0.0}, "nothing would ever come"),
        ({"bookings_per_day": float("nan")}, "not a number"),
        ({"days": 0}, "nothing would ever come"),
        ({"shuffle_window": -1}, "nothing arrives before it is recorded"),
        ({"canary": "x" * 201}, "it stands in every event"),
    ],
)
def test_params_are_refused_when_out_of_range(wrong, because):
    with pytest.raises(UsageError, match="--" + next(iter(wrong)).replace("_", "-")):
        SimulationParams(**wrong)
