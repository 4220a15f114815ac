"""``holdwatch demo --seconds 0`` as a stranger runs it: another process, a folder of its own, a pipe."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from integration.audit.verify import What, verify_directory
from integration.demo.writing import FAMILY_NAMES

_COMMAND = (sys.executable, "-c", "from integration.cli import main; main()", "demo")


def run_demo(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*_COMMAND, *options),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


@dataclass(frozen=True)
class Ran:
    done: subprocess.CompletedProcess[str]
    out: Path


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Ran:
    out = tmp_path_factory.mktemp("demo") / "kept"
    return Ran(run_demo("--seconds", "0", "--out", str(out)), out)


def test_exits_0_and_says_what_it_is_when_run_in_a_pipe(ran):
    assert ran.done.returncode == 0, ran.done.stderr
    assert ran.done.stderr == ""
    assert "DEMO: invented jail, invented people. Not for real data." in ran.done.stdout
    assert f"Live board: this terminal; state in {ran.out}; log in {ran.out}/log" in ran.done.stdout


@pytest.mark.parametrize(
    ("sign", "words", "because"),
    [
        ("VIOLATION", "kept on immigration paper past release time (L5)", "a detainer outlasts the release time"),
        ("HELD PAST RELEASE", "missing: a judge's warrant", "whoever is still held at the end is told, with why"),
        ("LAWFUL", "AO 442 judge's warrant; keeps the person, verified", "a judge's warrant is no finding"),
        ("LAWFUL", "agency's criminal hold; keeps the person", "nor is another agency's criminal hold"),
        ("RECORD", "I-200 labelled judicial_warrant", "the label says one thing"),
        ("WARNING", "I-200 administrative warrant; paper is not what its label says", "the paper says another"),
        ("VIOLATION", "bail refused while immigration paper is on file (L5)", "bail is refused on a detainer"),
        ("WITHDRAWN", "not so after all: kept on immigration paper", "a late correction takes a finding back"),
        ("ON FILE", "I-247N request to be told; asks to be told, holds nobody", "a request holds nobody"),
        ("RECORD", "released", "ordinary releases on time"),
        ("WARNING", "I-247A detainer; release in 41 min", "a release time comes near"),
        ("REFUSED", "bad input kept as dead letter: no_offset", "bad input is kept, and stops nothing"),
        ("BLOCKED", "release_time to immigration authority (L8", "nobody tells agents when a person is let go"),
        ("VERIFIED", "/log: 68 entries", "the log verifies"),
        ("A copy with one byte changed", "in entry 31", "and the copy"),
        ("NOT INTACT", "log-altered: the body does not match its commitment", "does not"),
        ("entry 31", "(commitment_differs)", "and the verifier says where"),
        ("holdwatch findings", "--from", "what to try next"),
        ("holdwatch audit verify", "/log-altered", "what to try next"),
    ],
)
def test_output_tells_the_story_when_it_is_over(ran, sign, words, because):
    assert any(sign in line and words in line for line in ran.done.stdout.splitlines()), because


def test_nobody_is_found_held_when_they_leave_on_time(ran):
    found = [orjson.loads(line) for line in (ran.out / "log/findings.jsonl").read_bytes().splitlines()]
    overdue = [each["status"] for each in found if each["rule"].startswith("overdue_")]
    assert sorted(overdue) == ["open", "withdrawn"]


def test_kept_log_verifies_and_altered_one_does_not_when_checked_again(ran):
    vkey = (ran.out / "log/vkey").read_text().strip()
    kept, altered = (verify_directory(ran.out / name, vkey=vkey) for name in ("log", "log-altered"))
    assert kept.ok
    assert [(each.what, each.index) for each in altered.problems] == [(What.COMMITMENT, 31)]


def test_copies_differ_in_one_byte_when_one_is_altered(ran):
    kept, altered = ((ran.out / name / "audit.jsonl").read_bytes() for name in ("log", "log-altered"))
    assert sum(a != b for a, b in zip(kept, altered, strict=True)) == 1


@pytest.mark.parametrize("command", [("findings", "--from"), ("audit", "verify")])
def test_suggested_command_works_when_typed(ran, command):
    run = (*_COMMAND[:-1], *command, str(ran.out / "log"))
    assert subprocess.run(run, check=False, capture_output=True, timeout=60).returncode == 0


def test_no_name_gets_out_when_the_input_is_full_of_them(ran):
    names = [name.encode() for name in FAMILY_NAMES]
    fed = b"".join(file.read_bytes() for file in (ran.out / "drop").rglob("*.jsonl"))
    assert sum(name in fed for name in names) >= 12, "the story gives people names on purpose"
    files = [file for file in ran.out.rglob("*") if file.is_file() and ran.out / "drop" not in file.parents]
    assert {"audit.jsonl", "service.log", "holdwatch.sqlite", "findings.jsonl"} <= {file.name for file in files}
    told = {file.name: file.read_bytes() for file in files} | {"output": ran.done.stdout.encode()}
    assert {(where, name) for where, text in told.items() for name in names if name in text} == set()


def test_terminal_codes_stay_away_when_output_is_a_pipe(ran):
    assert not {"\x07", "\x1b"} & set(ran.done.stdout)


def test_folder_is_left_alone_when_it_is_not_empty(tmp_path):
    (tmp_path / "somebody-elses").write_text("x")
    done = run_demo("--seconds", "0", "--out", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not empty" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["somebody-elses"]


def test_real_installation_stays_untouched_when_the_environment_names_it(tmp_path):
    real = tmp_path / "real"
    done = run_demo(
        "--seconds", "0", "--out", str(tmp_path / "demo"),
        HOLDWATCH_SITE__STATE_DIR=str(real), HOLDWATCH_DATABASE__URL=f"sqlite:///{real}.sqlite",
    )  # fmt: skip
    assert done.returncode == 0
    assert [file.name for file in tmp_path.iterdir()] == ["demo"]
