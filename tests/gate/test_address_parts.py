"""What an address, a site or the name of a machine says, one rule at a time."""

import pytest

from integration.domain.messages.addresswords import runs_together, signs_in
from integration.domain.messages.people import Person, Roster
from schemas.kinds import Category

ROSTER = Roster([Person("Quillfeather", "Juan", None, "2026-00417")])
TIME, GOING, NAME = "time_in_address", "going_in_address", "roster_name_in_address"


def said(text: str, *, certain: bool = False) -> set[str]:
    found = signs_in(text, ROSTER, certain=certain)
    assert all(isinstance(category, Category) for category, _ in found)
    return {name for _, name in found}


ADDRESSES = [
    ("jane.roe@lansing.example", set(), "a name"),
    ("released@x.example", {"release_words"}, "a word that tells"),
    ("x@released.example", {"release_words"}, "wherever it stands"),
    ("juan_released@x.example", {"release_words"}, "behind a line"),
    ("juan+released@x.example", {"release_words"}, "as a tag"),
    ("released7@x.example", {"release_words"}, "before a digit"),
    ("7released@x.example", {"release_words"}, "behind one"),
    ("roe0730@x.example", set(), "a badge's number, run into a name"),
    ("roe.0730@x.example", {TIME}, "four digits alone are a time"),
    ("roe.2359@x.example", {TIME}, "the last of a day"),
    ("roe.1859@x.example", {TIME}, "before the years"),
    ("roe.1999@x.example", set(), "a year is none"),
    ("roe.2026@x.example", set(), "nor is this"),
    ("roe.0760@x.example", set(), "nor are more than 59 minutes"),
    ("roe.2459@x.example", set(), "nor a later hour"),
    ("roe_0730@x.example", {TIME}, "behind a line, too"),
    ("roe.10730@x.example", set(), "five digits are none"),
    ("tuesday@x.example", {TIME}, "a day"),
    ("sun.li@x.example", set(), "one that people are called like"),
    ("out@x.example", {GOING}, "a word of going"),
    ("lobby@x.example", {GOING}, "another"),
    ("juan.quillfeather@x.example", {NAME}, "somebody on the roster"),
    ("juanquillfeather@x.example", {NAME}, "run together"),
    ("juan.quill@x.example", set(), "half of one"),
    ("citizen@x.example", set(), "a word of status says nothing of a person"),
    ("booking.release.custody@jail.example", set(), "words of offices"),
    ("releasedtuesday@x.example", {TIME}, "words run together"),
    ("x" * 400, set(), "as long as an address may be"),
    ("x" * 401, {"long_address"}, "longer"),
    ("517-555-0100@x.example", {"telephone_number"}, "a number"),
    ("book12345@x.example", set(), "an account"),
    ("release1800@x.example", {TIME}, "a time right behind what happens then"),
    ("roe.6am@x.example", {TIME}, "a time with its half of the day"),
    ("roe.12pm@x.example", {TIME}, "at noon"),
    ("roe.1159pm@x.example", {TIME}, "with its minutes"),
    ("roe.13pm@x.example", set(), "no hour has such a half"),
    ("roe.6ams@x.example", set(), "a word that only begins so"),
    ("x6am@x.example", set(), "one that only ends so"),
    ("walks.march.3@x.example", {"time_beside_custody"}, "a date beside a word of going"),
    ("juan.123-45-6789@x.example", {"social_security_number"}, "a social security number"),
    ("123.45_6789@x.example", {"social_security_number"}, "with other signs"),
    ("123-45-67890@x.example", set(), "one digit more"),
    ("9123-45-6789@x.example", set(), "one before it"),
    ("123456789@x.example", set(), "nine digits of an account"),
    ("xlunes@x.example", set(), "a day in a word"),
    ("lunes7@x.example", {TIME}, "a day before a digit"),
    ("kicked.loose@x.example", {"release_words"}, "a phrase of two words"),
    ("26-cr-1934@x.example", set(), "a case"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "because"), ADDRESSES, ids=[row[2] for row in ADDRESSES])
def test_an_address_says_what_its_words_say(text, expected, because):
    found = said(text)
    assert expected <= found, because
    assert bool(found) is bool(expected), (found, because)


@pytest.mark.parametrize(
    ("text", "expected", "because"),
    [
        ("roe.0730@x.example", set(), "its own number"),
        ("517-555-0100@x.example", set(), "its own telephone"),
        ("juan.quillfeather@x.example", set(), "its own name"),
        ("roe.6am@x.example", set(), "its own number and letters"),
        ("walks.march.3@x.example", set(), "a month that somebody is called by"),
        ("juan.123-45-6789@x.example", set(), "its own account"),
        ("release1800@x.example", {TIME}, "but not a time right behind what happens then"),
        ("released@x.example", {"release_words"}, "but not a word that tells"),
        ("tuesday@x.example", {TIME}, "nor a day"),
        ("lobby@x.example", {GOING}, "nor a word of going"),
        ("releasedtuesday@x.example", {TIME}, "nor words run together"),
    ],
)
def test_an_address_of_the_envelope_is_called_as_it_is(text, expected, because):
    assert expected <= said(text, certain=True), because
    assert bool(said(text, certain=True)) is bool(expected), because


