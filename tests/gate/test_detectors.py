"""Each detector, with what it has to see and what it has to leave alone."""

import pytest

from integration.domain.messages import lists, queries
from integration.domain.messages.content import categories_in, judge
from integration.domain.messages.times import whens
from integration.domain.messages.views import Kind, View
from integration.domain.messages.words import as_read, cut
from schemas.kinds import Category

C = Category
SEEN = [
    (C.RELEASE_TIME, "0730 hrs tmrw", "a time alone"),
    (C.RELEASE_TIME, "getting out Thurs", "a day"),
    (C.RELEASE_TIME, "bonded out, ready at 11", "bond"),
    (C.RELEASE_TIME, "RLS 03/05 0600", "as forms shorten it"),
    (C.RELEASE_TIME, "will be leaving us around 6 pm", "a time beside going"),
    (C.RELEASE_TIME, "custody until 5 Mar", "a date beside custody"),
    (C.RELEASE_TIME, "pick him up at nine", "without the word"),
    (C.RELEASE_TIME, "sale libre el viernes", "in Spanish"),
    (C.RELEASE_TIME, "r e l e a s e d", "spelled apart"),
    (C.RELEASE_TIME, "releeeased", "stretched"),
    (C.RELEASE_TIME, "releaseDate=x", "as a system writes it"),
    (C.CUSTODY_STATUS, "in custody", "the word"),
    (C.CUSTODY_STATUS, "custody_status: Y", "as a system writes it"),
    (C.CUSTODY_STATUS, "just booked in", "booking"),
    (C.CUSTODY_STATUS, "inmate in cell 4", "a cell"),
    (C.CUSTODY_STATUS, "we have him", "without the word"),
    (C.CUSTODY_STATUS, "Lansing has a Mexican national", "somebody has somebody"),
    (C.CUSTODY_STATUS, "Bkg# 2026-00417", "a booking number"),
    (C.CUSTODY_STATUS, "I-247A on file", "a detainer"),
    (C.CUSTODY_STATUS, "CUS/Y", "a flag"),
    (C.DETENTION_LENGTH, "12 days left", "time left"),
    (C.DETENTION_LENGTH, "sentenced to 90 days", "a sentence"),
    (C.HOME_ADDRESS, "123 Elm Street", "a street"),
    (C.HOME_ADDRESS, "4512 N. Martin Luther King Jr Blvd", "a long one"),
    (C.HOME_ADDRESS, "Lansing, MI 48910", "a zip code"),
    (C.HOME_ADDRESS, "apt 4b", "a flat"),
    (C.HOME_ADDRESS, "PO Box 17", "a box"),
    (C.HOME_ADDRESS, "lives with his aunt", "without a street"),
    (C.WORK_ADDRESS, "works at the plant", "work"),
    (C.WORK_ADDRESS, "employer unknown", "an employer"),
    (C.HEARING, "arraignment Monday", "a hearing"),
    (C.HEARING, "docket 26-CR-1234", "a docket"),
    (C.HEARING, "26-fh-000123", "a docket number alone"),
    (C.PERSONAL, "DOB 1990", "a birth date"),
    (C.PERSONAL, "123-45-6789", "a social security number"),
    (C.PERSONAL, "517-555-0134", "a telephone number"),
    (C.PERSONAL, "5175550134", "the same in a row"),
    (C.PLACE_OF_BIRTH, "born in Mexico", "a birth place"),
    (C.PLACE_OF_BIRTH, "Foreign Born Inmate Report", "a list's title"),
    (C.CITIZENSHIP_OR_IMMIGRATION_STATUS, "LPR", "a status"),
    (C.CITIZENSHIP_OR_IMMIGRATION_STATUS, "A012 345 678", "a file number"),
    (C.CITIZENSHIP_OR_IMMIGRATION_STATUS, "H-1B", "a visa"),
    (C.OTHER, "call me", "nothing that is known"),
    (C.OTHER, "\u76d1\u72f1", "another script"),
]


@pytest.mark.parametrize(("category", "text", "because"), SEEN)
def test_category_is_found_when_the_text_says_so(category, text, because):
    assert category in categories_in(text), because


