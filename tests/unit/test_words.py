"""What a paper is and who an agency is: by its form, by whole words, never by what it looks like from afar."""

import pytest

from integration.domain.agencies import Directory, words
from integration.domain.papers import HoldClass, classify, form_number, is_court, is_judicial_office, kind_of_form
from integration.policy.pack import load, shipped_packs
from tests.unit.bookings import PARAMETERS, placed, warrant

DETAINER, ADMINISTRATIVE, REQUEST = "immigration_detainer", "administrative_warrant", "notification_request"
AUTHORITIES = load("ma-welcoming-community").parameters.immigration_authorities

FORMS = [
    ("I-247A", DETAINER, "as printed"),
    ("i247a", DETAINER, "small, without hyphen"),
    ("I 247 A", DETAINER, "with spaces"),
    ("I\u2013247\u2011A", DETAINER, "with typographic hyphens"),
    ("Form I-247A (3/17)", DETAINER, "with its edition"),
    ("DHS Form I-247A, Rev. 3/17", DETAINER, "with all of it"),
    ("I-247", DETAINER, "the old one"),
    ("I-247D", DETAINER, "detainer of 2015"),
    ("I-247X", DETAINER, "combined of 2015"),
    ("I-247N", REQUEST, "asks only to be told"),
    ("i-247g", REQUEST, "asks only to be told"),
    ("I-200", ADMINISTRATIVE, "warrant of arrest"),
    ("I-203A", ADMINISTRATIVE, "order to detain"),
    ("I-205", ADMINISTRATIVE, "warrant of removal"),
    ("I-286", ADMINISTRATIVE, "notice of custody"),
    ("I-862", ADMINISTRATIVE, "notice to appear"),
    ("I-2000", None, "another number"),
    ("I-2471", None, "another number"),
    ("I-20", None, "a student's"),
    ("AO 442", None, "a federal court's warrant"),
    ("MC 200", None, "a state court's"),
    ("", None, "nothing"),
    ("I-", None, "nearly nothing"),
]

TITLES = [
    ("District Judge", True, "a judge"),
    ("Hon. Jane Roe, JUDGE", True, "a judge"),
    ("United States Magistrate Judge", True, "a magistrate judge"),
    ("Chief Justice", True, "a justice"),
    ("Justice of the Peace", True, "a justice"),
    ("Magistrate", True, "a magistrate"),
    ("Court Commissioner", True, "commissioner of a court"),
    ("Commissioner of the Superior Court", True, "commissioner of a court"),
    ("Commissioner", False, "of what?"),
    ("Police Commissioner", False, "not of a court"),
    ("Commissioner of Customs", False, "not of a court"),
    ("Immigration Judge", False, "an officer of a department"),
    ("IMMIGRATION JUDGE (EOIR)", False, "an officer of a department"),
    ("Judge's Clerk", False, "works for a judge"),
    ("Judge Advocate", False, "an officer"),
    ("Hearing Officer", False, "no judge"),
    ("Department of Justice", False, "no judge"),
    ("Deportation Officer", False, "no judge"),
    ("Prejudged", False, "only holds the letters"),
    ("Judgement Clerk", False, "only holds the letters"),
    ("", False, "nothing"),
    (None, False, "nothing"),
]

AGENCIES = [
    ("ICE", True, "itself"),
    ("I.C.E.", True, "with dots"),
    ("ice - ero detroit", True, "with its office"),
    ("DHS/ICE/ERO", True, "between slashes"),
    ("U.S. Immigration & Customs Enforcement", True, "with an ampersand"),
    ("US IMMIGRATION AND CUSTOMS ENFORCEMENT", True, "in capitals"),
    ("JUSTICE", False, "ICE only as letters"),
    ("Justice Department", False, "ICE only as letters"),
    ("POLICE", False, "ICE only as letters"),
    ("Lansing Police Office", False, "ICE only as letters"),
    ("FORT COLLINS", False, "INS only as letters"),
    ("WIGGINS", False, "INS only as letters"),
    ("Wiggins Police Service", False, "both only as letters"),
    ("Juice Bar", False, "ICE only as letters"),
    ("", False, "nothing"),
    (None, False, "nothing"),
]


