"""What each detector sees by itself, at its borders, and every word of its tables."""

from datetime import date

import pytest

from integration.domain.folding import reading
from integration.domain.messages import detectors
from integration.domain.messages.content import _look
from integration.domain.messages.detectors import DETECTORS, Look, leaves_over
from integration.domain.messages.people import NOBODY, Person, Roster
from integration.domain.messages.words import cut
from schemas.kinds import Category

HAD_SOMEBODY = (Category.CUSTODY_STATUS, "having_somebody")
ROSTER = Roster([Person("Quillfeather", "Juan", date(1990, 3, 5), "2026-00417")])


def look(text: str) -> Look:
    return _look(reading(text), ROSTER)


def seen(name: str, text: str) -> set[str]:
    """What one detector says of a text, each sign by its name."""
    [detector] = [each for each in DETECTORS if each.__name__ == name]
    return {sign for category, sign in detector(look(text)) if category is not None}


def test_every_detector_is_asked():
    names = "phrases times numbers files having getting handing people queries lists"
    assert [each.__name__ for each in DETECTORS] == [f"by_{name}" for name in names.split()]


PHRASES = [
    ("released", {"release_words"}),
    ("in custody", {"custody_words"}),
    ("12 days left", {"length_words"}),
    ("arraigned", {"hearing_words"}),
    ("his home address", {"home_words"}),
    ("works at", {"work_words"}),
    ("date of birth", {"personal_words"}),
    ("born in Mexico", {"birthplace_words"}),
    ("citizen", {"status_words"}),
    ("released citizen", {"release_words", "status_words"}),
    ("this office", set()),
    ("leaves tomorrow", set()),
    ("onsite", set()),
]


@pytest.mark.parametrize(("text", "expected"), PHRASES)
def test_a_phrase_says_what_it_is_listed_for(text, expected):
    assert seen("by_phrases", text) >= expected
    assert bool(seen("by_phrases", text)) is bool(expected)


@pytest.mark.parametrize("text", [row[0] for row in PHRASES])
def test_no_detector_says_anything_without_a_category(text):
    # Whatever a phrase is listed for besides, such as being a time.
    assert [sign for detector in DETECTORS for sign in detector(look(text)) if sign[0] is None] == []


ALONE, BESIDE = "time_alone", "time_beside_custody"
TIMES = [
    ("7:30", {ALONE}, "a time"),
    ("tomorrow", {ALONE}, "a word for one"),
    ("7:30 x x x x", {ALONE}, "among six words"),
    ("7:30 x x x x x", set(), "among seven"),
    ("tomorrow x x x x x", {ALONE}, "among six, a word"),
    ("tomorrow x x x x x x", set(), "among seven, a word"),
    ("tomorrow citizen", set(), "beside a status, which has a date"),
    ("7:30 valid", set(), "beside a word that has one"),
    ("out at 7:30", {ALONE, BESIDE}, "beside a word of going"),
    ("onsite 7:30", {ALONE, BESIDE}, "of being there"),
    ("in custody 7:30", {ALONE, BESIDE}, "of custody"),
    ("released 7:30", {ALONE, BESIDE}, "of release"),
    ("his wife 7:30", {ALONE}, "of another kind"),
    ("out x x x x x x x 7:30", {BESIDE}, "eight words apart"),
    ("out x x x x x x x x 7:30", set(), "nine"),
    ("7:30 x x x x x x out", {BESIDE}, "eight behind it"),
    ("7:30 x x x x x x x out", set(), "nine behind it"),
    ("tomorrow x x x x x x x out", {BESIDE}, "a word, eight before"),
    ("tomorrow x x x x x x x x out", set(), "nine before"),
    ("out x x x x x x x x 7:30 x x x x x x out", {BESIDE}, "the second word of going is near"),
    ("7:30 x x x x x x x x x x 8:30 x out", {BESIDE}, "the second time is near"),
    ("8:30 x x out x x x x x x x x x x x x x x x x x tomorrow", {BESIDE}, "the first time is near, the word is not"),
    ("tomorrow x x x x x x x x x x x x x x x x out 8:30", {BESIDE}, "the word is not, the time is"),
    ("out x x x x x x", set(), "no time"),
    ("out x", set(), "no time among few words"),
    ("cob x", {ALONE}, "a word that may be a time and something else"),
    ("tomorrow out x x x x x x x x x x 8:30", {BESIDE}, "the word is near, the time is not"),
    ("out out x x x x x x x x x x 7:30 out", {BESIDE}, "the third word of going is near"),
]


