"""Every word, form and court of section 3, one by one: what is listed has to count, each for itself."""

import pytest

from integration.domain.agencies import Directory
from integration.domain.papers import (
    HoldClass,
    Paper,
    classify,
    form_number,
    is_court,
    is_immigration_issuer,
    is_judicial_office,
    kind_of_form,
)
from schemas.kinds import HoldKind
from tests.unit.bookings import PARAMETERS, placed, warrant

AUTHORITIES = PARAMETERS.immigration_authorities
NOBODY = Directory()

NO_JUDGES = """
immigration deportation removal removals detention detainer customs border enforcement citizenship homeland
officer agent clerk attorney prosecutor assistant secretary advocate director deputy supervisor supervisory
inspector sheriff hearing staff administrative parole asylum immig ij eoir bia inquiry not no
""".split()


@pytest.mark.parametrize("word", NO_JUDGES)
def test_no_title_is_a_judicial_office_when_it_says_what_else_the_person_is(word):
    assert is_judicial_office("District Judge")
    assert not is_judicial_office(f"{word.title()} Judge")
    assert not is_judicial_office(f"Justice ({word.upper()})")


@pytest.mark.parametrize("office", ["Judge", "Justice", "Magistrate", "Magistrate Judge", "Commissioner of the Court"])
def test_a_title_is_a_judicial_office_when_it_names_one(office):
    assert is_judicial_office(office)
    assert is_judicial_office(office.upper())


@pytest.mark.parametrize(
    ("title", "expected", "because"),
    [
        ("Commissioner", False, "of what?"),
        ("Commissioner Judge", True, "a judge too"),
        ("Court Services Commissioner", True, "of a court"),
        ("Department of Justice", False, "where somebody works"),
        ("Dept. of Justice", False, "where somebody works"),
        ("U.S. Justice Department", False, "where somebody works"),
        ("Justice Dept", False, "where somebody works"),
        ("Justice of the Department", False, "joining words do not count"),
        ("Judge, Department 12", True, "a court has departments too"),
        ("Judge, Dept. 12", True, "a court has departments too"),
        ("Court", False, "no office"),
        ("Court of the Commission", False, "no office"),
    ],
)
def test_a_commissioner_or_a_justice_counts_when_it_is_of_a_court(title, expected, because):
    assert is_judicial_office(title) is expected, because


@pytest.mark.parametrize(
    "typed", ["none", "N/A", "n a", "NA", "unknown", "UNK", "null", "TBD", "BIA", "B.I.A.", "-", " ", ""]
)
def test_no_court_is_named_when_somebody_typed_that_there_is_none(typed):
    assert not is_court(typed, NOBODY)


@pytest.mark.parametrize("court", ["Immigration Court", "EOIR Detroit", "Deportation Court"])
def test_no_court_is_named_when_it_is_the_departments_own(court):
    assert not is_court(court, NOBODY)
    assert is_immigration_issuer(warrant(0, court=court), NOBODY)


def test_a_court_is_named_when_it_is_none_of_these():
    assert is_court("Unknown County Court", NOBODY)
    assert not is_court("ICE District Court", AUTHORITIES)
    assert not is_court(None, NOBODY)


@pytest.mark.parametrize("field", ["agency", "court", "official_title"])
@pytest.mark.parametrize("name", ["Immigration Officers", "Deportation Unit", "EOIR", "ICE"])
def test_a_paper_is_of_an_immigration_authority_wherever_it_says_so(field, name):
    assert is_immigration_issuer(placed("H", 0, **{field: name}), AUTHORITIES)


def test_a_paper_is_of_an_immigration_authority_when_only_its_ori_says_so():
    assert is_immigration_issuer(placed("H", 0, ori="VTICE0900"), AUTHORITIES)
    assert not is_immigration_issuer(placed("H", 0, ori="MI3341600", agency="Lansing Police"), AUTHORITIES)


