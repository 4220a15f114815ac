"""What may be a person's name, and where a name may stand in a statement of status."""

import pytest

from integration.domain.messages.names import PARTICLES, are_joined, may_belong, may_name, stands_as_subject
from integration.domain.messages.words import cut

NAMES = [
    ("Juan Perez", True, "two words"),
    ("JUAN PEREZ", True, "in capitals"),
    ("Juan", True, "one word"),
    ("Ana Maria Lopez Garcia Diaz", True, "five words"),
    ("Ana Maria Lopez Garcia Diaz Gil", False, "six"),
    ("", False, "none"),
    ("juan perez", False, "small letters"),
    ("Juan perez", False, "one of them small"),
    ("Juan de la Cruz", True, "but for particles"),
    ("de la", False, "which are no name alone"),
    ("Juan C", True, "an initial"),
    ("J C", False, "initials alone"),
    ("J", False, "one letter"),
    ("Juan7", False, "a digit"),
    ("O'Brien", True, "an apostrophe"),
    ("D'Out", True, "inside a word"),
    ("Young-Soo Kim", True, "a hyphen"),
    ("Young- Kim", False, "that ends a word"),
    ("Abcdefghijklmnopqrst", True, "20 letters"),
    ("Abcdefghijklmnopqrstu", False, "21"),
    ("Juan Released", False, "a word that tells"),
    ("Released Juan", False, "wherever it stands"),
    ("Juan Tuesday", False, "a time"),
    ("Dawn Lopez", True, "a time that people are called by"),
    ("Lopez Dawn", True, "wherever it stands"),
    ("Juan White", True, "a colour that people are called by"),
    ("Jordan Smith", True, "a country that people are called by"),
    ("West Hall", False, "two such words are a place"),
    ("Mark Hall", True, "but for a name that is given"),
    ("Labor Day", False, "words that tell together"),
    *((f"Juan {word}", False, "a word of every kind that tells") for word in
      "Rlsd Departure Birthplace Prisoner Facility Duration Courthouse Domicile Workplace Birthday Tonite".split()),
    ("Juan Labor Day", False, "also behind a name"),
    ("Juan Sixam", False, "words that were run together and tell"),
    ("Juan Of", False, "a joining word"),
    ("Juan Ou't", False, "one that an apostrophe hides"),
    ("Xi Wu", True, "short names"),
    ("\u00c1ngel N\u00fa\u00f1ez", True, "other letters"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "because"), NAMES, ids=[row[2] for row in NAMES])
def test_words_may_be_a_name_when_none_of_them_tells_anything(text, expected, because):
    assert may_name(text.split()) is expected, because


HOURS = "one two three four five six seven eight nine ten eleven twelve noon midnight".split()
TENS = "fifteen twenty thirty forty fortyfive fifty hundred oclock am pm ish hrs hours sharp".split()
DAYS = """
monday tuesday wednesday thursday friday saturday sunday tomorrow tonight tmrw today
""".split()
GOES = """
out getout getsout walk walks walksout walking leave leaves leaving leftjail bonded bondedout bailed bailedout kickedout
letout freed freeat goneat release released pickup pickhimup gethim comeget
""".split()
ALONE = """
bondedout bailedout kickedout gettingout walksout leavesat leavestoday stillhere stillin stillincustody incustody injail
inourjail lockedup bookedin heldhere
""".split()
PLACES = "one two three four five six seven eight nine ten a b c d e f g h".split()
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth".split()
JOINED = [
    *(f"{hour}am" for hour in HOURS), *(f"at{hour}" for hour in HOURS), *(f"monday{hour}" for hour in HOURS),
    *(f"six{tens}" for tens in TENS), *(f"atsix{tens}" for tens in TENS), "sixthirtypm", "pastsixpm", "halfpastsixish",
    *(f"{day}{rest}" for day in DAYS for rest in ("six", "atsix", "am", "pm", "morning", "night", "noon")),
    *(f"{goes}{rest}" for goes in GOES for rest in ("six", "atsix", "bysix", "monday", "onmonday")),
    "walkingsixpm", "walksixpm", "leavesixpm", "atonepm",
    "outsixpm", "bondedmondaynoon", "stilloutatsixpm", "byfiveoclock", "onmondayam",
    *ALONE, *(f"{room}{place}" for room in ("cell", "pod", "block") for place in PLACES),
    *(f"{tens}{ordinal}" for tens in ("twenty", "thirty") for ordinal in ORDINALS),
]  # fmt: skip
ONE_WORD = """
six noon monday today out released bonded Cellini podesta blocker atlas outman freedman walker pickett sixto monday's
onyx bydand halfon stillman twentyman incustodyx xincustody sixamx xsixam
""".split()


