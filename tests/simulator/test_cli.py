"""``holdwatch simulate``."""

import subprocess
import sys

import orjson
import pytest

from integration.simulator import SimulationParams, simulate

SMALL = ["--days", "3", "--bookings-per-day", "40", "--seed", "9"]
EXPECTED = b"".join(line + b"\n" for line in simulate(SimulationParams(days=3, bookings_per_day=40, seed=9)))


def holdwatch(*words):
    command = [sys.executable, "-c", "from integration.cli import main; main()", *map(str, words)]
    return subprocess.run(command, capture_output=True, check=False, timeout=60)


def test_file_has_the_lines_when_out_is_a_file(tmp_path):
    assert holdwatch("simulate", "--out", tmp_path / "e.jsonl", *SMALL).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["e.jsonl"]
    assert (tmp_path / "e.jsonl").read_bytes() == EXPECTED


def test_folder_has_one_file_a_day_when_out_is_a_folder(tmp_path):
    assert holdwatch("simulate", "--out", f"{tmp_path}/", *SMALL, "--start", "2026-03-07").returncode == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"events-2026-03-0{day}.jsonl" for day in (7, 8, 9)]


def test_folder_together_is_the_stream_when_it_runs_out(tmp_path):
    holdwatch("simulate", "--out", f"{tmp_path}/new/", *SMALL, "--run-out")
    whole = holdwatch("simulate", "--out", "-", *SMALL, "--run-out").stdout
    assert b"".join(path.read_bytes() for path in sorted((tmp_path / "new").iterdir())) == whole


def test_stdout_has_the_lines_and_nothing_else_when_out_is_a_dash():
    assert holdwatch("simulate", "--out", "-", *SMALL).stdout == EXPECTED


def test_summary_counts_the_lines_when_json_is_asked_for(tmp_path):
    told = orjson.loads(holdwatch("simulate", "--out", tmp_path / "e.jsonl", *SMALL, "--json").stdout)
    assert told["lines"] == sum(told["by_type"].values()) == EXPECTED.count(b"\n")
    assert len(told["facilities"]) == 3


@pytest.mark.parametrize(
    ("words", "status", "said", "because"),
    [
        (["--duplicates", "1.5"], 2, b"--duplicates 1.5", "a share is at most 1"),
        (["--start", "03/08/2026"], 2, b"--start 03/08/2026", "not a date as RFC 3339 writes it"),
        (["--days", "soon"], 2, b"days", "not a number"),
    ],
)
def test_one_clear_line_is_told_when_an_option_is_wrong(tmp_path, words, status, said, because):
    told = holdwatch("simulate", "--out", tmp_path / "e.jsonl", *words)
    assert (told.returncode, list(tmp_path.iterdir())) == (status, [])
    assert said in told.stderr


def test_file_that_cannot_be_written_is_told_when_out_lies_below_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    told = holdwatch("simulate", "--out", tmp_path / "file" / "e.jsonl", *SMALL)
    assert told.returncode == 3
    assert b"Traceback" not in told.stderr


def test_replay_accepts_every_line_when_the_folder_is_replayed(tmp_path):
    holdwatch("simulate", "--out", f"{tmp_path}/in/", *SMALL)
    told = holdwatch(
        "replay", tmp_path / "in", "--policy", "ma-welcoming-community", "--out", tmp_path / "out", "--json"
    )
    assert told.returncode == 0, told.stderr
    assert orjson.loads(told.stdout)["read"] == EXPECTED.count(b"\n")
