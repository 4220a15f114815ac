"""``holdwatch deadletters``: refused inputs are listed without their words, read on the record, taken in again."""

import orjson

from connectors.jms_files.naming import short_name
from schemas.outputs import RejectedTextLine
from tests.cli.conftest import REFUSED, Site, end

INGHAM = """
[[facilities]]
source = "/jms/ingham"
zone = "America/Detroit"
packs = [{ pack = "lansing-eo-2017-01" }]
"""


def test_letters_tell_place_and_reason_when_listed(on_site):
    letters = on_site("deadletters", "list", "--json").json
    assert [(each["number"], each["reason"]) for each in letters] == [(1, "unknown_field"), (2, "unknown_source")]
    assert letters[0]["place"].endswith(f"/{short_name('day.jsonl')}:9")


def test_letter_is_listed_with_the_file_that_it_came_from_when_that_still_lies_there(site: Site, on_site):
    assert [each["file"] for each in on_site("deadletters", "list", "--json").json] == [None, None]
    # The short name in the place is that of the folder's file, whatever folder the copy has.
    dropped = site.drop("day.jsonl", [])
    assert {each["file"] for each in on_site("deadletters", "list", "--json").json} == {str(dropped)}
    assert on_site("deadletters", "show", 1, "--json").json["file"] == str(dropped)


def test_input_is_printed_as_received_when_shown(on_site):
    ran = on_site("deadletters", "show", 1)
    assert (ran.status, orjson.loads(ran.out)) == (0, REFUSED[0])


def test_shown_letter_has_the_form_of_a_rejected_line_when_json_is_asked_for(on_site):
    shown = on_site("deadletters", "show", 1, "--json").json
    fields = {name: shown[name] for name in ("place", "reason", "message", "input")}
    RejectedTextLine.model_validate_json(orjson.dumps(fields))


def test_reading_is_logged_when_a_letter_is_shown(on_site):
    on_site("deadletters", "show", 2, "--actor", "officer:reader")
    [entry] = [each["entry"] for each in on_site("audit", "show", "--kind", "deadletter.read", "--json").json]
    assert (entry["actor"], entry["detail"]) == ("officer:reader", {"number": 2})
    assert on_site("audit", "verify").status == 0


def test_letter_waits_on_when_it_is_refused_again(on_site):
    ran = on_site("deadletters", "resubmit", 1, "--json")
    assert ran.status == 1
    [told] = ran.json
    assert (told["outcome"], told["reasons"]) == ("refused", ["unknown_field"])
    assert len(on_site("deadletters", "list", "--json").json) == 2


def test_letter_counts_as_an_event_when_the_fault_was_put_right(site: Site, on_site):
    site.write_settings(INGHAM)
    ran = on_site("deadletters", "resubmit", 2, "--json")
    assert (ran.status, ran.json[0]["outcome"]) == (0, "accepted")
    assert [each["number"] for each in on_site("deadletters", "list", "--json").json] == [1]
    assert [each["resubmitted"] for each in on_site("deadletters", "list", "--all", "--json").json] == [False, True]
    accepted = on_site("audit", "show", "--booking", "B-6", "--json").json
    assert accepted[0]["entry"]["kind"] == "event.accepted"
    assert on_site("audit", "verify").status == 0


def test_each_is_told_when_all_are_resubmitted(site: Site, on_site):
    site.write_settings(INGHAM)
    ran = on_site("deadletters", "resubmit", "--all", "--json")
    assert ran.status == 1
    assert [(each["number"], each["outcome"]) for each in ran.json] == [(1, "refused"), (2, "accepted")]


def test_usage_is_told_when_the_wrong_letters_are_named(site: Site, on_site):
    site.write_settings(INGHAM)
    assert on_site("deadletters", "resubmit").status == 2
    assert on_site("deadletters", "resubmit", 1, "--all").status == 2
    assert "no dead letter 99" in on_site("deadletters", "show", 99).err
    on_site("deadletters", "resubmit", 2)
    ran = on_site("deadletters", "resubmit", 2)
    assert (ran.status, "taken in already: 2" in ran.err) == (2, True)


def test_only_what_can_be_read_is_taken_in_when_a_document_is_resubmitted(site: Site, on_site):
    (site.root / "drop").mkdir(exist_ok=True)
    (site.root / "drop" / "broken.xml").write_bytes(b"<not-closed>")
    service = site.serve()
    try:
        site.wait_for("broken.xml")
    finally:
        assert end(service) == 0
    ran = on_site("deadletters", "resubmit", 3, "--json")
    assert (ran.status, ran.json[0]["outcome"]) == (1, "refused")
    assert len(on_site("deadletters", "list", "--json").json) == 3
