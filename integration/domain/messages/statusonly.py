"""Is a text status and nothing else? A grammar of what is let in (8 U.S.C. 1373; L9, M-5).

Every statement has to hold a word of status, and every word of it has to be accounted for: status, country, class of
visa, file number, law, the person's name in the place of a subject, a date beside a word such as *naturalized*, and a
closed list of joining words. Whatever is left over makes the message more than status. It is meant to be narrow.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from integration.domain.messages.countries import CODES, COUNTRIES, NATIONALITIES
from integration.domain.messages.letters import agency_name
from integration.domain.messages.lexicon import Lexicon
from integration.domain.messages.names import PARTICLES, may_belong, may_name, stands_as_subject
from integration.domain.messages.phrases import BIRTHPLACE, NEUTRAL, STATUS
from integration.domain.messages.predicates import lacks_company, tells_alone
from integration.domain.messages.sayings import in_plain_words
from integration.domain.messages.times import places_of, whens
from integration.domain.messages.views import Kind
from integration.domain.messages.vocabulary import ANCHORLESS, FILLERS, TITLES
from integration.domain.messages.words import Words, cut

People = frozenset[frozenset[str]]
"""The people whose status is told, each by the words of a name."""
_ANCHOR: Final = "anchor"
_PLACE: Final = "place"
_PLAIN: Final = "plain"
_LEXICON: Final = Lexicon(
    [(STATUS, _ANCHOR), (COUNTRIES, _PLACE), (NATIONALITIES, _PLACE), (NEUTRAL, _PLAIN), (BIRTHPLACE, _PLAIN)]
)
_FILLERS: Final = frozenset(FILLERS.split())
_ANCHORLESS: Final = frozenset(ANCHORLESS.split())
_TITLES: Final = frozenset(TITLES.split())
_NO_NAME: Final = _TITLES | _FILLERS
_DATED: Final = frozenset(
    """
    naturalized naturalised admitted entered entry expires expired expiration valid granted issued approved adjusted
    dated since filed ordered revoked terminated denied obtained acquired became through renewed admission
    naturalization
    """.split()
)
"""Words of status that have a date."""
_GREETING: Final = re.compile(
    r"\W*(?:dear|hello|hi|good\s(?:morning|afternoon|evening|day)|attn|attention|greetings)\b[\s,:]*", re.IGNORECASE
)
_RANK: Final = re.compile(
    r"\s*(?:agent|officer|deputy|detective|special agent|sgt|sergeant|lt|lieutenant|director|mr|ms|mrs)\.?\s"
    r"(?=[^,:\n]{1,40}[,:]\s*$)",
    re.IGNORECASE,
)
"""A greeting that is a title and a name: ``Agent Roe,``."""
_AS_OF: Final = re.compile(r"\bas of\b", re.IGNORECASE)
_OPEN_END: Final = frozenset("in on with to by from at or and".split())
"""Words that leave a statement open: "the Mexican national is in"."""
_EXTENSION: Final = re.compile(
    r"\.(?:txt|text|pdf|docx?|docm|dotx|xlsx?|xlsm|csv|tsv|rtf|odt|ods|odp|pptx?|html?|xml|json|eml|msg|ics|vcf|zip|gz|bz2|xz|"
    r"p7s|p7m|asc|sig|png|jpe?g|gif|tiff?|bmp|md|log|dat)$",
    re.IGNORECASE,
)
"""The ending of a file's name that says what kind it is. Any other is a word like the rest: ``status.0600``."""
_VALUED: Final = frozenset(
    "status citizenship nationality visa immigration alien country class citizen ciudadania nacionalidad".split()
)
"""Words before a colon whose value is a status, and nobody's name."""
_LABELS: Final = frozenset("name subject individual person applicant re regarding nombre reference ref surname".split())
_ABBREVIATED: Final = re.compile(
    r"(?<![\w.])(?:[A-Z]\.\s?){2,6}(?![a-z])|"
    r"(?<!\w)(?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.(?=\s\d)|(?<!\w)(?:Mr|Mrs|Ms|Dr|No|Nos|Sec|Sgt|Lt|Det|Ofc|Dep|Capt|Art|St|Jr|Sr)\."
)
_POSSESSIVE: Final = re.compile(r"(?<=\w)'s?(?!\w)")
_MASKS: Final = (
    # Law first: its numbers are none of anything else.
    (
        " citation ",
        re.compile(
            r"(?<!\w)(?:(?:title\s+)?8,?\s*u\.?\s?s\.?\s?c(?:ode)?\.?(?:\s?a\.?)?|8\s*c\.?f\.?r\.?|"
            r"ina|section|sections|sec\.?|title 8)"
            r"\s*,?\s*(?:section|sections|sec\.?|\u00a7+|ss)?\s*\u00a7*\s*(?:[1-5]\d\d|1[0-7]\d\d)[a-z]?(?:\.\d{1,3})?(?:\([a-z0-9]{1,4}\)){0,5}"
            r"(?:\s*(?:,|and|&|through|-)\s*\u00a7*\s*(?:1373|1644|1357)(?:\([a-z0-9]{1,3}\)){0,3}){0,3}(?!\w)",
            re.IGNORECASE,
        ),
    ),
    (" citation ", re.compile(r"(?:\u00a7+\s*)?(?<!\w)(?:1373|1644)(?:\([a-z0-9]\)){0,2}(?!\w)")),
    (" citation ", re.compile(r"(?<!\w)(?:101|208|209|212|237|240|244|245)(?:\([a-zA-Z0-9]{1,4}\)){1,4}(?!\w)")),
    (
        " filenumber ",
        re.compile(
            r"(?<!\w)a[\s#:-]{0,3}\d{2,3}[\s-]?\d{3}[\s-]?\d{3}(?!\w)|(?<!\w)(?:eac|wac|lin|src|msc|nbc|ioe|ysc)-?\d{10}(?!\d)",
            re.IGNORECASE,
        ),
    ),
    (
        " filenumber ",
        re.compile(
            r"(?<!\w)(?:alien|a|uscis|i-?94|admission|certificate|naturalization|registration)[\s-]*(?:registration|file|certificate)?"
            r"[\s-]*(?:number|no\.?|num|#)[\s:#.=-]{0,4}(?:is\s)?(?=[\w-]*\d)[a-z]?[\d-]{6,12}[a-z]?\d?(?!\w)",
            re.IGNORECASE,
        ),
    ),
)
_VISA: Final = re.compile(r"(?<!\w)([A-Z]{1,2}-?\d{1,2}[A-Z]?\d?)((?:/[A-Z]-?\d[A-Z]?)?)(?!\w)")
_SEGMENTS: Final = re.compile(r"[\r\n\t|\u2022\u00b7]+|(?<=[.!?;])(?<!\b[A-Z]\.)\s+")
_COLUMNS: Final = re.compile(r"[ \t]*[|\t][| \t]*")
_NUMBERED: Final = re.compile(r"(?m)^[>\s]{0,8}[12][.)] (?=[^\W\d_])")
"""The first and the second of a list: more than two people are a list of people in any case."""
_PARAGRAPHS: Final = re.compile(r"\r?\n[>\s]*\r?\n")
_WRAPS: Final = re.compile(r"\s*\r?\n[>\s]*")
_STRANGE: Final = re.compile(r"[^\w\s.,;:!?'\"()\[\]<>{}/&#*\u00a7@_=+~\u2022\u00b7|-]")
_MONTHS: Final = frozenset(
    """
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    """.split()
)
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
MOST_PEOPLE: Final = 2
"""People whose status one message may tell: more is a list of people."""
_SAME_PERSON: Final = 2
"""Words that a name and another have in common which are one person's."""
_MOST_RUNS: Final = 2
"""Names in one statement: ``In response to ... Juan Perez: Juan Perez is ...``."""
_BREAK: Final = re.compile(r"[:;(/&]")
_WRAPPED: Final = 40
"""Characters of the shortest line after which a program goes on in the next."""
_MOST_SEGMENTS: Final = 400
_VALUE_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Around:
    """Who is named around a letter: none of them may be the person spoken of."""

    signers: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    """Agencies and people quoted: two words of a name in them are that person's."""


