"""The guide of docs/connectors.md, step by step, with the real commands."""

import re
import shutil
import tomllib
from types import SimpleNamespace

import orjson
import pytest
import structlog
from typer.testing import CliRunner

from connectors.mapping.model import EventForm, MappingFile, Snapshot
from integration.cli.app import app
from tests.conftest import ROOT
from tests.connectors.jms_csv.test_dumps import ALL, SOURCES
from tests.connectors.running import Site

EXAMPLE = ROOT / "connectors" / "jms_csv" / "example"
GUIDE = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")


@pytest.fixture
def command():
    """The command line in this process: only one test pays for starting another."""

    def run(*arguments):
        try:
            told = CliRunner().invoke(app, [str(each) for each in arguments])
        finally:
            structlog.reset_defaults()  # or logs would go on to a stream that is closed now
        return SimpleNamespace(returncode=told.exit_code, stdout=told.stdout_bytes, stderr=told.stderr_bytes)

    return run


@pytest.fixture
def folder(tmp_path):
    for name in ("mapping.toml", "charges.csv"):
        shutil.copy(EXAMPLE / name, tmp_path / name)
    return tmp_path


def test_rule_of_the_guide_is_the_examples_when_it_is_shown():
    shown = re.search(r"```toml\n(\[\[events\]\].*?)```", GUIDE, re.DOTALL)[1]
    rules = tomllib.loads((EXAMPLE / "mapping.toml").read_text())["events"]
    assert tomllib.loads(shown)["events"][0] in rules


def test_dry_run_tells_everything_and_takes_nothing_in(folder, holdwatch):
    told = holdwatch("connect", "test", folder / "mapping.toml", folder / "charges.csv", "--json")
    report = orjson.loads(told.stdout)
    assert told.returncode == 0, told.stderr
    assert (report["records"], report["events"]) == (9, ALL)
    assert not report["codes_unmapped"]
    assert report["columns_unused"] == {"Cell": 9, "Citizenship": 1}
    five = {name: count for name, count in report["rules"].items() if name.startswith("hold-by")}
    assert set(five.values()) == {1}
    assert len(five) == 5
    assert sorted(folder.iterdir()) == sorted([folder / "mapping.toml", folder / "charges.csv"])


def test_dry_run_fails_when_a_code_is_not_listed(folder, command):
    table = folder / "charges.csv"
    table.write_text(table.read_text().replace(",DISM,", ",NOLLE PROS,", 1))
    told = command("connect", "test", folder / "mapping.toml", table, "--json")
    assert told.returncode == 1
    assert orjson.loads(told.stdout)["codes_unmapped"] == {"status": {"NOLLE PROS": 4}}
    shown = command("connect", "test", folder / "mapping.toml", table)
    assert b"NOLLE PROS" in shown.stdout


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (",,Y,,", ",,MAYBE,,", {"codes_unmapped": {"flag": {"MAYBE": 1}}}),
        ("03/03/2026 10:05,PR", "03/03/2026 10:05,COURT RELEASE", {"codes_unmapped": {"reason": {"COURT RELEASE": 1}}}),
        ("03/03/2026 10:05,PR", "03/03/2026 10:05,", {"codes_unmapped": {"reason": {"": 1}}}),
        ("HOLD IMMIGRAT,HOLD", "HOLD,HOLD", {}),
    ],
)
def test_dry_run_tells_when_a_value_is_in_no_table(old, new, told, folder, command):
    table = folder / "charges.csv"
    assert old in table.read_text()
    table.write_text(table.read_text().replace(old, new, 1))
    report = command("connect", "test", folder / "mapping.toml", table, "--json")
    assert report.returncode == bool(told)
    assert orjson.loads(report.stdout).items() >= told.items()


def test_dry_run_fails_when_a_value_is_in_no_list_of_a_rule(folder, command):
    mapping, table = folder / "mapping.toml", folder / "charges.csv"
    listed = mapping.read_text().replace(
        'column = "ImmHold", table = "flag", means = [true]', 'column = "ImmHold", in = ["Y"]'
    )
    mapping.write_text(listed.replace('{ column = "ImmHold", table = "flag", means = [false] }, ', ""))
    table.write_text(table.read_text().replace(",,Y,,", ",,YES,,", 1))
    told = command("connect", "test", mapping, table, "--json")
    assert told.returncode == 1
    assert orjson.loads(told.stdout)["values_unmatched"] == {"ImmHold": {"N": 8, "YES": 1}}
    assert b"values of ImmHold that no rule lists" in command("connect", "test", mapping, table).stdout


