"""A simulated county feeds a real service through its drop folders, and everything arrives."""

import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import orjson
import pytest

from integration.settings import load_settings
from integration.simulator import SimulationParams, facilities, simulate
from tests.conftest import COMMAND, environment

JAILS = {"harrow", "millbrook", "stonefield", "eastvale"}
HALF_A_DAY = 12 * 3600
"""In a second."""
COUNTY = SimulationParams(facilities=4, bookings_per_day=60, days=2, seed=3)
OPTIONS = ("--facilities", 4, "--bookings-per-day", 60, "--days", 2, "--seed", 3)
PATIENCE_S = 120


def begun(*words):
    return subprocess.Popen([*COMMAND, *map(str, words)], env=environment(), stderr=subprocess.DEVNULL)


def until(done):
    end = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


@pytest.mark.parametrize("by_facility", [True, False], ids=["a folder a jail", "one folder"])
def test_service_has_every_event_when_a_simulation_feeds_it(tmp_path, by_facility):
    drop, settings = tmp_path / "drop", tmp_path / "site" / "holdwatch.toml"
    feed = ("simulate", "--out", f"{drop}/", "--speed", HALF_A_DAY, "--write-settings", settings, *OPTIONS)
    feeding = begun(*feed, *(["--by-facility"] if by_facility else []))
    until(settings.exists)
    service = begun("run", "--settings", settings)
    try:
        assert feeding.wait(PATIENCE_S) == 0
        until(lambda: not [path for path in drop.rglob("*.jsonl") if path.parent.name != "processed"])
    finally:
        feeding.kill()
        service.send_signal(signal.SIGTERM)
        assert service.wait(PATIENCE_S) == 0
    taken = list(drop.rglob("processed/*.jsonl"))
    assert {path.parents[1].name for path in taken} == (JAILS if by_facility else {"drop"})
    assert len({path.name for path in taken}) >= 3  # it came bit by bit
    events = {(event["source"], event["id"]) for event in map(orjson.loads, simulate(COUNTY))}
    with closing(sqlite3.connect(tmp_path / "site" / "state" / "holdwatch.sqlite")) as database:
        assert set(database.execute("select source, event_id from inbox")) == events


def test_settings_are_whole_when_they_are_written_for_a_state(tmp_path, holdwatch):
    file, policy = tmp_path / "new" / "state.toml", "ma-welcoming-community"
    options = ("--write-settings", file, "--policy", policy, "--days", 1, "--facilities", 90, "--by-facility")
    told = holdwatch("simulate", "--out", f"{tmp_path}/drop/", *options)
    assert told.returncode == 0, told.stderr
    loaded, jails = load_settings(file), facilities(SimulationParams(facilities=90))
    assert [(each.source, each.zone) for each in loaded.facilities] == [(jail.source, jail.zone) for jail in jails]
    assert {choice.pack for each in loaded.facilities for choice in each.packs} == {policy}
    assert len({folder.path for folder in loaded.drop_folders}) == 90
    assert all(folder.path.parent == tmp_path / "drop" for folder in loaded.drop_folders)


@pytest.mark.parametrize(
    ("words", "because"),
    [
        (("--out", "-", "--speed", "0"), "standard output cannot be taken away"),
        (("--out", "-", "--by-facility"), "there is one standard output"),
        (("--out", "there.jsonl/", "--speed", "-1"), "time does not run backwards"),
        (("--out", "there.jsonl", "--speed", "0"), "a file is no folder"),
        (("--out", "new.jsonl", "--write-settings", "new.toml"), "no service watches a file"),
        (("--out", "new/", "--write-settings", "there.toml"), "settings are somebody's"),
        ((), "somewhere it has to go"),
        (("--out", "new/", "--to-kafka", "there.toml"), "it goes to one of them"),
        (("--to-kafka", "there.toml", "--by-facility"), "a topic is not split"),
        (("--to-kafka", "missing.toml"), "no installation"),
    ],
)
def test_usage_is_told_and_nothing_written_when_options_do_not_fit(tmp_path, monkeypatch, holdwatch, words, because):
    monkeypatch.chdir(tmp_path)
    for name in ("there.jsonl", "there.toml"):
        (tmp_path / name).write_text("")
    told = holdwatch("simulate", *words, "--days", 1)
    assert told.returncode == 2, because
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there.jsonl", "there.toml"]
    assert b"Traceback" not in told.stderr
