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
    ],
)
def test_words_are_run_together_or_are_not(text, expected, because):
    assert runs_together(text) is expected, because
