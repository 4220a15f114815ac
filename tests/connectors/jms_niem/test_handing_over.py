"""What a reason for a release means: who has the person now, and whether the person comes back."""

import pytest

from tests.connectors.jms_niem.reading import mapped
from tests.connectors.jms_niem.test_jtmp import MAPPING, SENT, document, release

RELEASED = ("release.completed", "", None)
REASONS = [
    ("Released to DHS/ICE", ("custody.transferred", "ICE", False), "two names of one authority"),
    ("RELEASED TO IMMIGRATION OFFICERS", ("custody.transferred", "immigration", False), "its people"),
    ("Released to another agency - INS", ("custody.transferred", "INS", False), "the agency is named behind"),
    ("Turned over to Border Patrol agent Fictive", ("custody.transferred", "Border Patrol", False), "to one of them"),
    ("Picked up by ICE agents at sallyport", ("custody.transferred", "ICE", False), "by them"),
    ("Immigration detainer", ("custody.transferred", "immigration", False), "why the custody here ended"),
    ("OR, ICE NOTIFIED", RELEASED, "told is not handed over"),
    ("Immigration detainer lifted", RELEASED, "the paper went, the person was free"),
    ("BOND POSTED BY HSI AGENTS WIFE", RELEASED, "by, but nobody was taken"),
    ("US Marshal", RELEASED, "not an immigration authority"),
    ("TEMPORARY RELEASE", ("custody.transferred", "temporary absence", True), "comes back: custody goes on"),
    ("Hospital - temp", ("custody.transferred", "hospital", True), "so it is said where"),
    ("Furlough", ("custody.transferred", "temporary absence", True), "the same by another word"),
    ("Sent to court", ("custody.transferred", "court", True), "a hearing"),
    ("Court", RELEASED, "more often an order than a place"),
]


def last(raw):
    found = mapped(raw, MAPPING, SENT)
    event = found.events[-1]
    data = event["data"]
    return (event["type"][5:-3], data.get("to_agency", ""), data.get("temporary")), found


@pytest.mark.parametrize(("reason", "expected", "because"), REASONS, ids=[row[0] for row in REASONS])
def test_reason_tells_who_has_the_person_when_it_is_free_text(reason, expected, because):
    told, found = last(document(released=release().replace("ROR", reason)))
    assert told == expected, because
    assert not found.refusals
    assert "Fictive" not in str(found), "an officer's name"


OPEN = ["Not picked up by ICE", "Released to wife; ICE declined", "BONDED OUT TO WIFE, ICE HOLD ON FILE"]


@pytest.mark.parametrize("reason", OPEN)
def test_reason_is_a_dead_letter_when_it_leaves_open_whether_an_authority_took_the_person(reason):
    told, found = last(document(released=release().replace("ROR", reason)))
    assert told == RELEASED
    assert [refusal.reason.value for refusal in found.refusals] == ["unmapped_code"]
    assert "wife" not in str(found.refusals)


INDICATORS = [
    ("Yes", "release.completed", 0, "as some write true"),
    ("RELEASED", "release.completed", 0, "the schema's comment calls it a string"),
    ("", "release.completed", 0, "not said: the date has come"),
    ("No", "release.due", 0, "not out, whatever the date"),
    ("N", "release.due", 0, "the same"),
    ("Pending", "release.due", 1, "nobody is let go by a guess"),
]


@pytest.mark.parametrize(("said", "expected", "refused", "because"), INDICATORS, ids=[row[0] for row in INDICATORS])
def test_person_is_out_only_when_the_indicator_says_so(said, expected, refused, because):
    (kind, _, _), found = last(document(released=release(done=said)))
    assert kind == expected, because
    assert [refusal.reason.value for refusal in found.refusals] == ["bad_value"] * refused


def test_operation_is_refused_when_the_exchange_does_not_know_it():
    raw = document().replace(b'structures:id="add">add<', b'structures:id="add">replace<')
    found = mapped(raw, MAPPING, SENT)
    assert [refusal.reason.value for refusal in found.refusals] == ["unmapped_code"]
    assert found.events[0]["type"] == "jail.booking.opened.v1", "what stands there is read"