LEFT_ALONE = [
    (C.WORK_ADDRESS, "work permit", "a status"),
    (C.WORK_ADDRESS, "employment authorization document", "a status"),
    (C.HOME_ADDRESS, "lawful permanent resident", "a status"),
    (C.HEARING, "tennis club", "nothing"),
    (C.RELEASE_TIME, "paroled into the United States", "a status"),
    (C.RELEASE_TIME, "naturalized on July 4, 2015", "a date of status"),
    (C.CUSTODY_STATUS, "holds an H-1B visa", "a status"),
    (C.CUSTODY_STATUS, "indoor air quality (IAQ) report", "not the query"),
    (C.PERSONAL, "A012-345-678", "a file number"),
    (C.HOME_ADDRESS, "8 U.S.C. 1373", "a law"),
    (C.RELEASE_TIME, "8 U.S.C. 1373", "a law"),
    (C.CUSTODY_STATUS, "cellular", "another word"),
]


@pytest.mark.parametrize(("category", "text", "because"), LEFT_ALONE)
def test_category_is_not_found_when_the_words_mean_something_else(category, text, because):
    assert category not in categories_in(text), because


@pytest.mark.parametrize(
    ("text", "has_time"),
    [
        ("7:30", True),
        ("07.30", True),
        ("0730", True),
        ("0730hrs", True),
        ("7a", True),
        ("7 p.m.", True),
        ("12 o'clock", True),
        ("19h30", True),
        ("at 1930", True),
        ("2026-03-05T07:30:00Z", True),
        ("3/5", False),
        ("03-05-2026", False),
        ("5 Mar", False),
        ("March 5th, 2026", False),
        ("5 de marzo de 2026", False),
        ("20260305", False),
        ("05.03.26", False),
    ],
)
def test_time_is_known_in_any_writing(text, has_time):
    [when] = whens(text, cut(text))
    assert (when.start, when.has_time) == (text.find(text[when.start]), has_time)


@pytest.mark.parametrize(
    "text", ["517-555-0134", "A012345678", "8 USC 1373", "1990", "12345", "v1.2.3", "I-94", "2.5 kg"]
)
def test_number_is_no_time_when_it_is_something_else(text):
    assert whens(text, cut(text)) == []


QUERIES = [
    ("IAQ.MI3341600.AX.TXT PUR/C.NAM/PEREZ, JUAN.CUS/Y", True),
    ("iaq . mi3341600 . ax . txt", True),
    ("I A Q / NAM/PEREZ.DOB/19900101.CUS/Y", True),
    ("Please run an IAQ on him", True),
    ("sent the alien query", True),
    ("NAM/PEREZ, JUAN.DOB/19900203.SEX/M.CUS/N", True),
    ("CUS/Y check with the state", False),
    ("IAQ test of the basement", False),
    ("indoor air quality", False),
    ("QW.MI3341600.MI.TXT NAM/PEREZ", False),
]


@pytest.mark.parametrize(("text", "expected"), QUERIES)
def test_query_discloses_custody_when_it_is_one(text, expected):
    assert judge([View("1", "text", Kind.TEXT, text)]).custody_query is expected


def test_network_message_goes_where_its_head_says():
    assert queries.destinations_in("AM.MI3341600.AX,VTICE0900.TXT X") == ("AX", "VTICE0900")
    assert queries.destinations_in("see am. or pm. txt") == ()


ROWS = "PEREZ JUAN, MX, 1990\nLOPEZ ANA, HN, 1991\nDIAZ LUIS, GT, 1992"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROWS, True),
        (ROWS.replace(", ", "\t"), True),
        (ROWS.replace(", ", " | "), True),
        ("\n".join(ROWS.split("\n")[:2]), False),
        ("Perez, Juan\nLopez, Ana\nDiaz, Luis", False),
        ("Juan Perez - Mexico\nAna Lopez - Honduras\nLuis Diaz - Guatemala", True),
    ],
)
def test_list_of_people_is_known_by_its_rows(text, expected):
    assert lists.is_list_of_people(as_read(text)) is expected


def test_one_recognised_word_does_not_drop_other():
    assert categories_in("citizen; bring the usual van") >= {C.CITIZENSHIP_OR_IMMIGRATION_STATUS, C.OTHER}
    assert categories_in("released; bring the usual van") >= {C.RELEASE_TIME, C.OTHER}
    assert C.OTHER not in categories_in("is in custody")


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u2060", "...", "-- --"])
def test_nothing_is_given_away_when_nothing_is_said(text):
    assert categories_in(text) == frozenset()
