"""A text as words, and listed phrases among them: what is put right, where each word stands, which phrase counts."""

import pytest

from integration.domain.messages import lexicon, words
from integration.domain.messages.lexicon import Lexicon
from integration.domain.messages.words import Word, as_read, cut

READ = [
    ("hello there", "hello there", "as it is"),
    ("releaseDate", "release Date", "words run together"),
    ("RELEASEDate", "RELEASE Date", "in capitals"),
    ("RELEASEDa", "RELEASEDa", "two letters are no word"),
    ("McDonald MacAdams DeWitt LaRue LeRoy DiMaggio", "McDonald MacAdams DeWitt LaRue LeRoy DiMaggio", "names"),
    ("xMcDonald", "x Mc Donald", "inside a word they are none"),
    ("r e l e a s e", "release", "spelled apart"),
    ("r.e.l", "rel", "by stops"),
    ("r. e. l", "rel", "by two signs"),
    ("r  e  l", "rel", "by two blanks"),
    ("r\u2022e\u2022l", "rel", "by signs that are not ASCII"),
    ("n o o n", "noon", "of two letters"),
    ("r   e   l", "r   e   l", "three blanks are columns"),
    ("r e", "r e", "two letters are no word"),
    ("r\ne\nl", "r\ne\nl", "nor are letters of several lines"),
    ("a a a", "a a a", "the same letter is no word"),
    ("1 2 3", "1 2 3", "nor are digits"),
    ("x1 r e l", "x1 rel", "behind a word"),
    ("r e l1", "r e l1", "before one"),
    ("don't r e l", "don't rel", "behind an apostrophe's word"),
    ("d'r e l", "drel", "an apostrophe alone is a sign like others"),
    ("\u00e1 r e l", "arel", "an accent is none"),
    ("releaseDate \u76d1", "release Date \u76d1", "also these"),
]


@pytest.mark.parametrize(("text", "expected", "because"), READ, ids=[row[2] for row in READ])
def test_words_are_put_right_when_they_were_run_together_or_spelled_apart(text, expected, because):
    assert as_read(text) == expected, because


CUT = [
    ("", [], "nothing"),
    ("Hello, World", [("hello", 0, 5), ("world", 7, 12)], "words without case"),
    ("a_b-c", [("a", 0, 1), ("b", 2, 3), ("c", 4, 5)], "signs are between words"),
    ("O'Brien's 'so'", [("obriens", 0, 9), ("so", 11, 13)], "apostrophes inside words are left out"),
    ("'tis don''t x'", [("tis", 1, 4), ("don", 5, 8), ("t", 10, 11), ("x", 12, 13)], "others are signs"),
    ("sooo 222 coool", [("so", 0, 4), ("222", 5, 8), ("col", 9, 14)], "stretched letters are one, digits are not"),
    ("soo", [("soo", 0, 3)], "two are two"),
    ("\u76d1\u72f1 x", [("\u76d1\u72f1", 0, 2), ("x", 3, 4)], "other scripts"),
    ("x \u20ac y", [("x", 0, 1), ("y", 4, 5)], "other signs"),
    ("\u00e9t\u00e9's l'\u00e9t\u00e9", [("\u00e9t\u00e9s", 0, 5), ("l\u00e9t\u00e9", 6, 11)], "with accents"),
    ("\u017fo", [("so", 0, 2)], "a letter that has another small one"),
    ("Stra\u00dfe X", [("stra\u00dfe", 0, 6), ("x", 7, 8)], "a letter that has no case of one letter"),
    ("\u0130x Y", [("\u0130x", 0, 2), ("Y", 3, 4)], "one that has none at all keeps the text as it is"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "because"), CUT, ids=[row[2] for row in CUT])
def test_a_text_is_cut_into_words_that_stand_where_they_are(text, expected, because):
    found = cut(text)
    assert list(found) == [Word(*each) for each in expected], because
    assert [found[at] for at in range(len(found))] == list(found)
    assert found[1:] == list(found)[1:]
    assert found[-1:] == list(found)[-1:]
    assert found.texts == [each[0] for each in expected]
    assert found.starts == [each[1] for each in expected]
    assert found.distinct == set(found.texts)
    assert sorted(found.listed.split("\n")) == sorted(found.distinct or [""])
    assert len(found) == len(expected)


