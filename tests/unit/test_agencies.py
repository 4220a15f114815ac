"""Listed names, listed exceptions and ORIs: what a directory knows, and what it must not mistake for it."""

import pytest

from integration.domain.agencies import Directory, contains, words


@pytest.mark.parametrize(
    ("name", "expected", "because"),
    [
        ("I\u200bCE", ("ice",), "a zero-width space hides nothing"),
        ("I\u00adC\u2060E\ufeff", ("ice",), "nor a soft hyphen, a word joiner, a byte order mark"),
        ("Executive Office for Immigration Review", ("executive", "office", "immigration", "review"), "for joins"),
        ("Bureau of Customs and the Border", ("bureau", "customs", "border"), "of, and, the join"),
        ("xXICEXx", ("xxicexx",), "letters around it make another word"),
        ("STRASSE Stra\u00dfe", ("strasse", "strasse"), "case is folded, not only lowered"),
        ("customs_border", ("customs", "border"), "an underscore parts words"),
        ("Sheriff's Office", ("sheriffs", "office"), "an apostrophe does not part a word"),
        ("I.C.E.", ("ice",), "letters with dots"),
        ("I - C - E", ("ice",), "letters with spaces and hyphens"),
        ("U.S. Marshals", ("us", "marshals"), "initials before a word are their own"),
    ],
)
def test_a_name_is_cut_into_words_when_it_is_written_oddly(name, expected, because):
    assert words(name) == expected, because


@pytest.mark.parametrize(
    ("haystack", "needle", "expected", "because"),
    [
        ("a b c", "b c", True, "at its end"),
        ("a b c", "a b", True, "at its start"),
        ("a b c", "a b c", True, "the whole"),
        ("a b c", "a c", False, "not in a row"),
        ("a b c", "c d", False, "half of it"),
        ("a", "a b", False, "longer than the name"),
        ("a b", "", False, "nothing is in nothing: else a listed name of joining words would be everybody"),
        ("", "", False, "nothing at all"),
    ],
)
def test_a_name_holds_another_when_its_words_stand_in_a_row(haystack, needle, expected, because):
    assert contains(tuple(haystack.split()), tuple(needle.split())) is expected, because


@pytest.mark.parametrize(
    ("name", "expected", "because"),
    [
        ("Michigan DHS", False, "the exception"),
        ("Michigan DHS Licensing", False, "the exception and something harmless"),
        ("Office of Michigan DHS", False, "the exception, later in the name"),
        ("Michigan DHS and DHS Detroit", True, "it covers its own words, not what else stands there"),
        ("DHS Detroit, Michigan DHS", True, "in either order"),
        ("Customs Bridge Border", False, "words on both sides of an exception are not neighbours"),
        ("Customs Border", True, "without it they are"),
        ("Michigan", False, "half of an exception"),
    ],
)
def test_an_exception_covers_its_own_words_when_a_name_holds_it(name, expected, because):
    directory = Directory(names=("DHS", "Customs Border"), not_names=("Michigan DHS", "Bridge"))
    assert directory.has_name(name) is expected, because


@pytest.mark.parametrize(
    ("name", "expected", "because"),
    [
        ("Lansing Ice Rink", False, "a rink"),
        ("Black Ice Towing", False, "frozen water"),
        ("Blue Cross Ins", False, "an insurer"),
        ("ICE Removal", True, "its own division"),
        ("ICE Removal Operations", True, "its own division, longer"),
        ("ICE Air Operations", True, "its own flights"),
        ("ICE Transport", True, "its own drivers"),
        ("ICE Enforcement, Ice House Road", True, "the everyday words cover themselves alone"),
        ("Immigration Bureau INS", True, "the service's old name"),
        ("ICEERO", True, "two listed names run together"),
        ("Iceland", False, "not made of listed names"),
    ],
)
def test_everyday_words_are_no_agency_when_a_name_is_also_a_word(name, expected, because):
    assert Directory(names=("ICE", "INS", "ERO")).has_name(name) is expected, because


@pytest.mark.parametrize(
    ("name", "expected", "because"),
    [
        ("CBPOFOICE", True, "the longer of two listed names that begin alike"),
        ("CBPICE", True, "the shorter of them"),
        ("CEERO", False, "names of two letters are in too many words"),
        ("CECECE", False, "however many of them stand in a row"),
        ("ICE" * 8, True, "24 letters"),
        ("ICE" * 9, False, "nobody writes longer ones: the time it takes is bounded"),
        ("USCIS" * 5, False, "25 letters"),
    ],
)
def test_a_word_is_an_agency_when_it_is_listed_names_in_a_row(name, expected, because):
    directory = Directory(names=("CBP", "CBPOFO", "ICE", "ERO", "CE", "USCIS"))
    assert directory.has_name(name) is expected, because