@pytest.mark.parametrize(
    ("form", "number", "because"),
    [
        ("I-247", "I-247", "without a letter"),
        ("i-247a", "I-247A", "written as it is printed"),
        ("I-203A", "I-203A", "this one has variants"),
        ("I-200A", "I-200", "this one has none"),
        ("I-862 B", "I-862", "this one has none"),
        ("I-247 N", "I-247N", "the letter stands alone"),
        ("I-247--D", "I-247D", "behind hyphens"),
        ("I-247 Notice of Action", "I-247", "the N begins a word"),
        ("I-247A2", "I-247", "A2 is no variant"),
        ("I_247_A", "I-247A", "underscores"),
        ("I\u00ad247", "I-247", "a soft hyphen"),
        ("I\u2212247\uff0dA", "I-247A", "a minus sign, a full-width hyphen"),
        ("I\ufe58247\ufe63A", "I-247A", "small dashes"),
        ("I-2\u200b47\u2060A\ufeff", "I-247A", "zero-width characters"),
        ("\uff29-\uff12\uff14\uff17", "I-247", "full-width"),
        ("I.-.247", "I-247", "dots and hyphens"),
        ("FORMI247A", "I-247A", "run together"),
        ("DHSFORMI247A", "I-247A", "run together with agency"),
        ("ICE1247A", "I-247A", "a one for the I"),
        ("NOl247", "I-247", "a small l for the I"),
        ("F O R M I 2 4 7 A", "I-247A", "spaced out"),
        ("FORMI200", "I-200", "another one"),
        ("XI247A", None, "another word before it"),
        ("AI-247", None, "a letter before it"),
        ("2I-247", None, "a digit before it"),
        ("I-247N and I-247A", "I-247A", "of several the one that claims most"),
        ("I-247N, I-200", "I-200", "of several the one that claims most"),
        ("I-200, I-247", "I-247", "of several the one that claims most"),
        ("I-247.N", "I-247", "a dot parts the letter from it, and without it more is claimed"),
        ("I-999", None, "no such form here"),
        (None, None, "none"),
    ],
)
def test_the_number_of_a_form_is_read_however_it_is_written(form, number, because):
    assert form_number(form) == number, because


@pytest.mark.parametrize("letter", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
def test_an_i247_asks_to_keep_the_person_unless_its_letter_says_it_only_asks_to_be_told(letter):
    expected = HoldKind.NOTIFICATION_REQUEST if letter in "NG" else HoldKind.IMMIGRATION_DETAINER
    assert kind_of_form(f"I-247{letter}") is expected


@pytest.mark.parametrize("number", ["200", "203", "205", "286", "862"])
@pytest.mark.parametrize("letter", ["", "N", "G", "A"])
def test_other_forms_are_administrative_warrants_whatever_their_letter(number, letter):
    assert kind_of_form(f"I-{number}{letter}") is HoldKind.ADMINISTRATIVE_WARRANT


@pytest.mark.parametrize(
    ("kind", "hold_class"),
    [
        ("arrest", HoldClass.LOCAL),
        ("charge", HoldClass.LOCAL),
        ("sentence", HoldClass.LOCAL),
        ("court_order", HoldClass.LOCAL),
        ("agency_hold", HoldClass.OTHER_CRIMINAL),
        ("immigration_detainer", HoldClass.IMMIGRATION),
        ("administrative_warrant", HoldClass.IMMIGRATION),
        ("notification_request", HoldClass.REQUEST),
    ],
)
@pytest.mark.parametrize("form", [None, "MC 200"])
def test_a_paper_is_what_it_is_called_when_its_form_says_nothing(kind, hold_class, form):
    assert classify(placed("H", 0, kind, form=form), NOBODY) == Paper(hold_class, HoldKind(kind), mislabelled=False)


@pytest.mark.parametrize(
    ("hold", "paper", "because"),
    [
        (warrant(0), Paper(HoldClass.JUDICIAL, HoldKind.JUDICIAL_WARRANT, mislabelled=False), "court and judge"),
        (warrant(0, court="unknown"), Paper(HoldClass.NONE, None, mislabelled=True), "no court, nobody's paper"),
        (
            warrant(0, official_title="ICE"),
            Paper(HoldClass.IMMIGRATION, HoldKind.ADMINISTRATIVE_WARRANT, mislabelled=True),
            "an agency for a title",
        ),
        (
            warrant(0, official_title="Judge of ICE"),
            Paper(HoldClass.IMMIGRATION, HoldKind.ADMINISTRATIVE_WARRANT, mislabelled=True),
            "a judge of an agency is none",
        ),
        (
            placed("H", 0, "charge", form="I-200"),
            Paper(HoldClass.IMMIGRATION, HoldKind.ADMINISTRATIVE_WARRANT, mislabelled=True),
            "the form decides",
        ),
        (
            placed("H", 0, "administrative_warrant", form="I-205"),
            Paper(HoldClass.IMMIGRATION, HoldKind.ADMINISTRATIVE_WARRANT, mislabelled=False),
            "form and label agree",
        ),
    ],
)
def test_a_paper_is_classified_by_what_it_shows(hold, paper, because):
    assert classify(hold, AUTHORITIES) == paper, because
