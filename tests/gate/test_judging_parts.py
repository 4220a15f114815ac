"""What one view gives away by the place where it stands, and what several of them give away together."""

from datetime import date

import pytest

from integration.domain.messages.content import categories_in, judge
from integration.domain.messages.people import Person, Roster
from integration.domain.messages.views import Found, Kind, View
from schemas.kinds import Category

C = Category
STATUS = C.CITIZENSHIP_OR_IMMIGRATION_STATUS
ROSTER = Roster([Person("Quillfeather", "Juan", date(1990, 3, 5), "2026-00417")])
TOLD = "Juan Perez is a citizen of Mexico."
LEFT = (C.OTHER, "not_accounted_for")
WORDS = (STATUS, "status_words")
NAMED = (C.PERSONAL, "roster_name")
TIME = (C.RELEASE_TIME, "time_in_address")
HIDDEN = "\u202e.desaeler\u202c"
"""Shown as the word "released"."""
SIGNED = "Citizen of Mexico.\n\nRegards,\n"


def said(*views: View, roster: Roster = ROSTER) -> list[tuple[C, str]]:
    return [(each.category, each.detector) for each in judge(views, roster).found]


ALONE = [
    (Kind.TEXT, TOLD, [WORDS], "a status"),
    (Kind.SUBJECT, TOLD, [WORDS], "also in a subject"),
    (Kind.VALUE, "Mexican", [], "the value of a status needs no word of it"),
    (Kind.NAME, "Jane Roe", [], "a name"),
    (Kind.TEXT, "Call me.", [LEFT], "what nobody knows"),
    (Kind.TEXT, "Juan Quillfeather is a citizen of Mexico.", [WORDS], "a status is somebody's"),
    (Kind.TEXT, "Juan Quillfeather called.", [NAMED, LEFT], "a name without a status"),
    (Kind.TEXT, "Juan Quillfeather.", [NAMED, LEFT], "a name alone"),
    (Kind.TEXT, "released", [(C.RELEASE_TIME, "release_words")], "a word that is named is not left over"),
    (Kind.TEXT, "released, the sheriff said", [(C.RELEASE_TIME, "release_words")], "nor are joining words and titles"),
    (Kind.TEXT, "released, bring a van", [(C.RELEASE_TIME, "release_words"), LEFT], "other words are"),
    (Kind.TEXT, "born in Mexico", [(C.PLACE_OF_BIRTH, "birthplace_words")], "a place of birth"),
    (Kind.TEXT, "born in Mexico, bring a van", [(C.PLACE_OF_BIRTH, "birthplace_words"), LEFT], "and more"),
    (Kind.STYLE, "margin: 0in; color: red", [], "how a text looks"),
    (Kind.STYLE, "margin: 0in released", [(C.RELEASE_TIME, "release_words"), LEFT], "and what it says"),
    (Kind.STYLE, "citizen", [WORDS, LEFT], "a status is told in a text"),
    (Kind.STYLE, "href mailto:roe.0730@x.example", [TIME], "an address that markup links to"),
    (Kind.FILED, "A012345678", [], "an identifier may look like a file number"),
    (Kind.FILED, "bring a van", [], "what was filed elsewhere counts there"),
    (Kind.FILED, "released", [(C.RELEASE_TIME, "release_words")], "and what it says besides counts here"),
    (Kind.FILED, "Juan Quillfeather", [], "also the name it was filed under"),
    (Kind.TEXT, "A012345678", [(STATUS, "file_number_or_visa_class")], "a file number is a status"),
    (Kind.ADDRESS, "roe.0730@x.example", [TIME], "a time in an address"),
    (Kind.ADDRESS, "juan.quillfeather@x.example", [(C.PERSONAL, "roster_name_in_address")], "a name in one"),
    (Kind.ENVELOPE, "roe.0730@x.example", [], "of the envelope it is its own"),
    (Kind.ENVELOPE, "roe.tuesday@x.example", [TIME], "but words are not"),
    (Kind.HOST, "mail.released-tuesday.example", [(C.RELEASE_TIME, "words_in_host")], "words in the name of a machine"),
    (Kind.HOST, "mail0730.x.example", [], "whose numbers say nothing"),
    (Kind.TEXT, f"{SIGNED}Jane Roe\nroe@x.example", [WORDS], "a signature"),
    (Kind.TEXT, f"{SIGNED}Jane Roe\nroe.tuesday@x.example", [WORDS, TIME, LEFT], "an address in one"),
    (Kind.TEXT, f"{SIGNED}Juan Quillfeather", [WORDS, (C.PERSONAL, "roster_name_in_address"), LEFT], "who signs"),
    (Kind.VALUE, f"{SIGNED}Jane Roe\nroe@x.example", [WORDS, LEFT], "a value is no letter"),
    (Kind.TEXT, f"{TOLD}\n\nRegards,\nJuan Perez", [WORDS, LEFT], "nobody signs a letter about himself"),
    (Kind.TEXT, f"{TOLD}\n\nRegards,\nJuan Perez County Jail", [WORDS, LEFT], "nor does an office of his name"),
    (Kind.TEXT, f"Citizen of Mexico. {HIDDEN}", [WORDS, (C.RELEASE_TIME, "release_words"), LEFT], "read backwards"),
    (Kind.TEXT, "citizen\u202e", [WORDS, LEFT], "also where every word is one of status"),
    (Kind.SUBJECT, f"{SIGNED}Jane Roe\nroe@x.example", [WORDS], "also in a subject"),
    (Kind.TEXT, "Citizen of Mexico.\u202e", [WORDS, LEFT], "whatever turns the writing is no status"),
    (Kind.TEXT, "Citizen of M\u00e9xico.", [WORDS], "another letter turns nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "expected", "because"), ALONE, ids=[f"{row[0]}: {row[3]}" for row in ALONE])
def test_a_view_gives_away_what_its_text_says_where_it_stands(kind, text, expected, because):
    assert said(View("1", "text", kind, text)) == expected, because


@pytest.mark.parametrize(
    ("how", "text", "expected", "because"),
    [
        ("name", "Juan Quillfeather", [NAMED], "who is in custody writes no letters of an office"),
        ("name", "Jane Roe", [], "somebody else does"),
        ("file name", "Juan Quillfeather.pdf", [], "a file is called by the person whose status it tells"),
        ("name", "Jane Roe released", [(C.RELEASE_TIME, "release_words"), LEFT], "a name that says more"),
    ],
)
def test_a_name_is_judged_by_what_it_is_the_name_of(how, text, expected, because):
    assert said(View("1", how, Kind.NAME, text)) == expected, because


def test_a_status_is_somebodys_wherever_it_stands_but_in_the_name_of_a_sender():
    text = "Juan Quillfeather is a citizen of Mexico."
    assert said(View("1", "name", Kind.TEXT, text)) == [WORDS]
    assert said(View("1", "name", Kind.NAME, text)) == [WORDS, NAMED]


def test_each_sign_is_told_with_its_place_and_once():
    views = [
        View("1", "text", Kind.TEXT, "released"),
        View("2", "base64 utf-8", Kind.SUBJECT, "in jail"),
        View("3", "html", Kind.TEXT, "released"),  # the same again
        View("4", "text", Kind.TEXT, " - \u2192 "),  # no letter and no digit
        View("5", "text", Kind.VALUE, "released"),
    ]
    content = judge(views)
    assert content.found == (
        Found(C.RELEASE_TIME, "release_words", "1", "text"),
        Found(C.CUSTODY_STATUS, "custody_words", "2", "base64 utf-8"),
        Found(C.RELEASE_TIME, "release_words", "5", "text"),
    )
    assert content.categories == {C.RELEASE_TIME, C.CUSTODY_STATUS}
    assert judge([]).found == ()


def test_a_message_is_a_custody_query_when_any_view_is_one():
    query, other = View("1", "text", Kind.TEXT, "sent the alien query"), View("2", "text", Kind.TEXT, "hello")
    assert judge([query, other]).custody_query
    assert judge([other, query]).custody_query
    assert not judge([other]).custody_query


SEVERAL = Found(C.PERSONAL, "several_people", "1", "all parts")


@pytest.mark.parametrize(
    ("kind", "how", "texts", "several", "because"),
    [
        (Kind.TEXT, "text", ["Ana Diaz is a citizen.", "Luis Gil is a citizen."], False, "two people"),
        (Kind.TEXT, "text", ["Ana Diaz is a citizen.", "Luis Gil is a citizen.", "Eva Sol: LPR."], True, "three"),
        (Kind.TEXT, "text", ["Diaz is a citizen.", "Gil is a citizen.", "Sol is a citizen."], True, "by one name each"),
        (Kind.VALUE, "value", ["Diaz: citizen", "Gil: citizen", "Sol: citizen"], True, "in values"),
        (Kind.NAME, "name", ["Ana Diaz", "Luis Gil", "Eva Sol"], False, "senders and recipients"),
        (Kind.NAME, "file name", ["Ana Diaz", "Luis Gil", "Eva Sol"], True, "names of files"),
        (Kind.NAME, "file name", ["Diaz", "Gil", "Sol"], False, "one word of a file's name is seldom anybody's"),
        (Kind.TEXT, "text", ["Ana Diaz is a citizen.", "Ana Diaz is a refugee.", "DIAZ, ANA: citizen"], False, "one"),
    ],
)  # fmt: skip
def test_people_are_counted_over_a_whole_message(kind, how, texts, several, because):
    found = judge([View(str(at), how, kind, text) for at, text in enumerate(texts)]).found
    assert (SEVERAL in found) is several, because
    assert {each.detector for each in found} <= {"status_words", "several_people"}


def test_one_text_is_judged_as_a_text():
    assert categories_in("released, bring a van") == {C.RELEASE_TIME, C.OTHER}
    assert categories_in(f"{SIGNED}Jane Roe") == {STATUS}
    assert categories_in("Juan Quillfeather", ROSTER) == {C.PERSONAL, C.OTHER}
    assert categories_in("Juan Quillfeather") == {C.OTHER}


def test_a_birth_date_is_told_beside_its_person():
    assert (C.PERSONAL, "roster_birth_date") in said(View("1", "text", Kind.TEXT, "Juan Quillfeather 3/5/1990"))
    assert (C.PERSONAL, "roster_birth_date") not in said(View("1", "text", Kind.TEXT, "Juan Quillfeather 3/6/1990"))
    assert (C.PERSONAL, "roster_birth_date") not in said(View("1", "text", Kind.TEXT, "Juan Perez 3/5/1990"))


@pytest.mark.parametrize(
    ("numbers", "several", "because"),
    [
        ("A012345678", False, "one person"),
        ("A012345678, A023456789", False, "two, as one message may tell of"),
        ("A012345678, A023456789, A034567890", True, "three are a list of people"),
        ("A012345678, A12345678, A023456789", False, "a number is the same without its first zero"),
        ("A012345678, A012-345-678, A012 345 678", False, "however it is written"),
    ],
)
def test_a_message_of_status_tells_of_two_people_at_most_by_their_alien_numbers(numbers, several, because):
    told = categories_in(f"{numbers}: citizens of Mexico")
    assert told == ({STATUS, Category.PERSONAL} if several else {STATUS}), because
    # What is more than a status anyway is no list of people for their numbers.
    assert Category.PERSONAL not in categories_in(f"{numbers}: citizens of Mexico, out Tuesday at 7:30"), because


THREE = Roster([Person("Diaz", "Ana"), Person("Gil", "Luis"), Person("Sol Rey", "Eva"), Person("O'Hara", "Bo")])


@pytest.mark.parametrize(
    ("kind", "how", "texts", "several", "because"),
    [
        (Kind.TEXT, "text", ["LPR: Diaz, Gil, Sol"], True, "three family names are three people"),
        (Kind.TEXT, "text", ["Aliens: Diaz Gil Rey"], True, "without a comma too"),
        (Kind.TEXT, "text", ["Diaz Gil O'Hara is a citizen."], True, "as if they were one"),
        (Kind.TEXT, "text", ["Diazgilsol is a citizen."], True, "run together"),
        (Kind.TEXT, "text", ["LPR: Diaz, Gil"], False, "two"),
        (Kind.TEXT, "text", ["LPR: Sol Rey, Gil"], False, "two, of whom one has two family names"),
        (Kind.TEXT, "text", ["LPR: Diaz, Gil", "Aliens: Sol, Diaz"], True, "over several parts"),
        (Kind.TEXT, "text", ["LPR: Diaz, Gil", "Luis Gil is a citizen."], False, "the same two"),
        (Kind.TEXT, "text", ["Diaz Bo: LPR", "Diaz Jo: LPR", "Diaz Mo: LPR"], True, "three who have one of them"),
        (Kind.TEXT, "text", ["LPR: Diaz, Perez, Lopez"], False, "words that are nobody's on the roster"),
        (Kind.SUBJECT, "subject", ["LPR: Diaz, Gil, Sol"], True, "in a subject"),
        (Kind.VALUE, "value", ["Diaz: citizen", "Gil: citizen", "Sol: citizen"], True, "in values"),
        (Kind.NAME, "file name", ["Diaz Gil", "Sol Rey.txt"], True, "in names of files"),
    ],
)  # fmt: skip
def test_family_names_in_a_row_are_people_of_the_roster(kind, how, texts, several, because):
    found = judge([View(str(at), how, kind, text) for at, text in enumerate(texts)], THREE).found
    assert (SEVERAL in found) is several, because
    assert {each.detector for each in found} <= {"status_words", "several_people", "roster_name"}


@pytest.mark.parametrize(
    ("kind", "text", "expected", "because"),
    [
        (Kind.NAME, "Diaz Gil Sol", "roster_names", "a display name of three people's"),
        (Kind.NAME, "DiazGilSol", "roster_names", "run together in capitals"),
        (Kind.NAME, "Diaz Gil", None, "of two"),
        (Kind.TEXT, f"{SIGNED}Dep. Diaz\nDep. Gil\nDep. Sol", "roster_names", "three who sign"),
        (Kind.TEXT, f"{SIGNED}Dep. Diaz\nDep. Gil", None, "two who sign"),
        (Kind.ADDRESS, "diaz.gil_sol@x.example", "roster_name_in_address", "an address"),
        (Kind.ADDRESS, "diaz.gil@x.example", None, "of two"),
        (Kind.ENVELOPE, "diaz.gil.sol@x.example", None, "names of the envelope are its own"),
        (Kind.HOST, "diaz.gil.sol.example", None, "and so are machines'"),
    ],
)
def test_names_around_a_letter_are_those_of_two_of_the_roster_at_most(kind, text, expected, because):
    found = {each for each in said(View("1", "name", kind, text), roster=THREE) if each[0] is C.PERSONAL}
    assert found == ({(C.PERSONAL, expected)} if expected else set()), because
    assert not any(sign[0] is C.PERSONAL for sign in said(View("1", "name", kind, text), roster=Roster()))
