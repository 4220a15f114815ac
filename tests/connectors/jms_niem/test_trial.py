"""``connect test`` and ``connect diff`` with a mapping for NIEM documents: events, refusals, notes and codes."""

import orjson
import pytest
from typer.testing import CliRunner

from integration.cli.app import app
from tests.connectors.jms_niem.documents import Charge, Document
from tests.connectors.jms_niem.test_jtmp import document

MAPPING = 'source = "/jms/springfield"\nzone = "America/Denver"\n'
LISTED = MAPPING + '[bond_statuses]\nXQ = "own_recognizance"\n'


@pytest.fixture
def files(tmp_path):
    held = Document(charges=[Charge(bond_status="XQ")], flag="true", eligible="2026-03-09")
    (tmp_path / "held.xml").write_bytes(held.xml())
    envelope = {"Metadata": {"MessageSentTimestamp": "2026-03-05T12:00:00Z"}, "ExchangeData": document().decode()}
    (tmp_path / "added.json").write_bytes(orjson.dumps(envelope))
    (tmp_path / "broken.xml").write_bytes(b"<a>")
    for name, text in (("old.toml", MAPPING), ("new.toml", LISTED), ("bad.toml", MAPPING + "colour = 1\n")):
        (tmp_path / name).write_text(text)
    return tmp_path


def told(*arguments):
    found = CliRunner().invoke(app, ["connect", *map(str, arguments)])
    return found.exit_code, found.stdout


def test_trial_tells_events_refusals_notes_and_codes_when_files_are_documents_or_envelopes(files):
    names = [files / name for name in ("held.xml", "added.json", "broken.xml")]
    status, text = told("test", files / "old.toml", *names, "--json")
    report = orjson.loads(text)
    assert status == 1
    assert report["documents"] == 3
    assert report["events_by_type"]["jail.booking.opened.v1"] == 2
    assert report["codes_unlisted"] == {"bond_statuses": {"XQ": 1}}
    assert [each["reason"] for each in report["refusals"]] == ["not_xml"]
    assert {each["code"] for each in report["notes"]} >= {"date_only"}
    assert "Fictive" not in text


def test_trial_ends_with_zero_when_everything_maps_and_prints_a_code_table_by_its_name(files):
    assert told("test", files / "new.toml", files / "held.xml")[0] == 0
    status, text = told("test", files / "old.toml", files / "held.xml")
    assert status == 1
    assert "codes that [bond_statuses] does not list" in text


def test_trial_names_every_fault_when_the_mapping_has_some(files):
    status, _ = told("test", files / "bad.toml", files / "held.xml")
    assert status == 2


def test_findings_that_would_differ_are_told_when_a_code_is_listed(files):
    status, text = told(
        "diff", files / "old.toml", files / "new.toml", files / "held.xml", "--policy", "lansing-eo-2017-01", "--json",
        "--until", "2026-03-20T00:00:00Z",
    )  # fmt: skip
    found = orjson.loads(text)["differences"]
    assert status == 1
    assert "overdue_detainer_hold" in {each["rule"] for each in found}
