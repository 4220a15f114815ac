"""Laws: what is passed over quickly is what would have been found to say nothing; no result hangs on it."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.contents import formats, inline
from integration.contents.framing import framing_fault
from integration.contents.mail import read_mail
from integration.domain import folding
from integration.domain.folding import reading
from integration.domain.messages import detectors, letters, lists, names, queries, statusonly, times, words
from integration.domain.messages.content import _FILLERS, _look
from integration.domain.messages.people import Person, Roster
from integration.domain.messages.phrases import BY_CATEGORY
from tests.gate import plainly
from tests.gate.leaks import ALL
from tests.gate.lines import ALONE
from tests.gate.status_letters import letters as status_letters
from tests.gate.techniques import CLOSED, OPEN
from tests.gateway.ordinary import ordinary_mails

ROSTER = Roster(
    [
        Person("Perez", "Juan", date(1990, 3, 5), "2026-00417"),
        Person("Lopez-Garcia", "Maria del Carmen", date(1988, 1, 2), "B-100"),
        Person("O'Brien", "Seamus"),
        Person("", "Prince"),
        Person("Mc Donald", ""),
    ]
)
LEXICONS = {
    "phrases": detectors._PHRASES,
    "status": statusonly._LEXICON,
    "telling": names._TELLING,
    "titles": lists._TITLE,
    "countries": lists._COUNTRIES,
}
NUMBERS = (
    "0730 hrs|7:30a|3/5|5 Mar|March 5th|2026-03-05|03/05/1990|123 Elm St Apt 4|(517) 555-0100|A012-345-678|a#200123456|"
    "123-45-6789|MI 48910|26-123-FH|bkg #12345|booking no. 26-00417|H-1B|b-2|P.O. Box 12|EAC-1234567890|19900305|"
    "CUS/Y|NAM/PEREZ|DOB/19900305|SEX/M|iaq.|IAQ.MI1234567.LE.TXT|41 42 43 44 45 46 47 48|QUJDREVGR0hJSktMTU5P|"
    "8 USC 1373|2026-00417|2026 00417|b-100"
).split("|")
NAMED = (
    "Juan Perez|PEREZ, JUAN, MEX|has a Mexican national|one asylee'e|r e l e a s e|u.s.c.|d o n't|McDonald|outAt".split(
        "|"
    )
)
SURROUND = (
    "Regards,|On Mon, Mar 2, 2026 at 9:14 AM Agent Smith <smith@ice.dhs.gov> wrote:|From: Smith <a@b.example>|"
    "To: Jane Roe <j@c.example>|-----Original Message-----|____________|thank you|Jane Roe|"
    "CONFIDENTIALITY NOTICE: this email"
).split("|")
ODD = (
    "aaa|''|\u0131|\u0130|\ufb01|\u00df|\u017f|\u212a|\u0430|\u200b|\u2022|\u00a7|\u00e9|\u2028|\x1c|\u24b6|_|\\x41|"
    "\u0663|\ud800|prince|mcdonald|mc donald|juanperez|seamus o'brien"
).split("|")
BETWEEN = [
    " ",
    " ",
    " ",
    "\n",
    "\r\n",
    ", ",
    ". ",
    ": ",
    "-",
    "/",
    "\t",
    "  ",
    " - ",
    "'",
    "_",
    "|",
    ";",
    "#",
    "\n> ",
    "\n\n",
    "",
]
VOCABULARY = sorted(
    {each.strip(" *\n") for _, _, listed in BY_CATEGORY for each in listed.replace("\n", " ").split(",")}
)
PIECES = st.one_of(
    st.sampled_from(VOCABULARY),
    st.sampled_from([word for _, text in ALL for word in text.split()]),
    st.sampled_from([*NUMBERS, *NAMED, *SURROUND, *ODD]),
    st.text(alphabet="aA bBzZ019'-_./#\n\u00e9\u0430\u2019\u0131", max_size=8),
)
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(BETWEEN)), max_size=30).map(
    lambda pieces: "".join(piece + between for piece, between in pieces)
)
EDGES = (
    "On Mon, Mar 2, 2026 at 9:14 AM Agent Smith <smith@ice.dhs.gov> wrote:\n> as asked",
    "Citizenship: Mexico\nFrom: Smith, Agent <smith@ice.dhs.gov>\nSent: Monday, March 2, 2026 9:14 AM\nout at 7",
    "NOTICE: this email is confidential\nand intended for the recipient only\nout at 7",
    "yours truly,\nJane Roe\nRecords Clerk\nout at 7",
    "Warm  regards,\nJane Roe",
    "__________\nout at 7",
    "Lansing has one asylee'e",
    "Lansing has a refugee'e here",
    "Lansing has a cit\u0131zen",
    "Perez\tJuan\tMX\nRoe\tJane\tMexico\nDoe\tJohn\tMexican\n",
    "Perez  MX\nRoe  HN\nDoe  GT",
    "Perez - MX\nRoe - HN\nDoe - GT",
    "Perez; MX\nRoe| HN\nDoe, GT",
    "Perez; MX\nRoe; HN\nDoe; GT",
    "Perez|MX\nRoe|HN\nDoe|GT",
    "March 5, 2026",
    "5 de mayo de 2026",
    "out may",
    "bo'ok 2026-00417",
    "he is a b-2, or b 2, or h1b",
    "file a - 012 345 678 and eac-1234567890",
    "bkkk-12345",
    "r_e_l_e_a_s_e r-e-l-e-a-s-e r  e  l  e  a  s  e",
    "don''t 'tis rock'n'roll o'clock",
    "a\rb",
    "\n",
    "\u2022 out at 7:30",
)
"""Where a quick way could go wrong: each was one that some change to the gate would have missed."""
MARKS = (*"-*#=+~.:;,_@&/\\()[]{}'\"!?>|0a\t\xa0", "", ">> ", "- ", "| > ")
MARKED = tuple(f"{mark}{line}\nJane Roe\nout at 7" for mark in MARKS for line in SURROUND)
"""What surrounds a letter, with something before it: of some signs a mail program makes a quotation, of others not."""
OPENED = tuple(
    f"{line}\nJane Roe\nout at 7"
    for opening in (
        "regards|best regards|Kind Regards,|warm regards|with regards|sincerely yours|respectfully submitted|thank you|"
        "Thanks again|many thanks|very truly yours|Yours truly|cordially|saludos|atentamente|gracias|best|v/r|VR|--|__|"
        "Confidential|notice|disclaimer|warning|caution|external|this email|sent from|get outlook|please delete|"
        "the contents|if you|any use|unauthorized|do not click|use caution|it may contain|law enforcement sensitive|"
        "for official use|important notice|privacy notice|legal notice|emails|think before|From: Roe <a@b.example>|"
        "On 3/2/2026, at 9:14 AM, Roe <a@b.example> wrote:|Thanks, Ann Roe|best, Jo|v/r, Out"
    ).split("|")
    for line in (opening, opening.upper(), f"  {opening} ")
)
"""Every beginning of a line with which something begins that surrounds a letter."""
SOMEBODY = tuple(
    text.format(somebody)
    for somebody in (
        "national|citizen|alien|immigrant|refugee|asylee|resident|person|individual|subject|parolee|noncitizen".split(
            "|"
        )
    )
    for text in ("Lansing has a Mexican {}", "Attached is the Mexican {}", "The Mexican {}s are enclosed")
)
"""Every word for somebody who is had, or handed over."""
quickly = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def corpus() -> tuple[str, ...]:
    """Every text that a reader could be shown in hostile messages, in ordinary ones, and in letters of status."""
    raws = [OPEN[name](text) for name in sorted(OPEN) for _, text in ALL[::6] if "much" not in name]
    raws += [CLOSED[name](ALL[0][1]) for name in sorted(CLOSED)]
    raws += [raw for raw, _ in ordinary_mails(60)]
    views = [view.text[:5_000] for raw in raws for view in read_mail(raw).views]
    return tuple(
        dict.fromkeys(
            [
                *EDGES,
                *MARKED,
                *OPENED,
                *SOMEBODY,
                *views,
                *ALONE,
                *list(status_letters())[::5],
                *(text for _, text in ALL),
            ]
        )
    )


def check_words(text: str) -> None:
    """The same reading, the same words in the same places, the same phrases among them."""
    plain = plainly.as_read(text)
    assert words.as_read(text) == plain
    for said in (plain, text):
        quick, slow = words.cut(said), plainly.cut(said)
        assert (list(quick), quick.texts, quick.distinct) == (
            slow,
            [each.text for each in slow],
            {each.text for each in slow},
        )
        for lexicon in LEXICONS.values():
            assert list(lexicon.matches(quick)) == list(plainly.matches(lexicon, slow))
        assert times.whens(said, quick) == plainly.whens(said, slow)
        days = frozenset({date(1990, 3, 5)})
        assert ROSTER.named_in(quick, days) == plainly.named_in(ROSTER, slow, days)


def check_letters(text: str) -> None:
    seen = reading(text)
    assert letters.letter_of(seen) == plainly.letter_of(seen)
    assert lists.is_list_of_people(seen) == plainly.is_list_of_people(seen)
    assert queries.is_custody_query(text) == plainly.is_custody_query(text)
    assert queries.is_network_message(text) == plainly.is_network_message(text)


def check_detectors(text: str) -> None:
    """Every detector says the same of a text when nothing about it is known beforehand."""
    quick, slow = _look(reading(text), Roster()), _look(reading(text), Roster())
    slow.words.hold_digits = True
    slow.words.listed = " ".join(detectors._PERSONS)
    for detector in detectors.DETECTORS:
        assert list(detector(quick)) == list(detector(slow)), detector.__name__
    assert bool(list(detectors.by_files(quick))) == plainly.holds_file_number(quick)
    assert list(dict.fromkeys(detectors.by_phrases(quick))) == plainly.phrase_signs(quick)
    assert quick.places(lambda sign: sign[1] == detectors._TIME) == plainly.time_places(quick)
    named = {
        at for first, after, signs in quick.matches if any(sign[0] for sign in signs) for at in range(first, after)
    }
    named |= times.places_of(quick.whens, quick.words)
    left = [word for at, word in enumerate(quick.words.texts) if at not in named and word not in _FILLERS]
    assert detectors.leaves_over(quick, _FILLERS) == bool(left)


def check_bytes(text: str) -> None:
    """A run that may be encoded is seen wherever the pattern for it fits."""
    assert inline._may_hold(text, inline._BASE64_SHAPE) or not plainly.holds_base64(text)
    assert inline._may_hold(text, inline._HEX_SHAPE) or not plainly.holds_hexadecimal(text)
    raw = text.encode("utf-8", "surrogatepass")
    assert framing_fault(raw) is plainly.framing_fault(raw)
    assert formats._holds_controls(raw) == plainly.holds_controls(raw)
    if plainly.reads_as_it_is(text):
        assert reading(text) == text
    elif text.isascii():
        assert text.encode().translate(None, folding._SAME)


CHECKS: dict[str, Callable[[str], None]] = {
    "words": check_words,
    "letters": check_letters,
    "detectors": check_detectors,
    "bytes": check_bytes,
}


def checked(check: Callable[[str], None], texts: Iterable[str]) -> int:
    count = 0
    for text in texts:
        check(text)
        count += 1
    return count


@pytest.mark.parametrize("name", CHECKS)
def test_quick_way_comes_to_the_same_when_messages_are_hidden_ordinary_or_of_status(name):
    assert checked(CHECKS[name], corpus()) > 1_000


@pytest.mark.parametrize("name", CHECKS)
def test_quick_way_comes_to_the_same_when_a_text_is_made_up(name):
    @quickly
    @given(TEXTS)
    def law(text: str) -> None:
        CHECKS[name](text)

    law()
