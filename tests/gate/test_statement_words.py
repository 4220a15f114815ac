"""Every word of the tables that the grammar of a statement of status reads by."""

import pytest

from integration.domain.messages.statusonly import _DATED, people_of
from integration.domain.messages.views import Kind

DATED = """
naturalized naturalised admitted entered entry expires expired expiration valid granted issued approved adjusted dated
since filed revoked terminated denied obtained acquired became renewed naturalization
""".split()


def told(text: str, kind: Kind = Kind.TEXT) -> bool:
    return people_of(text, kind) is not None


@pytest.mark.parametrize("word", DATED)
def test_a_date_is_that_of_a_status_beside_every_word_that_has_one(word):
    assert told(f"Citizen, {word} 3/5/2015")
    assert not told(f"Citizen, {word}, 3/5/2015 7:30")


def test_words_that_have_a_date_are_known():
    assert {*DATED, "admission", "ordered", "through"} == _DATED


MONTHS = """
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec
"""


@pytest.mark.parametrize("month", MONTHS.split())
def test_a_month_and_its_year_are_those_of_a_status_beside_a_word_that_has_a_date(month):
    for written in (month, month.title(), month.upper()):
        assert told(f"LPR since {written} 2012"), written
        assert told(f"Since {written} 2012 an LPR"), written
        assert not told(f"LPR since {written}x 2012"), "no month"
        assert not told(f"LPR since {written} 1812"), "a number that is no year"
        assert not told(f"LPR {written} 2012"), "beside no word that has a date"
        if month == "may":  # Which joins words, too.
            continue
        assert not told(f"LPR since {written}"), "no year"
        assert not told(f"LPR since {written} of 2012"), "a word between"
        assert not told(f"LPR since 2012 {written}"), "the year before it"


def test_the_day_of_an_admission_is_that_of_a_status():
    assert told("Date of admission: 3/5/2015, refugee")
    assert not told("Date of admission: 3/5/2015 7:30, refugee")


@pytest.mark.parametrize("word", "in on with to by from or and".split())
def test_a_statement_is_left_open_by_every_word_that_wants_another(word):
    assert told(f"The citizen is {word} the file")
    assert not told(f"The citizen is {word}")


@pytest.mark.parametrize(
    "ending",
    (
        "txt text pdf doc docx docm dotx xls xlsx xlsm csv tsv rtf odt ods odp ppt pptx htm html xml json eml msg ics "
        "vcf zip gz bz2 xz p7s p7m asc sig png jpg jpeg gif tif tiff bmp md log dat"
    ).split(),
)
def test_a_name_of_a_file_may_have_every_ending_that_says_what_kind_it_is(ending):
    for name in (f"Juan Perez.{ending}", f"Juan Perez.{ending.upper()}"):
        assert people_of(name, Kind.NAME) == {frozenset({"juan", "perez"})}, "it is no part of the name"
    assert not told(f"Juan Perez.{ending}7", Kind.NAME)
    assert not told(f"Juan Perez.{ending}.0730", Kind.NAME)


@pytest.mark.parametrize(
    "greeting",
    "dear|hello|hi|good morning|good afternoon|good evening|good day|attn|attention|greetings".split("|"),
)
def test_a_letter_may_begin_with_every_greeting(greeting):
    for text in (f"{greeting} Officer Roe,", f"{greeting.title()}: Roe", f"* {greeting} Roe"):
        assert told(text), text
    assert not told(f"{greeting} Out Tuesday")
    assert not told(f"{greeting}x Roe")


@pytest.mark.parametrize(
    "rank",
    "agent|officer|deputy|detective|special agent|sgt|sergeant|lt|lieutenant|director|mr|ms|mrs".split("|"),
)
def test_a_letter_may_begin_with_every_title_and_a_name(rank):
    for text in (f"{rank} Roe,", f"{rank.title()} Jane Roe:"):
        assert told(text), text
    assert not told(f"{rank} Roe")
    assert not told(f"{rank} Out Tuesday,")
    assert not told(f"{rank} {'Roe' * 14},")


@pytest.mark.parametrize(
    "word",
    ("status citizenship nationality visa immigration alien country class citizen ciudadania nacionalidad").split(),
)
def test_one_opaque_word_is_no_value_behind_every_word_that_has_one(word):
    for mark in (":", " =", " :"):
        assert not told(f"Immigration {word}{mark} Quex")
    assert told(f"Immigration {word}: Juan Quex")


@pytest.mark.parametrize(
    "label", "name subject individual person applicant re regarding nombre reference ref surname".split()
)
def test_a_name_stands_alone_behind_every_label(label):
    assert told(f"{label}: Quex")
    assert told(f"{label} of: Juan Quex")
    assert told(f"{label}\nJuan Quex\nCitizen")
    assert not told(f"{label} so: Juan Quex")


@pytest.mark.parametrize("short", "Mr Mrs Ms Dr No Nos Sec Sgt Lt Det Ofc Dep Capt Art St Jr Sr U.S J.R".split())
def test_no_statement_ends_with_the_stop_of_an_abbreviation(short):
    from integration.domain.messages.statusonly import _ABBREVIATED

    assert _ABBREVIATED.fullmatch(f"{short}.")
    assert not _ABBREVIATED.search(f"x{short}.")


@pytest.mark.parametrize("month", "Jan Feb Mar Apr Aug Sep Sept Oct Nov Dec".split())
def test_no_statement_ends_with_the_stop_of_a_month_before_its_day_or_year(month):
    assert told(f"LPR since {month}. 2012")
    assert told(f"LPR since {month}. 5, 2012")
    assert not told(f"LPR since x{month}. 2012")


@pytest.mark.parametrize("centre", "eac wac lin src msc nbc ioe ysc".split())
def test_a_receipt_is_a_status_whoever_gave_it(centre):
    for number in (f"{centre}1234567890", f"{centre.upper()}-1234567890"):
        assert told(f"{number}")
    assert not told(f"{centre}12345678901")
    assert not told(f"x{centre}1234567890")


@pytest.mark.parametrize("thing", "alien|a|uscis|i-94|i94|admission|certificate|naturalization|registration".split("|"))
@pytest.mark.parametrize("number", "number|no.|no|num|#".split("|"))
def test_a_number_is_a_status_behind_every_word_of_one(thing, number):
    assert told(f"{thing} {number}: A1234567")
    assert told(f"{thing} registration {number} 12-345-678")
    assert not told(f"{thing} {number}: 12345")
    assert not told(f"{thing} {number}: 1234567890123456")


@pytest.mark.parametrize("section", "101 208 209 212 237 240 244 245".split())
def test_a_section_of_the_act_is_a_status_with_its_paragraph(section):
    assert told(f"{section}(a)(6)(A)(i)")
    assert not told(section)
    assert not told(f"1{section}(a)(6)")


@pytest.mark.parametrize("sign", ".,;:!?'\"()[]<>{}/&#*\u00a7@_=+~\u2022\u00b7|-")
def test_a_statement_may_hold_every_sign_that_letters_have(sign):
    assert told(f"Citizen {sign} citizen")


@pytest.mark.parametrize("sign", "\u2192\u20ac%^$\\`\u2605\u21d2")
def test_a_statement_holds_no_other_sign(sign):
    assert not told(f"Citizen {sign} citizen")