@pytest.mark.parametrize("first", range(10))
def test_words_that_tell_are_known_when_they_were_run_together(first):
    for word in JOINED[first::10]:
        assert are_joined(word), word
        assert not may_name(["Juan", word.title()]), word
        assert not are_joined(f"{word}x"), word
        assert not are_joined(f"xx{word}"), word


@pytest.mark.parametrize("word", ONE_WORD)
def test_a_word_is_one_when_nothing_that_tells_was_run_together(word):
    assert not are_joined(word)


def test_a_word_that_means_something_else_may_belong_to_the_name_beside_it():
    assert may_belong("Jordan")
    assert may_belong("HALL")
    for word in ("jordan", "Mexico", "Released", "", "7"):
        assert not may_belong(word)


def test_particles_are_known():
    assert set("de del la las los da dos das di van von der bin al el y".split()) == PARTICLES


BEFORE = """
of for re regarding concerning about that subject individual person applicant named name mr mrs ms mx dr is surname
respondent national citizen client party beneficiary de para
""".split()
AFTER = """
is was has holds hold remains became appears claims claimed possesses declared declares entered obtained and or es tiene
citizenship immigration status nationality visa country alien filenumber visaclass
""".split()


def subject(text: str, first: int, after: int) -> bool:
    return stands_as_subject(text, cut(text), first, after)


@pytest.mark.parametrize("word", BEFORE)
def test_a_name_stands_behind_every_word_that_names_somebody(word):
    for text in (f"{word} Juan Perez", f"{word} Juan Perez said", f"yes {word} Juan Perez said"):
        at = text.split().index("Juan")
        assert subject(text, at, at + 2), text
    assert not subject(f"{word}x Juan Perez said", 1, 3)


@pytest.mark.parametrize("word", AFTER)
def test_a_name_stands_before_every_word_that_tells_a_status(word):
    assert subject(f"Juan Perez {word} so", 0, 2)
    assert subject(f"said: Juan Perez {word} so", 1, 3)
    assert not subject(f"Juan Perez {word}x so", 0, 2)
    assert not subject(f"said: Juan Perez {word}x so", 1, 3)


@pytest.mark.parametrize("mark", ": , ; / ( [ | = -".split())
def test_a_name_is_set_off_by_every_mark(mark):
    assert subject(f"Juan Perez {mark} refugee", 0, 2)
    assert subject(f"refugee {mark} Juan Perez", 1, 3)
    assert subject(f"refugee {mark} Juan Perez {mark} so", 1, 3)
    assert not subject(f"refugee {mark} Juan Perez so", 1, 3)


@pytest.mark.parametrize(
    ("text", "first", "after", "expected", "because"),
    [
        ("Juan Perez", 0, 2, True, "alone"),
        ("Juan Perez.", 0, 2, True, "with a stop"),
        ("Juan Perez said", 0, 2, False, "before any other word"),
        ("Juan Perez said: so", 0, 2, False, "whatever is set off behind it"),
        ("Perez, Juan said", 0, 2, False, "or inside it"),
        ("said Juan Perez", 1, 3, False, "behind any other word"),
        ("said Juan Perez is", 1, 3, False, "whatever follows"),
        ("said. Juan Perez", 1, 3, False, "a stop sets nothing off"),
        ("said: Juan", 1, 2, True, "one word"),
    ],
)
def test_a_name_is_the_subject_where_it_stands(text, first, after, expected, because):
    assert subject(text, first, after) is expected, because