@pytest.mark.parametrize(("form", "kind", "because"), FORMS)
def test_a_form_decides_what_a_paper_is(form, kind, because):
    assert kind_of_form(form) == kind, because
    assert kind_of_form(form.lower()) == kind, because


@pytest.mark.parametrize("label", ["charge", "agency_hold", "judicial_warrant", "notification_request"])
def test_the_form_counts_when_the_label_says_otherwise(label):
    paper = classify(placed("H", 0, label, form="I-247A"), AUTHORITIES)
    assert (paper.hold_class, paper.mislabelled) == (HoldClass.IMMIGRATION, True)


def test_the_label_counts_when_the_form_says_nothing():
    assert classify(placed("H", 0, "charge", form="MC 200"), AUTHORITIES).hold_class is HoldClass.LOCAL


@pytest.mark.parametrize(("title", "expected", "because"), TITLES)
def test_a_title_is_a_judicial_office_when_it_is_one(title, expected, because):
    assert is_judicial_office(title) is expected, because


@pytest.mark.parametrize(
    ("said", "hold_class", "because"),
    [
        ({}, HoldClass.JUDICIAL, "a court and a judge"),
        ({"court": None}, HoldClass.NONE, "no court"),
        ({"court": "  "}, HoldClass.NONE, "no court"),
        ({"official_title": "Clerk"}, HoldClass.NONE, "no judge"),
        ({"court": "Detroit Immigration Court"}, HoldClass.IMMIGRATION, "a court of the department"),
        ({"official_title": "Immigration Judge"}, HoldClass.IMMIGRATION, "a judge of the department"),
        ({"court": None, "agency": "ICE"}, HoldClass.IMMIGRATION, "issued by an immigration authority"),
        ({"agency": "ICE"}, HoldClass.JUDICIAL, "a judge's warrant that an agency brought"),
    ],
)
def test_a_warrant_is_valid_when_court_and_office_are(said, hold_class, because):
    paper = classify(warrant(0, **said), AUTHORITIES)
    assert (paper.hold_class, paper.mislabelled) == (hold_class, hold_class is not HoldClass.JUDICIAL), because


@pytest.mark.parametrize("pack", shipped_packs())
@pytest.mark.parametrize(("name", "expected", "because"), AGENCIES)
def test_an_agency_is_known_by_whole_words(name, expected, because, pack):
    assert load(pack).parameters.immigration_authorities.has_name(name) is expected, because


def test_a_listed_exception_counts_when_a_name_holds_a_listed_word():
    directory = Directory(names=("DHS",), not_names=("Massachusetts DHS",))
    assert directory.has_name("DHS Detroit")
    assert not directory.has_name("massachusetts d.h.s.")


@pytest.mark.parametrize(
    ("ori", "expected"), [("vtice0900", True), (" VT ICE0900", True), ("VTICE09001", False), ("", False)]
)
def test_an_ori_is_known_when_only_case_and_spaces_differ(ori, expected):
    assert PARAMETERS.immigration_authorities.has_ori(ori) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("I.C.E. & C.B.P.", ("ice", "cbp")),
        ("\uff29\uff23\uff25", ("ice",)),
        ("a_b-c", ("abc",)),
        ("of the and", ()),
        ("", ()),
    ],
)
def test_a_name_is_cut_into_comparable_words(name, expected):
    assert words(name) == expected


def test_a_court_is_none_when_it_is_an_immigration_court():
    assert is_court("54-A District Court", AUTHORITIES)
    assert not is_court("Executive Office for Immigration Review", AUTHORITIES)
    assert form_number("Form I-247A (02/17)") == "I-247A"