_NOBODY: Final = Around()


def is_status_only(text: str, kind: Kind, around: Around = _NOBODY) -> bool:
    """Tell whether a text holds nothing but citizenship or immigration status and what belongs to telling it.

    Args:
        text: as `folding.reading` returns it, without what surrounds a letter.
        kind: where it stands.
        around: who is named around it.
    """
    return people_of(text, kind, around) is not None


def people_of(text: str, kind: Kind, around: Around = _NOBODY) -> People | None:
    """Return whose status a text tells; None where it holds anything but status. The arguments of `is_status_only`."""
    if _STRANGE.search(text):
        return None
    if kind is Kind.NAME:
        text = _EXTENSION.sub("", text.strip())
        if agency_name(text) or _names_a_sender(text):
            return distinct([tuple(word.text for word in cut(text) if word.text not in _NO_NAME)])
    plain = _ABBREVIATED.sub(lambda each: each.group().replace(".", "").replace(" ", "") + " ", in_plain_words(text))
    plain = _POSSESSIVE.sub("", plain)
    for instead, pattern in _MASKS:
        plain = pattern.sub(instead, plain)
    plain = _VISA.sub(lambda each: " visaclass " if _is_class(each) else each.group(), plain)
    plain = _NUMBERED.sub("", plain)
    paragraphs = [each for each in _PARAGRAPHS.split(plain) if any(map(str.isalnum, each))]
    if plain.count("\n") + len(paragraphs) > _MOST_SEGMENTS:
        return None
    people: set[tuple[str, ...]] = set()
    for paragraph in paragraphs:
        # Line by line, or as rows of a table, or as sentences that a mail program has wrapped.
        if not any(_accounts_for_all(each, kind, people) for each in _ways_to_read(paragraph)):
            return None
    named = distinct(people)
    return named if len(named) <= MOST_PEOPLE and not _are_around(named, around) else None