def test_digits_and_places_are_known():
    assert cut("x 7").hold_digits
    assert cut("x7").hold_digits
    assert not cut("x y-z").hold_digits
    assert cut("x y x").places({"x"}) == [0, 2]
    assert cut("x y x").places({"x", "y"}) == [0, 1, 2]
    assert cut("x y x").places(set()) == []
    assert cut("x y x").places({"z"}) == []


SAYS = Lexicon(
    [
        ("out, let go, let him go home, go home", "A"),
        ("out, releas*, set fre* now, let freed* go", "B"),
        ("rel*, relea*, r/o/r, don't", "C"),
        (" , let him, abcdefghijklmnopqrstuvwx*", "D"),
        ("a b c d e f g, a b c d e f, q b c d e f g h", "E"),
    ]
)
PHRASES = [
    ("out", [(0, 1, ["A", "B"])], "one word, all that it says"),
    ("x out y", [(1, 2, ["A", "B"])], "among others"),
    ("let", [], "the beginning of a phrase"),
    ("let go", [(0, 2, ["A"])], "a phrase"),
    ("let him go", [(0, 2, ["D"])], "the longest that stands there"),
    ("let him go home", [(0, 4, ["A"])], "the longest alone"),
    ("let let go", [(1, 3, ["A"])], "begun anew"),
    ("let him x go home", [(0, 2, ["D"]), (3, 5, ["A"])], "two"),
    ("let go home", [(0, 2, ["A"])], "no overlap"),
    ("out out", [(0, 1, ["A", "B"]), (1, 2, ["A", "B"])], "twice"),
    ("released", [(0, 1, ["C", "B"])], "by its stem, and by a shorter one"),
    ("relic", [(0, 1, ["C"])], "by the shorter alone"),
    ("re", [], "shorter than its stem"),
    ("set freed now", [(0, 3, ["B"])], "a stem inside of a phrase"),
    ("set fr now", [], "shorter than that stem"),
    ("let freely go", [], "a word that only begins like a longer stem"),
    ("set free", [], "an unfinished phrase"),
    ("ror", [(0, 1, ["C"])], "signs of a list count for nothing"),
    ("don't", [(0, 1, ["C"])], "nor do apostrophes"),
    ("abcdefghijklmnopqrstuvwx", [(0, 1, ["D"])], "the longest stem"),
    ("abcdefghijklmnopqrstuvwxyz", [(0, 1, ["D"])], "and more"),
    ("abcdefghijklmnopqrstuvw", [], "and less"),
    ("a b c d e f g", [(0, 7, ["E"])], "seven words"),
    ("q b c d e f g h", [], "eight are none"),
    ("a b c d e f x", [(0, 6, ["E"])], "six of them"),
    ("", [], "nothing"),
]


@pytest.mark.parametrize(("text", "expected", "because"), PHRASES, ids=[row[2] for row in PHRASES])
def test_the_longest_listed_phrase_counts_at_each_place(text, expected, because):
    # Twice: words that were met lead on at once.
    for _ in range(2):
        assert [(first, after, sorted(says)) for first, after, says in SAYS.matches(cut(text))] == [
            (first, after, sorted(says)) for first, after, says in expected
        ], because


def test_one_word_says_something_alone_or_does_not():
    assert all(word in SAYS for word in ("out", "released", "relic", "ror"))
    assert not any(word in SAYS for word in ("let", "home", "x", "re", ""))


@pytest.mark.parametrize("stem", ["ab*", "a*", "abcdefghijklmnopqrstuvwxy*"])
def test_a_stem_is_refused_when_it_is_too_short_or_too_long(stem):
    with pytest.raises(ValueError, match="a stem has 3 to 24 characters"):
        Lexicon([(stem, "A")])
    Lexicon([("abc*, abcdefghijklmnopqrstuvwx*, ab", "A")])


def test_words_that_were_met_are_forgotten_before_they_fill_the_memory():
    # because whoever writes to us could send new ones for ever
    many = Lexicon([("rel*, rel x", "A")])
    for at in range(lexicon._MOST_KNOWN + 10):
        list(many.matches(cut(f"rel{at}")))
    assert 0 < len(many._root) <= lexicon._MOST_KNOWN
    assert list(many.matches(cut("rel5"))) == [(0, 1, ["A"])]
    onward = many._root["rel"]
    assert onward is not None
    assert onward.most == lexicon._MOST_ONWARD == 200
    assert words.as_read.cache_info().maxsize == 64
