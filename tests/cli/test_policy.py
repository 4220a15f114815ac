"""``holdwatch policy`` and ``version``: what the pack library says, for people and for programs."""

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

import integration.policy.pack as packs
from integration.policy.pack import load, shipped_packs
from tests.cli.conftest import HOLDWATCH

LANSING, MASSACHUSETTS = "lansing-eo-2017-01", "ma-welcoming-community"


@pytest.fixture
def own_pack(tmp_path) -> Path:
    """A copy of a shipped pack."""
    return Path(shutil.copytree(Path(packs.__file__).parent / "packs" / MASSACHUSETTS, tmp_path / "own"))


@pytest.mark.parametrize("pack", [LANSING, MASSACHUSETTS])
def test_shipped_pack_holds_when_checked(holdwatch, pack):
    ran = holdwatch("policy", "check", pack)
    assert ran.status == 0
    assert ran.text.splitlines()[-1].startswith("holds: ")
    told = holdwatch("policy", "check", pack, "--json").json
    assert told["ok"]
    assert not [case for case in told["cases"] if case["problems"]]


def test_failing_case_is_told_when_a_pack_is_checked(holdwatch, own_pack):
    cases = own_pack / "cases.toml"
    cases.write_text(cases.read_text().replace('provisions = ["M-k"]', 'provisions = ["M-j"]', 1))
    ran = holdwatch("policy", "check", own_pack)
    assert ran.status == 1
    assert "does not cite M-j" in ran.text
    assert ran.text.splitlines()[-1].startswith("DOES NOT HOLD: ")


def test_every_fault_is_told_when_a_pack_does_not_load(holdwatch, own_pack):
    manifest = own_pack / "pack.toml"
    manifest.write_text(manifest.read_text().replace("[pack]", "[pack]\ncolour = 1\nshape = 2", 1))
    for command in (["check"], ["explain"], ["diff", LANSING]):
        ran = holdwatch("policy", *command, own_pack)
        assert ran.status == 3
        assert "colour" in ran.err
        assert "shape" in ran.err


def test_unknown_pack_names_those_that_ship_when_explained(holdwatch):
    ran = holdwatch("policy", "explain", "no-such-pack")
    assert (ran.status, LANSING in ran.err) == (3, True)


def test_tables_and_provisions_are_printed_when_a_pack_is_explained(holdwatch):
    text = holdwatch("policy", "explain", MASSACHUSETTS).text
    for part in ("ContinueCustody", "SendMessage", "GrantAccess", "Assist", "immigration_paper: yes", "provisions"):
        assert part in text


def test_table_is_longer_when_explained_in_full(holdwatch):
    def count(*options):
        return len(holdwatch("policy", "explain", LANSING, "--json", *options).json["decisions"]["SendMessage"])

    assert count() < count("--full")


def test_differences_are_told_when_two_packs_are_compared(holdwatch):
    told = holdwatch("policy", "diff", LANSING, MASSACHUSETTS, "--json").json
    assert told["decisions"]["SendMessage"]
    assert {each["key"]: (each["a"], each["b"]) for each in told["parameters"]}["parameters.report.period"] == (12, 6)
    text = holdwatch("policy", "diff", LANSING, MASSACHUSETTS).text
    assert "serious_crime_investigation" in text


def test_nothing_differs_when_a_pack_is_compared_with_itself(holdwatch):
    ran = holdwatch("policy", "diff", LANSING, LANSING)
    assert (ran.status, "no parameter differs" in ran.text) == (0, True)


def test_shipped_packs_are_named_with_revisions_when_listed(holdwatch):
    listed = holdwatch("policy", "list", "--json").json
    assert [each["pack"] for each in listed] == list(shipped_packs())
    whole = {each["pack"] for each in listed if each["checked"] == "full_text"}
    assert whole == {LANSING, MASSACHUSETTS}
    assert all(each["revision"] == load(each["pack"]).revision for each in listed if each["pack"] in whole)
    text = holdwatch("policy", "list").text
    assert all(each["revision"] in text for each in listed)


@pytest.mark.parametrize(("pack", "warned"), [(LANSING, False), ("boston-trust-act", True)])
def test_it_is_said_how_far_the_law_was_read_when_a_pack_is_shown_or_checked(holdwatch, pack, warned):
    for command in ("show", "check"):
        ran = holdwatch("policy", command, pack)
        assert ran.status == 0
        assert ("was not read whole" in ran.err) is warned
    shown = holdwatch("policy", "show", pack, "--json").json
    assert shown["checked_note"]
    assert shown["parameters"]["report"]["period"] == 12
    assert "release_processing.other" in holdwatch("policy", "show", pack).text


def test_versions_are_told_when_asked(holdwatch):
    told = holdwatch("version", "--json").json
    assert told["sqlite"] == sqlite3.sqlite_version
    assert [each["id"] for each in told["packs"]] == list(shipped_packs())
    assert told["holdwatch"] in holdwatch("version").text


@pytest.mark.parametrize(
    "arguments", [["audit", "seal"], ["audit", "verify", "--no-such"], ["policy", "check"], ["wat"]]
)
def test_usage_is_told_when_a_command_is_wrong(arguments):
    ran = subprocess.run([HOLDWATCH, *arguments], capture_output=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert ran.stderr
