"""Papers, offices, agencies and recipients as people really write them, or hide them."""

import orjson
import pytest

from integration.domain.facts import Placed
from integration.domain.messages.content import categories_in
from integration.domain.papers import classify, kind_of_form
from integration.domain.recipients.reach import reach_of
from integration.policy.pack import load
from schemas.kinds import Category, HoldKind, RecipientClass
from tests.differential import run

PACK = load("lansing-eo-2017-01")
PARAMETERS = PACK.parameters
AUTHORITY = RecipientClass.IMMIGRATION_AUTHORITY


@pytest.mark.parametrize(
    "form",
    ["Immigration Detainer I-247A", "U.S. DHS Form I-247A", "Notice of Action I-247A", "I-2 47A", "I.247A", "1-247A"],
)
def test_form_is_a_detainer_wherever_its_number_stands(form):
    assert kind_of_form(form) is HoldKind.IMMIGRATION_DETAINER


@pytest.mark.parametrize("form", ["Warrant of Arrest (I-200)", "NTA I-862", "I-247N with I-200"])
def test_form_is_an_administrative_warrant_wherever_its_number_stands(form):
    assert kind_of_form(form) is HoldKind.ADMINISTRATIVE_WARRANT


@pytest.mark.parametrize("form", ["Docket 2475", "AO 442", "FORT I2470", "DUI 247"])
def test_form_decides_nothing_when_it_is_another_paper(form):
    assert kind_of_form(form) is None


@pytest.mark.parametrize(
    ("court", "title"),
    [
        ("US District Court", "ICE Judge"),
        ("US District Court", "DHS Magistrate"),
        ("US District Court", "Special Inquiry Judge"),
        ("US District Court", "Justice Department"),
        ("US District Court", "Not a judge"),
        ("none", "Judge"),
        ("N/A", "Judge"),
        ("BIA", "Appellate Judge"),
    ],
)
def test_warrant_is_none_when_court_or_office_only_looks_like_one(court, title):
    placed = Placed("e", 0, "h", "judicial_warrant", None, None, None, None, court, title, None, None)
    assert classify(placed, PARAMETERS.immigration_authorities).kind is not HoldKind.JUDICIAL_WARRANT


@pytest.mark.parametrize(
    "said",
    [
        {"agency": "IMMIGRATION"},
        {"agency": "I C E"},
        {"agency": "Michigan DHS ICE Detroit"},
        {"agency": "Immigration Officers"},
        {"agency": "VTICE0900"},
        {"ori": "VT-ICE-0900"},
        {"number": "(802) 872-6020 x12"},
        {"address": "officer@detroit.ice.dhs.gov"},
    ],
)
def test_recipient_is_an_immigration_authority_however_it_is_written(said):
    assert reach_of(PARAMETERS, **said).party is AUTHORITY


@pytest.mark.parametrize(
    "said",
    [
        {"agency": " "},
        {"number": "?"},
        {"address": "agent@ice.dhs.gov, clerk@court.gov"},
        {"address": "agent%ice.dhs.gov@relay.example.org"},
        {"address": "agent%host@relay.example.org"},
    ],
)
def test_recipient_counts_as_an_immigration_authority_when_it_may_be_anybody(said):
    assert reach_of(PARAMETERS, **said).party is AUTHORITY


@pytest.mark.parametrize("address", ["https://hooks.court.mi.gov/in", "MI3341600", "topic.court"])
def test_recipient_is_read_by_its_channel_when_it_is_no_mail(address):
    assert reach_of(PARAMETERS, address=address, agency="30th Circuit Court", mail=False).party is RecipientClass.OTHER


@pytest.mark.parametrize(
    "agency", ["Michigan DHS", "Immigration Law Clinic", "Fort Collins Police", "Office of Justice"]
)
def test_recipient_is_somebody_else_when_only_a_word_is_shared(agency):
    assert reach_of(PARAMETERS, agency=agency).party is RecipientClass.OTHER


def test_categories_are_found_when_a_system_wrote_the_words():
    assert categories_in("custody_status: Y; homeAddress: x") >= {Category.CUSTODY_STATUS, Category.HOME_ADDRESS}


STATUS = "citizenship_or_immigration_status"


@pytest.mark.parametrize(
    ("because", "data"),
    [
        ("nobody has seen the raw body", {"content": {STATUS: "x"}, "raw_sha256": "a" * 64}),
        ("one key must not hide another", {"content": {"citizenship": "released at 9, 12 Elm Street", STATUS: "MX"}}),
        ("a category inside a value counts", {"content": {STATUS: {"custody_status": "Y"}}}),
        ("another field must not blind the gate", {"content": {STATUS: "released at 5"}, "nationality": "MX"}),
    ],
)
def test_message_is_blocked_when_it_hides_more_than_status(because, data):
    envelope = {"specversion": "1.0", "source": "/jms/a", "subject": "B1"}
    events = [
        envelope | {"id": "e1", "type": "jail.booking.opened.v1", "time": "2026-01-01T10:00:00Z", "data": {}},
        envelope
        | {
            "id": "e2",
            "type": "jail.message.requested.v1",
            "time": "2026-01-01T11:00:00Z",
            "data": {
                "message_id": "m",
                "channel": "smtp",
                "sender": {"user": "alice"},
                "recipients": [{"agency": "ICE"}],
                **data,
            },
        },
    ]
    store, tally = run(events, PACK)
    (row,) = store.decisions.values()
    assert (tally.refused, row.decision) == (0, "block"), orjson.loads(row.reasons)
