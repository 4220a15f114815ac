"""The guide of docs/operations.md, step by step as it stands there; and a runbook for whatever rings."""

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from integration.services.vitals import Trouble
from tests.cli.conftest import end
from tests.conftest import environment
from tests.docs.pages import ROOT, anchors

PAGE = ROOT / "docs/operations.md"
FOLDERS = ("/etc/holdwatch", "/var/lib/holdwatch", "/var/backups")


SECONDS = 120
"""For what takes a second or two: a bound for a machine with much else to do."""


def until(true) -> None:
    ends = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < ends, "nothing happened"
        time.sleep(0.05)


def steps(guide: str = "guide") -> list[str]:
    after = PAGE.read_text(encoding="utf-8").partition(f"<!-- {guide}:")[2]
    block = after.partition("```\n")[2].partition("```")[0]
    return [line.partition("    #")[0].strip() for line in block.splitlines()]


def here(step: str, root: Path) -> str:
    """A step on this machine: other folders, no other user."""
    step = re.sub(r"^sudo (-u holdwatch )?", "", step)
    step = step.replace("/opt/holdwatch/src", str(ROOT))
    for folder in FOLDERS:
        step = step.replace(folder, f"{root}{folder}")
    return step.replace("/opt/holdwatch/bin/holdwatch", str(root / "holdwatch"))


@pytest.fixture
def machine(tmp_path):
    """What step 1 leaves: the program, and folders of the service's user."""
    program = tmp_path / "holdwatch"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'from integration.cli import main; main()' \"$@\"\n")
    program.chmod(0o755)
    for folder in FOLDERS:
        (tmp_path / folder.lstrip("/")).mkdir(parents=True)
    (tmp_path / "var/lib/holdwatch").chmod(0o700)
    (tmp_path / "var/backups/holdwatch").mkdir(mode=0o700)
    return tmp_path


def test_a_person_held_too_long_is_found_when_the_guide_is_followed(machine):
    service, took = None, {}
    settings = machine / "etc/holdwatch/holdwatch.toml"
    try:
        for step in steps():
            began, command = time.monotonic(), here(step, machine)
            if command.startswith("systemctl enable --now holdwatch"):
                service = subprocess.Popen(
                    [machine / "holdwatch", "run", "--settings", settings],
                    env=environment(), stderr=subprocess.DEVNULL,
                )  # fmt: skip
                drop = machine / "var/lib/holdwatch-drop"
                until((drop / "processed").exists)
            else:
                done = subprocess.run(
                    ["bash", "-euc", command],
                    env=environment(),
                    capture_output=True,
                    text=True,
                    timeout=120,
                    check=False,
                )
                allowed = {0, 1} if " doctor " in command else {0}  # no channel is set up yet
                assert done.returncode in allowed, f"{command}\n{done.stdout}{done.stderr}"
                if command.endswith("holdwatch-drop/"):
                    until((drop / "processed/first-event.jsonl").exists)
                if " findings " in command:
                    assert "L5" in done.stdout  # the clause that was broken
            took[" ".join(shlex.split(command)[1:3])] = time.monotonic() - began
    finally:
        if service is not None:
            assert end(service) == 0
    print({name: round(seconds, 1) for name, seconds in took.items()})
    assert len(took) == len(steps()) == 8


@pytest.mark.parametrize("trouble", list(Trouble), ids=str)
def test_there_is_a_runbook_when_the_watchdog_has_an_alert(trouble):
    assert trouble.value in anchors(PAGE)


def test_every_unit_stands_on_the_page_when_it_ships():
    text = PAGE.read_text(encoding="utf-8")
    units = [path.name for path in (ROOT / "deploy/systemd").iterdir()]
    shown = [name for name in units if name in text or name.replace(".service", ".timer") in text]
    assert sorted(set(units) - set(shown)) == []


def test_nothing_is_written_outside_the_tests_folder_when_a_step_is_translated(tmp_path):
    for step in [*steps(), *steps("guide-postgresql")]:
        translated = here(step, tmp_path)
        outside = [word for word in shlex.split(translated) if word.startswith("/") and not word.startswith("/jms/")]
        assert [word for word in outside if not word.startswith((str(tmp_path), str(ROOT)))] == []
    assert os.sep == "/"