@pytest.mark.parametrize(("text", "expected", "because"), TIMES, ids=[row[2] for row in TIMES])
def test_a_time_is_somebodys_when_hardly_more_is_said_or_a_word_of_going_is_near(text, expected, because):
    assert seen("by_times", text) == expected, because


@pytest.mark.parametrize(
    "word", "valid expires expired expiration since admitted entered granted issued naturalized".split()
)
def test_a_time_is_that_of_a_status_beside_every_word_of_one_that_has_a_date(word):
    assert seen("by_times", f"{word} 3/5/2020") == set()
    assert seen("by_times", f"{word}x 3/5/2020") == {ALONE}


STREETS = """
street st avenue ave road rd drive dr lane ln boulevard blvd court ct place pl way circle cir terrace ter trail trl
highway hwy parkway pkwy square sq alley loop run row
""".split()
NUMBERS = [
    *((f"12 elm {street}", "street_address") for street in STREETS),
    *((f"1234 {way} elm st", "street_address") for way in ("n", "s.", "e", "w", "north", "south", "east", "west")),
    *((f"12 {way} rd", "street_address") for way in ("north", "south", "east", "west", "n", "s", "e", "w")),
    ("123456 elm grove hill park st", "street_address"),
    ("12-34a elm st", "street_address"),
    ("12 st. john's o'neil st", "street_address"),
    ("n elm grove park hill st", ""),
    ("12 elm stx", ""),
    ("1234567 elm st", ""),
    ("12 elm", ""),
    ("123-45-6789", "social_security_number"),
    ("123-45-67890", ""),
    ("123-45-6789-1", ""),
    ("(517) 555-0100", "telephone_number"),
    ("517-555-0100", "telephone_number"),
    ("517. 555.0100", "telephone_number"),
    ("517 555 0100", "telephone_number"),
    ("5175550100", "telephone_number"),
    ("517-555-01001", ""),
    ("51755501001", ""),
    *((f"26-{kind}-1234", "docket_number") for kind in "cr cv fh fc sm st sd fy ft om ot cm mj".split()),
    ("2026CR12", "docket_number"),
    ("26xx1234", ""),
    *((f"{unit} 4b", "unit_number") for unit in "apt apartment unit ste suite lot trlr".split()),
    ("apt. # 12", "unit_number"),
    ("unit #7", "unit_number"),
    ("apt 123456", ""),
    ("apt b", ""),
    ("P.O. Box 7", "unit_number"),
    ("PO Box 7", "unit_number"),
    ("p o box 7", "unit_number"),
    ("po box seven", ""),
    *(
        (f"{word} 12345", "booking_number")
        for word in "bkg booking bk book inmate jail so jacket spn pin mni arrest".split()
    ),
    ("booking number: 2026-1", "booking_number"),
    ("booking no. 2026", "booking_number"),
    ("booking num #20261", "booking_number"),
    ("inmate id 20261", "booking_number"),
    ("inmate # 20261", "booking_number"),
    ("so 123", ""),
    ("so abcd", ""),
    ("MI 48910", "zip_code"),
    ("x MI, 48910-1234", "zip_code"),
    ("mi 48910", ""),
    ("MI 4891", ""),
    ("MI 489101", ""),
]


@pytest.mark.parametrize(("text", "expected"), NUMBERS)
def test_a_number_is_known_by_its_form(text, expected):
    assert seen("by_numbers", text) == ({expected} if expected else set())
    assert seen("by_numbers", f"see: {text}") == ({expected} if expected else set())


