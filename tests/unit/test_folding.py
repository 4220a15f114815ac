"""Text as it reads: what a reader does not see, or sees as something else, makes no difference."""

import pytest

from integration.domain.folding import BIDI, alphanumeric, fold, reading

SPACES = "\u00a0\u1680\u2000\u2005\u200a\u2028\u2029\u202f\u205f\u2800\u3000\u0085\u000b\u000c\u001c\u001f"
DASHES = "\u058a\u2010\u2013\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d\u2043\u02d7"
QUOTES = "\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\u0060\u00b4"
NOTHING = "\u00ad\u200b\u200f\u2060\ufeff\u0301\u0336\u20dd\ue000\u115f\u1160\u17b4\u17b5\u3164\uffa0\u034f\u180e"


@pytest.mark.parametrize("character", SPACES, ids=ascii)
def test_white_space_is_a_space_whatever_its_width(character):
    assert reading(f"a{character}b\u00e9") == "a be"


@pytest.mark.parametrize("character", DASHES, ids=ascii)
def test_a_dash_is_a_hyphen_whatever_its_length(character):
    assert reading(f"a{character}b") == "a-b"


@pytest.mark.parametrize("character", QUOTES, ids=ascii)
def test_an_apostrophe_is_one_however_it_is_turned(character):
    assert reading(f"a{character}\u00e9") == "a'e"


@pytest.mark.parametrize("character", NOTHING, ids=ascii)
def test_what_shows_nothing_is_nothing(character):
    assert reading(f"a{character}b") == "ab"


@pytest.mark.parametrize(
    ("text", "read", "because"),
    [
        ("caf\u00e9 CAF\u00c9", "cafe CAFE", "accents go, case stays"),
        ("\uff29\uff23\uff25", "ICE", "full width"),
        ("\u0421\u0421\u0435", "CCe", "Cyrillic letters that look Latin, in their case"),
        ("\u0663\u096a", "34", "digits of other scripts"),
        ("\u2460\ufb01", "1fi", "a digit in a circle, a ligature"),
        ("a\tb\r\nc", "a\tb\r\nc", "plain text is returned as it is"),
        ("\u00e9\n\t", "e\n\t", "line ends stay"),
        ("\u65e5", "\u65e5", "a letter that looks like no other is itself"),
        ("`a`", "`a`", "so is a backtick"),
        ("X\u00e9X x", "XeX x", "an X is an X"),
        ("", "", "nothing"),
    ],
)
def test_a_text_is_what_it_reads(text, read, because):
    assert reading(text) == read, because


@pytest.mark.parametrize("character", "\t\n\r !~", ids=ascii)
def test_printable_text_is_returned_as_it_is(character):
    assert reading(f"`{character}`") == f"`{character}`"


@pytest.mark.parametrize(("text", "read"), [("a\x0bb", "a b"), ("a\x1fb", "a b"), ("`\x7f", "'\x7f")], ids=ascii)
def test_text_that_no_printer_prints_is_read_letter_by_letter(text, read):
    assert reading(text) == read


# Of UTS 39, one or two for each: capitals and small letters of scripts and phonetic alphabets in use.
DIGITS = {
    "2": "\u01a7\u03e8\ua644",
    "3": "\u01b7\u0417\u0437\u04e1",
    "4": "\u13ce",
    "5": "\u01bc",
    "6": "\u0431",
    "7": "\U000104d2",
    "8": "\u0222\u0223",
    "9": "\ua76e\ua76f",
}


@pytest.mark.parametrize("digit", DIGITS)
def test_a_digit_is_read_when_letters_look_like_one(digit):
    # because an identifier or a number with one letter changed goes to the same office
    for character in DIGITS[digit]:
        assert reading(f"MI{character}X") == f"MI{digit}X", ascii(character)


def test_case_and_punctuation_go_when_texts_are_compared():
    assert fold("Stra\u00dfe \u0421") == "strasse c"
    assert alphanumeric(" VT-ICE.09\u200b00\uff10 ") == "vtice09000"


def test_characters_that_reorder_what_is_shown_are_known():
    reordering = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    assert all(BIDI.search(f"a{character}b") for character in reordering)
    assert BIDI.search("abc \u2029\u2065\u200f") is None
