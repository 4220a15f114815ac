"""A mapping is mended and what it refused is taken in again; policies are asked and compared."""

import csv
import re
import shutil
from datetime import UTC, datetime

import pytest

from connectors.mapping.apply import Mapper
from connectors.mapping.load import load_mapping
from connectors.mapping.rows import Row, inputs_of
from integration.bootstrap import open_desk
from integration.console.access import Scope
from integration.policy import report
from integration.policy.contexts import Action
from integration.policy.pack import load
from integration.services.intake import Intake
from tests.conftest import ROOT
from tests.console.site import HERE, Console

EXAMPLE = ROOT / "connectors" / "jms_csv" / "example"
SOURCES = """
[[sources]]
name = "charges"
kind = "csv"
path = "{root}/drop"
mapping = "{root}/mapping.toml"
"""
AT = datetime(2026, 3, 2, 20, tzinfo=UTC)
LANSING, MASSACHUSETTS = "lansing-eo-2017-01", "ma-welcoming-community"


@pytest.fixture
async def refusing(filled, tmp_path):
    """A console whose connector has refused four inputs of one row, by a mapping that lacks a code."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text((EXAMPLE / "mapping.toml").read_text().replace("/jms/example-county", HERE))
    console = Console(filled, tmp_path, SOURCES.format(root=tmp_path))
    with (EXAMPLE / "charges.csv").open(newline="") as stream:
        record = next(row for row in csv.DictReader(stream) if row["BookingNo"] == "B-1002")
    record["Status"] = "RELEASED PR"
    with console.parts.fresh_installation() as installation:
        desk = open_desk(installation.store, installation.pack_for, place="test-jail", earlier=installation.packs)
        inputs = list(inputs_of("charges:a.csv:line 3", Row("", record), Mapper(load_mapping(mapping)), observed=AT))
        tally = Intake(desk).take(inputs, lambda _event: console.clock.at, pass_time=lambda _now: None)
    assert tally.refused == 4
    yield console
    await console.close()


async def test_refused_row_is_taken_in_when_its_mapping_was_mended(refusing):
    visitor = await refusing.visitor("compliance")
    page = await visitor.get("/deadletters")
    assert "Take in all 4 of the reason unmapped_code" in page.text
    before = await visitor.post("/deadletters/resubmit", page="/deadletters", reason="unmapped_code")
    assert "unmapped_code: 4 refused" in before.text
    mapping = refusing.root / "mapping.toml"
    mapping.write_text(mapping.read_text().replace('"PR BOND" = "settled"', '"RELEASED PR" = "settled"'))
    number = int(re.search(r'action="/deadletters/(\d+)/resubmit', before.text)[1])
    one = await visitor.post(f"/deadletters/{number}/resubmit", page="/deadletters")
    assert re.search(rf"Dead letter {number}: (accepted|duplicate)\.", one.text)
    rest = await visitor.post("/deadletters/resubmit", page="/deadletters", reason="unmapped_code")
    assert "refused" not in re.search(r'role="status">([^<]*)', rest.text)[1]
    waiting = {each.reason for each in refusing.parts.records.dead_letters(waiting_only=True)}
    assert waiting == {"unknown_field"}
    assert {each["actor"] for each in refusing.entries("deadletter.resubmitted")} == {"officer:compliance"}
    assert len(refusing.entries("deadletter.resubmitted")) == 8
    events = [each["detail"]["event_id"] for each in refusing.entries("event.accepted") if each["booking"] == "B-1002"]
    assert len(events) == len(set(events))
    assert events


# -- policies -------------------------------------------------------------------------------------------------------


async def test_policy_answers_as_its_table_does_when_somebody_asks_what_if(console):
    visitor = await console.visitor("supervisor")
    pack = console.parts.packs[0]
    for action in Action:
        for row in report.explain(pack)[action][::4]:
            told = {
                name: {True: "yes", False: "no"}.get(values[0], values[0]) for name, values in row.conditions.items()
            }
            page = await visitor.get(f"/policy/{LANSING}/decide", params={"action": action.value, **told})
            assert page.status_code == 200, page.text
            said = re.search(r'role="status"><span class="tag \w+">(\w+)</span>', page.text)[1]
            assert said == ("permit" if row.decision.permit else "deny")
    assert not console.entries("audit.read"), "nothing has happened"


@pytest.mark.parametrize("asked", [{"action": "Shoot"}, {"recipient": "x"}, {"court_order": "perhaps"}])
async def test_policy_is_not_asked_when_there_are_no_such_circumstances(console, asked):
    visitor = await console.visitor("supervisor")
    assert (await visitor.get(f"/policy/{LANSING}/decide", params=asked)).status_code == 400


async def test_provision_stands_in_words_beside_its_rule_when_counsel_reads(console):
    visitor = await console.visitor("auditor")
    page = (await visitor.get(f"/policy/{LANSING}")).text
    row = re.search(r"<tr><td>overdue detainer hold</td>.*?</tr>", page, re.DOTALL)[0]
    words = console.parts.packs[0].provisions["L5"].summary.replace("'", "&#39;")
    assert words in row


def test_provisions_differ_by_number_words_and_means_when_packs_are_compared():
    ours, theirs = load(LANSING), load(MASSACHUSETTS)
    told = {each.number: (each.a, each.b) for each in report.provision_differences(ours, theirs)}
    every = {*ours.provisions, *ours.not_enforceable, *theirs.provisions, *theirs.not_enforceable}
    alike = {number for number in every if ours.provisions.get(number) == theirs.provisions.get(number)}
    assert alike - {*ours.not_enforceable, *theirs.not_enforceable}, "those of the product itself"
    assert set(told) == every - alike | {*ours.not_enforceable, *theirs.not_enforceable}
    assert told["L5"][1] == ""
    assert "rule:overdue_detainer_hold" in told["L5"][0]
    assert report.provision_differences(ours, ours) == ()


@pytest.fixture
async def revised(filled, tmp_path):
    """A console whose first facility will have another revision of the same pack."""
    folder = tmp_path / "packs" / LANSING
    shutil.copytree(ROOT / "integration" / "policy" / "packs" / LANSING, folder)
    manifest = folder / "pack.toml"
    text = manifest.read_text()
    changed = re.sub(r'(\[provisions\.L5\]\nsummary = ")', r"\1As revised: ", text, count=1)
    changed = changed.replace('warn_before = "60 min"', 'warn_before = "90 min"')
    assert changed.count("As revised") == 1
    manifest.write_text(changed)
    console = Console(
        filled,
        tmp_path,
        f'[[facilities]]\nsource = "/jms/third"\nzone = "America/Detroit"\npacks = [{{ pack = "{folder}" }}]\n',
    )
    yield console
    await console.close()


async def test_revisions_of_one_pack_are_told_apart_and_compared_when_both_are_in_force(revised):
    visitor = await revised.visitor("compliance")
    old, new = dict.fromkeys(f"{LANSING}@{pack.revision[:16]}" for pack in revised.parts.packs)
    listed = (await visitor.get("/policy")).text
    assert old.replace("@", "%40") in listed
    assert new.replace("@", "%40") in listed
    page = (await visitor.get(f"/policy/{old}", params={"other": new})).text
    differing = page[page.index("Provisions that differ") : page.index('id="rules"')]
    assert "As revised" in differing
    assert ">L5<" in differing
    assert ">L4<" not in differing
    assert (await visitor.get(f"/policy/{LANSING}@0123456789abcdef")).status_code == 404
    assert (await visitor.get(f"/policy/{LANSING}@{old.partition('@')[2][:4]}")).status_code == 404
    key = revised.parts.people.make_token("auditor", [Scope.POLICY], 1, by="test")
    client = revised.client(authorization=f"Bearer {key}")
    told = (await client.get(f"/api/v1/packs/{old}/compare/{new}")).json()
    assert [each["number"] for each in told["provisions"]] == ["L5"]
    assert told["a"]["revision"] != told["b"]["revision"]
    decided = await client.get(f"/api/v1/packs/{new}/decide/GrantAccess", params={"court_order": "yes"})
    assert decided.json()["permit"] is True
    assert (await client.get(f"/api/v1/packs/{new}/decide/Shoot")).status_code == 400