FILES = [
    *((f"{kind}1234567890", True) for kind in "eac wac lin src msc nbc ioe ysc".split()),
    ("EAC-1234567890", True),
    ("EAC123456789", False),
    ("EAC12345678901", False),
    ("A012345678", True),
    ("a 012 345 678", True),
    ("A#: 12-345-678", True),
    ("A01234567", True),
    ("A0123456", False),
    ("A0123456789", False),
    ("B012345678", False),
    ("H-1B", True),
    ("h1b", True),
    ("F1", True),
    ("x F-1 x", True),
    ("TN-1", False),
    ("X-9", False),
    ("F-12x9", False),
    ("visa F", False),
]


@pytest.mark.parametrize(("text", "expected"), FILES)
def test_a_file_number_or_a_class_of_visa_is_known(text, expected):
    signs = {"file_number_or_visa_class"} if expected else set()
    assert seen("by_files", text) == signs
    assert seen("by_files", f"the file: {text}") == signs


PERSONS = (
    "national citizen alien immigrant refugee asylee resident person individual subject parolee noncitizen".split()
)
HAVING = """
has have had got hold holds with keep keeps bring bringing brought respond report reports reported verify new another
""".split()


@pytest.mark.parametrize("word", [*PERSONS, *(f"{each}s" for each in PERSONS)])
def test_somebody_is_had_or_handed_over_whatever_he_is_called(word):
    handed = {"handing_somebody"} if not word.startswith("parolee") else set()
    assert seen("by_having", f"Lansing has a Mexican {word}") == {"having_somebody"}
    if word.startswith(("person", "individual", "subject")):
        assert seen("by_handing", f"attached is the Mexican {word}") == handed
    else:
        assert seen("by_handing", f"attached is the Mexican {word}") == handed
        assert seen("by_handing", f"The Mexican {word} is enclosed") == handed
    assert seen("by_having", f"Lansing has a {word}x") == set()


@pytest.mark.parametrize("word", [each for each in HAVING if len(each) > 2])
def test_somebody_is_had_by_every_word_of_having(word):
    assert seen("by_having", f"{word} a Mexican citizen") == {"having_somebody"}
    assert seen("by_having", f"{word}x a Mexican citizen") == set()


HAD = [
    ("has {} citizen", set("for on a an one two three the this our your another some".split()), True),
    ("has {} citizen", set("is was are were that not no of whether if".split()), False),
    ("has been {} citizen", {"a", "an", "a naturalized"}, False),  # it is what somebody is, not whom somebody has
    ("has been {} citizen", {"the", "keeping a", "another"}, True),
    ("has status as {} citizen", {"a", "the"}, False),
    ("has status assigned {} citizen", {"a"}, True),
    ("has a citizen {}", set("status card visa number registration".split()), False),
    ("has a citizen {}", {"of record", "in our", "on file", "here", "of Mexico"}, None),
]


def test_somebody_is_had_in_every_form():
    for text, words, expected in HAD:
        for word in words:
            told = expected if expected is not None else word in {"here", "of Mexico"}
            assert bool(seen("by_having", text.format(word))) is told, (text, word)
    assert seen("by_having", "has for a very small new citizen") == {"having_somebody"}
    assert seen("by_having", "has for a very small but old citizen") == set()
    assert seen("by_having", "has a citizen, he said") == {"having_somebody"}
    assert seen("by_having", "has a citizen , he said") == set()