@pytest.mark.parametrize(
    ("name", "expected", "because"),
    [
        ("borderpatrol", True, "a listed name of two words written as one"),
        ("borderpatrolagents", True, "with what an office is called by behind it"),
        ("dutyborderpatrol", True, "before it"),
        ("iceagents", True, "a listed name of one word with such a word"),
        ("liaisonice", True, "the word first"),
        ("iceagents29", True, "numbered"),
        ("29iceagents", False, "a number before it is no number of an office"),
        ("icetown", False, "a town needs a map"),
        ("zonewatchx", True, "ten letters, the shortest listed name that is known as one word"),
        ("safe watch", True, "nine letters in two words"),
        ("safewatch", False, "nine letters in one: too many words are made so"),
        ("homeoffice", False, "of a name that others have too nobody can say whose office it is"),
        ("deportationhold", False, "however long the name"),
        ("deportation", True, "by itself it is the listed one"),
        ("Deportation Defense", False, "the others"),
    ],
)
def test_a_word_is_an_agency_when_an_office_is_called_so_in_one_word(name, expected, because):
    names = ("Border Patrol", "ICE", "Zone Watchx", "Safe Watch", "Home", "Deportation")
    others = ("Home Depot", "Deportation Defense")
    assert Directory(names=names, not_names=others).has_name(name) is expected, because


@pytest.mark.parametrize(
    ("labels", "expected", "because"),
    [
        ("ice ero example", True, "two"),
        ("ice ero hsi example", True, "three"),
        ("ice example", False, "one may be anybody's"),
        ("ice ice example", False, "the same one twice"),
        ("police example", False, "none"),
    ],
)
def test_a_domain_has_two_names_when_two_listed_ones_stand_in_it(labels, expected, because):
    directory = Directory(names=("ICE", "ERO", "HSI"))
    assert directory.has_two_names(tuple(labels.split())) is expected, because


def test_an_exception_wins_when_it_is_a_listed_name_itself():
    # because only a name that begins with = is looked at before the exceptions
    assert not Directory(names=("State Police",), not_names=("State Police",)).has_name("State Police")
    assert Directory(names=("=State Police",), not_names=("State Police",)).has_name("State Police")


def test_a_whole_name_counts_only_alone_when_it_is_listed_with_an_equals_sign():
    directory = Directory(names=("=Immigration", "ICE"))
    assert directory.has_name("IMMIGRATION")
    assert not directory.has_name("Immigration Law Clinic")
    assert directory.has_name("ICE Detroit")


@pytest.mark.parametrize(
    ("name", "expected", "because"),
    [
        ("lCE Detroit", True, "a small L for the I"),
        ("|CE", True, "a bar for the I"),
        ("|NS", True, "a bar at the start of another"),
        ("1CE", True, "a one for the I"),
        ("U5CIS", True, "a five for an S"),
        ("U5C1S", True, "two of them"),
        ("H51", True, "digits only, but for one letter"),
        ("DetroitICE", True, "run together with a place"),
        ("ICEDetroit", True, "before a place"),
        ("ALL", False, "a word in capitals"),
        ("Police", False, "ICE only as letters"),
        ("lice", False, "small letters are what they are"),
        ("Unit 15", False, "a number is a number"),
    ],
)
def test_a_name_is_known_when_letters_are_written_as_what_they_look_like(name, expected, because):
    assert Directory(names=("ICE", "INS", "USCIS", "HSI")).has_name(name) is expected, because


def test_nobody_is_meant_when_no_name_is_given():
    for nothing in ("", None):
        assert not Directory(names=("=", "ICE")).has_name(nothing)


@pytest.mark.parametrize("empty", ["the", "of", "-", ""])
def test_nobody_is_meant_when_an_entry_of_a_list_holds_no_word(empty):
    assert not Directory(names=(empty,)).has_name("Lansing Police")
    assert Directory(names=("ICE",), not_names=(empty,)).has_name("ICE Detroit")


@pytest.mark.parametrize(
    ("ori", "expected", "because"),
    [
        ("VT\u200bICE0900", True, "a zero-width space hides nothing"),
        ("vt-ice.09 00", True, "punctuation does not count"),
        ("\uff36\uff34ICE0900", True, "full-width letters are the same letters"),
        ("VTICE090", False, "a part of it"),
        (None, False, "none"),
    ],
)
def test_an_ori_is_known_by_its_letters_and_digits(ori, expected, because):
    assert Directory(oris=frozenset({"VTICE0900"})).has_ori(ori) is expected, because