def _ways_to_read(paragraph: str) -> Iterator[str]:
    """Yield a paragraph as it stands, its columns as cells of one row, and its lines joined where they were wrapped."""
    yield paragraph
    if "|" in paragraph or "\t" in paragraph:
        yield _COLUMNS.sub(", ", paragraph)
    if "\n" in paragraph:
        yield _unwrapped(paragraph)


def _unwrapped(paragraph: str) -> str:
    """Return a paragraph with those lines joined that were one: a long line and the next, a label and its value.

    So was one that goes on with a small letter.

    A short line that goes on below was not wrapped by a program. It is a statement by itself, and has to hold a status.
    """
    lines = _WRAPS.split(paragraph)
    joined = [lines[0]]
    for before, line in pairwise(lines):
        bare = before.rstrip()
        goes_on = len(bare) >= _WRAPPED or bare.endswith((":", ",")) or line[:1].islower() or _is_only_a_label(bare)
        joined += [" " if goes_on else "\n", line]
    return "".join(joined)


def _is_only_a_label(line: str) -> bool:
    words = cut(line)
    return bool(words) and all(word.text in _LABELS or word.text in _ANCHORLESS for word in words)


def _are_around(named: People, around: Around) -> bool:
    """Tell whether somebody spoken of signs the letter, or is quoted in it."""
    signing = [frozenset(word.text for word in cut(signer)) for signer in around.signers]
    beside = [frozenset(word.text for word in cut(other)) for other in around.beside]
    return any(one & other for one in named for other in signing) or any(
        len(one & other) >= _SAME_PERSON for one in named for other in beside
    )


def _accounts_for_all(paragraph: str, kind: Kind, people: set[tuple[str, ...]]) -> bool:
    segments = [each for each in _SEGMENTS.split(paragraph) if any(map(str.isalnum, each))]
    named: set[tuple[str, ...]] = set()
    if not all(_accounts_for(segment, kind, named) for segment in segments):
        return False
    people |= named
    return True


def distinct(people: Iterable[Iterable[str]]) -> People:
    """Return the people named, once each: a part of a name, or an initial, is no other person."""
    names = {whole for name in people if (whole := frozenset(name))}
    names = {frozenset(word for word in name if len(word) > 1) or name for name in names}
    return frozenset(name for name in names if not any(name < other for other in names))


def _is_class(match: re.Match[str]) -> bool:
    return all(not part or part.replace("-", "").replace("/", "").casefold() in CODES for part in match.groups())


def _names_a_sender(text: str) -> bool:
    """Tell whether a display name is a person, an office, or both."""
    words = [word.text for word in cut(text)]
    rest = [word for word in words if word not in _TITLES and word not in _FILLERS]
    raw = [text[word.start : word.end] for word in cut(text) if word.text in rest]
    return not rest or may_name(raw)


def _accounts_for(segment: str, kind: Kind, people: set[tuple[str, ...]]) -> bool:
    words = cut(segment)
    if _greets(segment, words) or _closes(words):
        return True
    covered, anchors = _cover(segment, words)
    if covered is None or (words and words[-1].text in _OPEN_END) or tells_alone(segment, words):
        return False
    runs = _runs(segment, words, covered)
    if kind is Kind.NAME or (kind is Kind.VALUE and len(words) <= _VALUE_WORDS):
        # A value says what it was filed under: one opaque word is one, a sentence is not.
        if len(runs) > 1 or not all(_opaque(segment, words, run, kind) for run in runs):
            return False
        people.update(tuple(words.texts[first:after]) for first, after in runs)
        return True
    labelled = len(runs) == 1 and _is_label(words, runs[0], anchors)
    if len(runs) > _MOST_RUNS or not all(_named(segment, words, run, people, labelled=labelled) for run in runs):
        return False
    return bool(anchors) or kind is Kind.VALUE or labelled


def _closes(words: Words) -> bool:
    """Tell whether a segment is a greeting, a reference or a closing, which need no word of status."""
    return all(word.text in _ANCHORLESS for word in words) and not lacks_company(words)