HANDED = [
    *((f"{word} {between} citizen", True, "in every form")
      for word in ("attached", "enclosed")
      for between in ("please find the", "is a", "are two", "one", "an", "our", "your", "the very small Mexican")),
    ("attached is citizen", False, "without an article"),
    ("attached is the very small old Mexican citizen", False, "four words between"),
    *((f"attached is the citizen {thing}", False, "a thing that is called so")
      for thing in "status card visa number registration record records letter form file response information request "
      "id".split()),
    ("attached is the citizen's", False, "what belongs to somebody"),
    ("unattached is the citizen", False, "in a longer word"),
    ("attached is the citizen here", True, "anything else"),
    ("The citizen is attached", True, "with an article"),
    ("citizen enclosed", False, "without a verb"),
    ("Citizens are enclosed", True, "several"),
    ("x. Our Mexican citizen, Juan, is enclosed", True, "behind a stop"),
    ("x: an old Mexican citizen Juan Carlos Perez Diaz are attached", True, "four words of a name"),
    ("x: an old Mexican citizen Juan Carlos Perez Diaz Gil are attached", False, "five"),
    ("x: an old poor Mexican citizen is attached", False, "three words before"),
    ("x the citizen is attached", True, "two words of a sentence"),
    ("we have seen the citizen is attached", False, "in the middle of a sentence"),
    *((f"The citizen {thing} is attached", False, "a thing is attached") for thing in
      ("status", "card", "record", "form", "file")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "because"), HANDED, ids=[row[0] for row in HANDED])
def test_somebody_is_handed_over_and_a_record_is_not(text, expected, because):
    assert bool(seen("by_handing", text)) is expected, because


def test_other_letters_hide_nobody():
    # An apostrophe or a letter without case may stand in the word.
    assert seen("by_having", "Lansing has a cit\u0131zen") == {"having_somebody"}
    assert seen("by_handing", "attached is the cit\u0131zen") == {"handing_somebody"}
    for text in (
        "Lansing has a cit\u0131zen",
        "Lansing has a CITIZEN, \u0130",
    ):  # Not folded; the second is cut as it is.
        assert list(detectors.by_having(Look(text, cut(text), [], [], NOBODY))) == [HAD_SOMEBODY]
    assert seen("by_having", f"Lansing has a {' '.join(PERSONS)}") == {"having_somebody"}
    assert {detectors._PERSONS[at] for at in range(len(detectors._PERSONS))} >= {"asyle", "refuge", "parole"}


def test_people_of_the_roster_are_told_by_birth_date_or_booking():
    assert seen("by_people", "Juan Quillfeather") == set()
    assert seen("by_people", "Juan Quillfeather 3/5/1990") == {"roster_birth_date"}
    assert seen("by_people", "2026-00417") == {"roster_booking_number"}


def test_queries_and_lists_are_told():
    assert seen("by_queries", "the alien query") == {"custody_query"}
    assert seen("by_queries", "NAM/PEREZ.DOB/19900203.SEX/M") == {"network_message"}
    assert seen("by_queries", "hello") == set()
    assert seen("by_lists", "Foreign Born Inmate Report") == {"foreign_born_words"}
    assert seen("by_lists", "Perez, MX\nLopez, HN\nDiaz, GT") == {"foreign_born_list"}
    assert seen("by_lists", "hello") == set()


FILLERS = frozenset({"the", "of"})
LEFT = [
    ("the of", False, "words that count for nothing"),
    ("", False, "none"),
    ("the van", True, "another"),
    ("released", False, "a phrase that is listed for a category"),
    ("the released", False, "behind a word that counts for nothing"),
    ("charged", False, "a phrase that is listed for a category and as being there"),
    ("van released", True, "behind another"),
    ("released van", True, "before another"),
    ("released van released", True, "between two"),
    ("released 7:30", False, "a time"),
    ("Juan Quillfeather released", False, "a name that is known"),
    ("this office", True, "a phrase that is listed for none"),
    ("pick him up van", True, "a phrase of several words"),
    ("pick him up", False, "alone"),
]


@pytest.mark.parametrize(("text", "expected", "because"), LEFT, ids=[row[2] for row in LEFT])
def test_a_word_is_left_over_when_nothing_has_named_it(text, expected, because):
    assert leaves_over(look(text), FILLERS) is expected, because


def test_days_and_phrases_are_given_once():
    twice = look("released released 3/5/1990 and 2026-03-05")
    assert len(list(twice.said)) == 1
    assert twice.days == {date(1990, 3, 5), date(1990, 5, 3), date(2026, 3, 5)}
    assert twice.places(lambda sign: sign[1] == "release_words") == [0, 1]
    assert twice.places(lambda sign: sign[1] == "custody_words") == []
