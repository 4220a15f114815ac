"""What is never kept: stripped at any depth and under many spellings, and its value is nowhere in the result."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.events import MAX_DEPTH, parse
from schemas.forbidden import FORBIDDEN_NAMES, fold
from schemas.refusals import InvalidEventError
from tests.contract.contract import event, raw

CANARY = "kept-canary-7f3a"

SPELLINGS = """
immigration_status immigrationStatus Immigration-Status IMMIGRATION_STATUS Immigration.Status imm_status alienStatus
citizenship Citizenship CITIZENSHIP citizenship_status CitizenshipCode countryOfCitizenship country_of_citizenship
citizen is_citizen usCitizen US_CITIZEN personUSCitizenIndicator PersonCitizenshipISO3166Alpha2Code
citizenship_or_immigration_status nationality Nationality nationalityCode country-of-nationality nationalOrigin
countryOfOrigin foreign_born foreignNational nonCitizen undocumented visaStatus visa_type greenCard
place_of_birth placeOfBirth Place-Of_Birth PLACEOFBIRTH pob POB birthplace birthPlace BirthPlaceCode birth_location
PersonBirthLocation cityOfBirth birth_city stateOfBirth countryOfBirth country-of-birth COUNTRY_OF_BIRTH birth_country
BirthCountryCode bornIn
alien_number alienNumber ALIEN_NUMBER AlienNo alien_num alienId alienRegistrationNumber Alien-Registration-No
a_number aNumber A-Number A_NO aNum a-file aFileNumber uscis_number USCISAccountNumber i94_number I-94-Number
""".split()


def _event_with(path, name, value):
    """An event with a forbidden field inside the object at ``path``."""
    whole = event(
        "jail.hold.placed.v1",
        {
            "hold_id": "H-1",
            "kind": "immigration_detainer",
            "document": {"form": "I-247A"},
            "issuer": {"agency": "ICE"},
            "charge": {"code": "257.904"},
        },
    )
    node = whole
    for step in path:
        node = node[step]
    node[name] = value
    return whole


PATHS = [(), ("data",), ("data", "document"), ("data", "issuer"), ("data", "charge")]
places = st.sampled_from(PATHS)
secrets = st.recursive(
    st.sampled_from([CANARY, f"{CANARY}-2"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["value", CANARY]), inner, max_size=2),
    max_leaves=4,
)


def _said_by(received):
    return f"{received!r} {received.event!r} {json.dumps(received.content)}"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(path) or "envelope")
@pytest.mark.parametrize("name", SPELLINGS)
def test_field_is_stripped_when_forbidden(name, path):
    received = parse(raw(_event_with(path, name, CANARY)))
    assert received.stripped == (fold(name),)
    assert CANARY not in _said_by(received)
    assert fold(name) not in {fold(key) for key in received.content["data"]}
    assert received.event.data.issuer.agency == "ICE"


@st.composite
def _spelt(draw):
    name = draw(st.sampled_from(sorted(FORBIDDEN_NAMES)))
    characters = [draw(st.sampled_from([c.lower(), c.upper()])) for c in name]
    gaps = [draw(st.sampled_from(["", "", "", "_", "-", " ", ".", ":", "#"])) for _ in name]
    return "".join(c + gap for c, gap in zip(characters, gaps, strict=True))


@given(_spelt(), places, secrets)
def test_field_is_stripped_when_spelt_in_any_way(name, path, secret):
    received = parse(raw(_event_with(path, name, secret)))
    assert received.stripped == (fold(name),)
    assert CANARY not in _said_by(received)


@given(st.lists(st.tuples(_spelt(), places), min_size=2, max_size=6))
def test_every_field_is_named_once_when_several_are_stripped(planted):
    whole = _event_with((), "citizenship", CANARY)
    for name, path in planted:
        node = whole
        for step in path:
            node = node[step]
        node[name] = {"value": CANARY}
    received = parse(raw(whole))
    assert received.stripped == tuple(sorted({"citizenship"} | {fold(name) for name, _ in planted}))
    assert CANARY not in _said_by(received)


def test_field_is_stripped_when_inside_a_list():
    data = {
        "message_id": "M-1",
        "channel": "smtp",
        "sender": {"user": "desk", "nationality": CANARY},
        "recipients": [{"agency": "54-A District Court", "alien_number": CANARY}, {"agency": "x"}],
        "content": {"hearing": "arraignment"},
    }
    received = parse(raw(event("jail.message.requested.v1", data)))
    assert received.stripped == ("aliennumber", "nationality")
    assert CANARY not in _said_by(received)
    assert list(received.event.data.content) == ["hearing"]


def _message(content):
    data = {"message_id": "M-1", "channel": "smtp", "sender": {}, "recipients": [{"agency": "x"}], "content": content}
    return event("jail.message.requested.v1", data)


@pytest.mark.parametrize("name", ["citizenship_or_immigration_status", "place_of_birth", "home_address"])
def test_category_is_kept_when_it_names_what_a_message_gives_away(name):
    received = parse(raw(_message({name: "x", "other": "y"})))
    assert set(received.event.data.content) == {name, "other"}
    assert received.stripped == ()


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("alien_number", "citizenship_or_immigration_status"),
        ("Nationality", "citizenship_or_immigration_status"),
        ("POB", "place_of_birth"),
        ("countryOfBirth", "place_of_birth"),
    ],
)
def test_forbidden_name_becomes_its_category_when_a_message_gives_it_away(name, category):
    received = parse(raw(_message({name: CANARY, "hearing": "arraignment"})))
    assert set(received.event.data.content) == {category, "hearing"}
    assert received.stripped == ()  # the sender said it of a message; nobody put it on record
    assert CANARY not in json.dumps(received.content)  # the model has it to be judged; nothing that is kept does


@pytest.mark.parametrize("name", ["language", "agency_status", "birth_date", "status", "visalia_court", "alienation"])
def test_field_is_refused_and_not_stripped_when_its_name_only_looks_alike(name):
    with pytest.raises(InvalidEventError) as refused:
        parse(raw(event(data={name: CANARY})))
    assert refused.value.reason == "unknown_field"
    assert CANARY not in str(refused.value)


@given(_spelt(), st.integers(0, MAX_DEPTH - 3))
def test_value_is_in_no_message_when_the_rest_of_the_event_is_refused(name, depth):
    hidden = {name: CANARY}
    for _ in range(depth):
        hidden = {"unheard_of": hidden}
    with pytest.raises(InvalidEventError) as refused:
        parse(raw(event(data={"reason": 5, "extra": CANARY, **hidden, name: CANARY})))
    assert CANARY not in f"{refused.value!r} {refused.value.message} {refused.value.__cause__!r}"
    assert refused.value.__suppress_context__