DAYS = """
monday mondays tuesday wednesday thursday friday saturday sunday tomorrow tonight tonite tmrw tmw noon midnight lunes
martes miercoles jueves viernes sabado domingo lundi mardi mercredi jeudi vendredi samedi dimanche montag dienstag
mittwoch donnerstag freitag samstag sonntag
""".split()


@pytest.mark.parametrize("word", DAYS)
def test_every_word_for_a_time_is_one_in_an_address(word):
    assert TIME in said(f"{word}@x.example")
    assert TIME in said(f"x.{word.title()}@x.example")
    assert TIME in said(f"{word}7.x@x.example")
    assert TIME in said(f"{'-'.join(word)}@county.example"), "spelled apart"


@pytest.mark.parametrize("word", "out outs lobby curb sallyport pickup sale leaving leaves".split())
def test_every_word_of_going_is_one_in_an_address(word):
    assert GOING in said(f"{word}@x.example")
    assert GOING not in said(f"{word}x@x.example")


INSIDE = """
released releasing sallyport tomorrow tonight monday tuesday wednesday thursday friday saturday sunday incarcerat
detained incustody pickup pickhim walksout bondsout gettingout letout custody7 custodian7
""".split()


@pytest.mark.parametrize("word", INSIDE)
def test_a_word_that_was_run_together_is_searched_for_every_part(word):
    assert runs_together(f"quexquex{word}")
    assert runs_together(f"a.quexquex{word}.example")
    assert runs_together(f"QUEXQUEX{word.upper()}")


@pytest.mark.parametrize(
    ("text", "expected", "because"),
    [
        ("mondayschool", False, "a day that goes on is a word"),
        ("mondayschool7", False, "also before a digit elsewhere"),
        ("quexmonday7", True, "a day before a digit"),
        ("xpickup", False, "seven letters are a word like others"),
        ("xxpickup", False, "eight, too"),
        ("xxxpickup", True, "nine may be run together"),
        ("pickup", True, "the part alone"),
        ("friday", True, "a day alone"),
        ("quexcustody", False, "an office"),
        ("lansing-police", False, "ordinary words"),
        ("pick-up", False, "words apart are words"),
        ("lockedup", True, "words of which none is a part of its own"),
        ("lockedup.county", True, "beside an ordinary one"),
        ("lunes.county", True, "a day in another language"),
        ("mondays", True, "a day in the plural"),
        ("noon7", False, "a word of few letters and a digit"),
        ("", False, "nothing"),
    ],
)
def test_words_are_run_together_or_are_not(text, expected, because):
    assert runs_together(text) is expected, because


OFFICES = """
address addresses age ages am annex assault bail barracks battery block bond bonds booking bookings bookins breakfast
building burglary careers charge charges charging child children childrens church city classification clerk clerks
clinic cob commissary contact correctional corrections county court courthouse courts custody daily defender defenders
deliveries delivery dental department dept deputy detainee detainer detainers detention detentions dinner discharge
dispatch division docket dockets door driver drivers drug drugs elementary email emergency employ employee employees
employer employment extradition extraditions facilities facility families family fax fbi felony female fines
fingerprint fingerprints forensic free freedom fri fugitive gang gangs gaol garage gate gates gender go hair harbor
head health hearing hearings home homeless homes hospital hourly house housing hr human identification infirmary info
information inmate inmates intake intakes interpreter jail jails job jobs judge judges jury kids kiosk kitchen legal
liberty licence license licenses licensing livescan lock lunch magistrate mail male marshal marshals media medical
mental min misdemeanor mobile mon mosque mugshots narcotics news nurse office parole phone photo photograph
photographs photos plate plates pm pod police population prelim press pretrial prison prisoner prisons probation
process processed processing public race ready record records release releases religion religious resources robbery
roster sat school schools segregation sentence sentencing service services sex shelter sheriff sid soc social solitary
sun telephone theft thu tom town transfer transfers transit transport transportation transports trial truck trustee
trustees tue unit usms vehicle vehicles victim victims village visitation visits warrant warrants wed weekly work
worker workers works
""".split()


def test_words_that_offices_are_called_by_say_nothing():
    assert len(OFFICES) == len(set(OFFICES)) > 240
    assert [word for word in OFFICES if said(f"{word}@{word}.example")] == []


def test_words_that_offices_are_called_by_hide_nothing():
    assert [word for word in OFFICES if said(f"kicked.{word}.loose@x.example") != {"release_words"}] == []


@pytest.mark.parametrize("word", "nobody perez x77x".split())
def test_other_words_between_two_make_no_phrase(word):
    assert said(f"kicked.{word}.loose@x.example") == set()


EVENTS = """
release releases released discharge discharged pickup transport transports court hearing hearings
""".split()


@pytest.mark.parametrize("word", EVENTS)
def test_a_time_right_behind_what_happens_is_one_whoevers_address_it_is(word):
    for text in (f"{word}1800", f"{word}.0730", f"{word.upper()}_2359"):
        assert TIME in said(f"{text}@x.example", certain=True), text


@pytest.mark.parametrize("word", [word for word in EVENTS if word not in {"released", "pickup"}])
def test_a_number_behind_what_happens_is_no_time_when(word):
    # "released" and "pickup" tell with any number, or none.
    for text in (f"{word}2400", f"{word}1860", f"{word}18000", f"x{word}1800", f"{word}--1800"):
        assert TIME not in said(f"{text}@x.example", certain=True), text