def test_dry_run_fails_when_a_row_that_is_read_for_what_keeps_the_person_gives_no_hold(folder, command):
    mapping = folder / "mapping.toml"
    mapping.write_text(mapping.read_text().replace('means = ["keeps", "settled"]', 'means = ["settled"]'))
    told = command("connect", "test", mapping, folder / "charges.csv", "--json")
    assert told.returncode == 1
    assert orjson.loads(told.stdout)["notes"]["no_hold"] == 2


def test_faults_are_told_with_their_lines_when_the_mapping_has_some(folder, command):
    mapping = folder / "mapping.toml"
    mapping.write_text(mapping.read_text().replace('zone = "America/Detroit"', 'zone = "Detroit"'))
    told = command("connect", "test", mapping, folder / "charges.csv")
    assert told.returncode == 2
    assert b"line 4: zone" in told.stderr


def test_difference_is_told_when_a_mapping_would_miss_a_way_to_write_a_hold(folder, command):
    text = (folder / "mapping.toml").read_text()
    (folder / "less.toml").write_text(text.replace('says = "immigration_hold"', 'in = ["NEVER"]', 1))
    arguments = ("connect", "diff", folder / "mapping.toml", folder / "less.toml", folder / "charges.csv")
    told = command(*arguments, "--policy", "lansing-eo-2017-01", "--until", "2026-03-10T00:00:00Z", "--json")
    found = orjson.loads(told.stdout)["differences"]
    assert told.returncode == 1, told.stderr
    assert {(each["what"], each["booking"]) for each in found} == {("gone", "B-1003"), ("new", "B-1003")}
    shown = command(*arguments, "--policy", "lansing-eo-2017-01", "--until", "2026-03-10T00:00:00Z").stdout.decode()
    assert "open, 2026-03-04T19:00:00.000000Z to now" in shown
    same = (*arguments[:3], folder / "mapping.toml", folder / "charges.csv")
    assert command(*same, "--policy", "lansing-eo-2017-01").returncode == 0


def test_findings_are_those_of_the_example_when_it_runs_and_rosters_are_compared_by_command(folder, command):
    site = Site(folder, SOURCES.format(root=folder).replace('"dump"', '"charges"'))
    site.make()
    drop = folder / "drop"
    drop.mkdir()
    shutil.copy(folder / "charges.csv", drop / "a.csv")
    site.run((drop / "processed" / "a.csv").exists)
    overdue = site.ask("SELECT booking FROM findings WHERE rule LIKE 'overdue%' AND status = 'open' ORDER BY booking")
    # B-1005 is held on nothing but the status IMMIGRATION, from the beginning.
    assert [booking for (booking,) in overdue] == ["B-1002", "B-1003", "B-1005"]
    short = folder / "short.csv"
    rows = (folder / "charges.csv").read_text().splitlines()
    short.write_text("\n".join(row for row in rows if not row.startswith("B-1001")) + "\n")
    told = command("connect", "roster", "charges", short, "--settings", site.settings, "--json")
    assert told.returncode == 1, told.stderr
    found = {(each["kind"], each["booking"]) for each in orjson.loads(told.stdout)}
    assert found == {("missing", "B-1001"), ("extra", "B-1007")}
    again = command("connect", "roster", "charges", "--settings", site.settings)
    assert again.returncode == 1


def test_refused_row_is_taken_in_when_the_mapping_was_mended_and_it_is_resubmitted(folder, command):
    site = Site(folder, SOURCES.format(root=folder))
    site.make()
    table = (folder / "charges.csv").read_text().replace(",PR BOND,", ",RELEASED PR,")
    drop = folder / "drop"
    drop.mkdir()
    (drop / "a.csv").write_text(table)
    site.run((drop / "refused" / "a.csv").exists)
    # Four rules look at the status of B-1002; the others gave their events.
    assert site.ask("SELECT reason, count(*) FROM dead_letters GROUP BY reason") == [("unmapped_code", 4)]
    mapping = folder / "mapping.toml"
    mapping.write_text(mapping.read_text().replace('"PR BOND" = "settled"', '"RELEASED PR" = "settled"'))
    told = command("deadletters", "resubmit", "--all", "--settings", site.settings, "--json", "--actor", "test")
    assert told.returncode == 0, told.stderr
    assert {each["outcome"] for each in orjson.loads(told.stdout)} <= {"accepted", "duplicate"}
    assert site.ask("SELECT count(*) FROM dead_letters WHERE resubmitted = 0") == [(0,)]
    assert site.count() == ALL


@pytest.mark.parametrize("model", [MappingFile, EventForm, Snapshot])
def test_key_of_a_mapping_stands_in_the_guide(model):
    names = {info.alias or name for name, info in model.model_fields.items()} - {"events", "input", "times", "record"}
    assert {name for name in names if not re.search(rf"`(?:[a-z]+\.)?{name}(?:\.NAME)?`", GUIDE)} == set()
