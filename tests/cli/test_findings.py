"""``holdwatch findings``: the longest overdue first, in words and times that a shift supervisor reads."""

import orjson
import pytest

from integration.services.plain import PLAIN, duration
from schemas.kinds import Rule
from schemas.outputs import FindingLine
from tests.cli.conftest import EVENTS, Site


@pytest.fixture
def replayed(site: Site, holdwatch, tmp_path):
    file = site.drop("day.jsonl", EVENTS)
    out = tmp_path / "replay"
    until = ("--until", "2026-03-03T12:00:00-05:00")
    assert holdwatch("replay", file, "--policy", "lansing-eo-2017-01", "--out", out, *until).status == 0
    return out


def test_findings_have_the_schema_form_when_json_is_asked_for(on_site):
    found = on_site("findings", "--json").json
    lines = [FindingLine.model_validate_json(orjson.dumps(each)) for each in found]
    assert lines[0].rule is Rule.OVERDUE_DETAINER_HOLD
    assert [line.status for line in lines] == sorted(line.status for line in lines) or lines[0].status == "open"


def test_rule_zone_and_provision_are_plain_when_a_person_reads(on_site):
    text = on_site("findings", "--status", "open").text
    [line] = [each for each in text.splitlines() if "B-1" in each]
    for part in (PLAIN[Rule.OVERDUE_DETAINER_HOLD], "2026-03-02 12:00:00 -05:00", "so far", "L5", "violation"):
        assert part in line


def test_only_what_was_asked_for_is_listed_when_filtered(on_site):
    found = on_site("findings", "--status", "resolved", "--booking", "B-2", "--json").json
    assert {(each["status"], each["booking"]) for each in found} == {("resolved", "B-2")}
    assert "no findings" in on_site("findings", "--booking", "B-99").text


def test_replay_is_told_as_of_its_end_when_its_folder_is_named(holdwatch, replayed):
    text = holdwatch("findings", "--from", replayed, "--zone", "America/Detroit").text
    [line] = [each for each in text.splitlines() if "B-1" in each and "open" in each]
    assert "1 d 0 h so far" in line
    assert "2026-03-02 12:00:00 -05:00" in line


def test_same_findings_come_out_when_read_from_a_replay(holdwatch, on_site, replayed):
    def told(found):
        return [(each["finding_id"], each["status"]) for each in found if each["status"] != "withdrawn"]

    here, there = on_site("findings", "--json").json, holdwatch("findings", "--from", replayed, "--json").json
    assert told(here) == told(there) != []


def test_usage_is_told_when_the_folder_or_zone_is_none(holdwatch, replayed, tmp_path):
    ran = holdwatch("findings", "--from", tmp_path / "nothing")
    assert (ran.status, "holds no replay" in ran.err) == (2, True)
    assert holdwatch("findings", "--from", replayed, "--zone", "Mars/Olympus").status == 2
    (replayed / "findings.jsonl").write_text("{}\n")
    assert holdwatch("findings", "--from", replayed).status == 2


def test_every_rule_has_plain_words():
    assert set(PLAIN) == set(Rule)


LENGTHS = [(0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3600, "1 h 0 min"), (90_000, "1 d 1 h")]


@pytest.mark.parametrize(("seconds", "said"), LENGTHS)
def test_two_units_are_told_when_a_length_is_read(seconds, said):
    assert duration(seconds) == said