def _greets(segment: str, words: Words) -> bool:
    """Tell whether a segment greets somebody by title and name: ``Dear Officer Roe,``."""
    greeting = _GREETING.match(segment) or _RANK.match(segment)
    if greeting is None:
        return False
    rest = [word for word in words if word.start >= greeting.end() and word.text not in _TITLES]
    return not rest or may_name([segment[word.start : word.end] for word in rest])


def _cover(segment: str, words: Words) -> tuple[set[int] | None, int]:
    """Return the places of the words that are accounted for (None: a time stands there) and how many tell a status."""
    covered: set[int] = set()
    anchors = places = 0
    dated = any(word.text in _DATED for word in words) or _AS_OF.search(segment) is not None
    for first, after, says in _LEXICON.matches(words):
        covered.update(range(first, after))
        anchors += _ANCHOR in says
        places += _PLACE in says
    times = whens(segment, words)
    if times and (not dated or any(when.has_time for when in times)):
        return None, 0
    covered |= places_of(times, words)
    for at, word in enumerate(words):
        text, raw = word.text, segment[word.start : word.end]
        if text in {"citation", "filenumber", "visaclass"}:
            anchors += 1
            covered.add(at)
        elif text in _FILLERS or (raw.isupper() and text in CODES) or (_YEAR.fullmatch(text) and dated):
            covered.add(at)
        elif dated and text in _MONTHS and at + 1 < len(words) and _YEAR.fullmatch(words.texts[at + 1]):
            covered.add(at)  # "LPR since November 2012"
    # A country beside nothing but a name is a nationality: "Mexico", "PEREZ JUAN, Mexico".
    return covered, anchors or int(places > 0)


def _runs(segment: str, words: Words, covered: set[int]) -> list[tuple[int, int]]:
    """Return the runs of words that nothing accounts for; a particle between two of them belongs to them."""
    runs: list[tuple[int, int]] = []
    for at in range(len(words)):
        if at in covered:
            continue
        if runs and _belongs(segment, words, runs[-1][1], at):
            runs[-1] = (runs[-1][0], at + 1)
        else:
            runs.append((at, at + 1))
    return [_widened(segment, words, *run) for run in runs]


def _widened(segment: str, words: Words, first: int, after: int) -> tuple[int, int]:
    """Take in words beside a run that belong to the name although they mean something alone: ``Jordan Smith``."""

    def part_of_it(at: int, beside: int) -> bool:
        low, high = min(at, beside), max(at, beside)
        gap = segment[words[low].end : words[high].start]
        return gap.strip(" ,") == "" and may_belong(segment[words[at].start : words[at].end])

    while first > 0 and part_of_it(first - 1, first):
        first -= 1
    while after < len(words) and part_of_it(after, after - 1):
        after += 1
    return first, after


def _belongs(segment: str, words: Words, after: int, at: int) -> bool:
    between = segment[words[after - 1].end : words[at].start]
    return not _BREAK.search(between) and all(word.text in PARTICLES for word in words[after:at])


def _is_label(words: Words, run: tuple[int, int], anchors: int) -> bool:
    """Tell whether a segment is a label and a name: ``Name: PEREZ, JUAN``."""
    before = [word.text for word in words[: run[0]]]
    return (
        not anchors
        and run[1] == len(words)
        and bool(before)
        and all(word in _LABELS or word == "of" for word in before)
    )


def _named(segment: str, words: Words, run: tuple[int, int], people: set[tuple[str, ...]], *, labelled: bool) -> bool:
    raw = [segment[word.start : word.end] for word in words[run[0] : run[1]]]
    if not may_name(raw) or not (labelled or stands_as_subject(segment, words, *run)):
        return False
    if len(raw) == 1 and _is_value(segment, words, run):
        return False  # "Status: OOC", "Citizenship: Friday": one word there is a value, and not one that is known.
    people.add(tuple(word.casefold() for word in raw))
    return True


def _is_value(segment: str, words: Words, run: tuple[int, int]) -> bool:
    """Tell whether a run is all that a word of status is said to be."""
    first, after = run
    if not first or after != len(words) or words[first - 1].text not in _VALUED:
        return False
    return any(mark in segment[words[first - 1].end : words[first].start] for mark in ":=")


def _opaque(segment: str, words: Words, run: tuple[int, int], kind: Kind) -> bool:
    """Tell whether a run may be a name, or one letter. A file's name is often written small; a value is not."""
    raw = [segment[word.start : word.end] for word in words[run[0] : run[1]]]
    written = [each.title() for each in raw] if kind is Kind.NAME else raw
    return may_name(written) or (len(raw) == 1 and len(raw[0]) == 1 and raw[0].isalpha())
