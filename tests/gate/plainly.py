"""What the quick ways of the gate have to come to: every pattern at every place, nothing passed over."""

import re
from collections.abc import Iterator
from datetime import date

from integration.contents import inline
from integration.contents.framing import Fault
from integration.domain.folding import fold, reading
from integration.domain.messages import detectors, letters, lists, queries, times, words
from integration.domain.messages.countries import CODES
from integration.domain.messages.lexicon import Lexicon, _Node
from integration.domain.messages.people import _PIECES, _SHORTEST_NUMBER, _WINDOW, Named, Roster
from integration.domain.messages.words import WORD, Word

_STRETCHED = re.compile(r"([a-z])\1{2,}")
_ODD = re.compile(r"'|([a-z])\1{2,}")
_MARKED = re.compile(r"^[>\s|]*")
_CONTROLS = frozenset(range(32)) - {7, 8, 9, 10, 12, 13, 27}
_LONGEST = 7


def reads_as_it_is(text: str) -> bool:
    return re.fullmatch(r"[\x09\x0a\x0d\x20-\x7e]*", text) is not None


def as_read(text: str) -> str:
    parted = words._CAMEL.sub(" ", reading(text))
    return words._SPELLED.sub(lambda each: words._joined(each.group()), parted)


def cut(text: str) -> list[Word]:
    folded = text.casefold()
    if len(folded) != len(text):
        folded = text.lower() if len(text.lower()) == len(text) else text
    found = []
    for match in WORD.finditer(folded):
        said = match.group()
        if _ODD.search(said):
            said = _STRETCHED.sub(r"\1", said.replace("'", ""))
        found.append(Word(said, *match.span()))
    return found


def matches(lexicon: Lexicon, said: list[Word]) -> Iterator[tuple[int, int, list]]:
    (root,) = lexicon._root.nodes
    after = 0
    for at in range(len(said)):
        if at >= after and (found := _longest(root, said, at, 0)) is not None:
            after, says = found
            yield at, after, says


def _longest(node: _Node, said: list[Word], at: int, depth: int) -> tuple[int, list] | None:
    best = (at, node.says) if node.says and depth else None
    if at == len(said) or depth == _LONGEST:
        return best
    word = said[at].text
    children = [node.onward[word]] if word in node.onward else []
    children += [node.stems[word[:size]] for size in range(2, len(word) + 1) if word[:size] in node.stems]
    for child in children:
        found = _longest(child, said, at + 1, depth + 1)
        if found is None:
            continue
        if best is None or found[0] > best[0]:
            best = found
        elif found[0] == best[0]:
            best = (best[0], [*best[1], *(says for says in found[1] if says not in best[1])])
    return best


def letter_of(text: str) -> letters.Letter:
    kept: list[str] = []
    names: list[str] = []
    beside: list[str] = []
    around: list[str] = []
    signing = 0
    quoted = False
    notice = None
    for line in letters._WRAPPED.sub(r"\1 \2", text).splitlines():
        bare = _MARKED.sub("", line).strip()
        if len(bare) > letters._WIDEST:
            kept.append(line)
            notice = None
            continue
        if letters._ORIGINAL.fullmatch(bare):
            quoted, signing = True, 0
            continue
        head = letters._WROTE.fullmatch(bare) or letters._HEAD_FROM.fullmatch(bare)
        head = head or (letters._HEAD.fullmatch(bare) if quoted else None)
        if head is not None and letters._names_somebody(head["party"] or ""):
            quoted, signing = True, 0
            beside += filter(None, [head["party"]])
            around += [head["party"] or "", *letters._MAILS.findall(bare)]
            continue
        notice = letters._notice(bare, notice)
        if notice is not None:
            continue
        closing = letters._CLOSING.fullmatch(bare)
        if closing is not None and (not closing[1] or letters._signs(closing[1], names, beside)):
            signing = letters._MOST_LINES
            around += letters._apart(closing[1]) if closing[1] else []
            continue
        if signing and bare:
            signing -= 1
            if letters._signs(bare, names, beside):
                around += letters._apart(bare)
                continue
            signing = 0
        kept.append(line)
    return letters.Letter("\n".join(kept), tuple(names), tuple(beside), tuple(dict.fromkeys(around)))


def whens(text: str, said: list[Word]) -> list[times.When]:
    found: list[times.When] = []
    after = 0
    for word in said:
        if word.start < after or not (word.text[0].isdigit() or word.text[:3] in times._MONTH_NUMBERS):
            continue
        each = times._WHEN.match(text, word.start)
        if each is not None:
            after = each.end()
            has_time = each["stamp"] is not None or each["clock"] is not None
            found.append(times.When(each.start(), after, has_time, times._days(each) if each["date"] else ()))
    return found


def holds_file_number(look: detectors.Look) -> bool:
    for word in look.words:
        visa = detectors._VISA.match(look.text, word.start)
        if visa and visa.group().replace("-", "").casefold() in CODES:
            return True
        if detectors._FILE.match(look.text, word.start):
            return True
    return False


def phrase_signs(look: detectors.Look) -> list[tuple]:
    return list(dict.fromkeys(sign for _, _, signs in look.matches for sign in signs if sign[0] is not None))


def time_places(look: detectors.Look) -> list[int]:
    return [at for at, _, signs in look.matches if any(name == detectors._TIME for _, name in signs)]


def is_list_of_people(text: str) -> bool:
    rows = 0
    for line in text.splitlines()[: lists._MOST_LINES]:
        cells = [each.strip() for each in lists._COLUMNS.split(line)]
        if len(cells) > 1 and any(map(lists._is_name, cells)) and any(map(lists._is_country, cells)):
            rows += 1
    return rows >= lists._ROWS


def is_custody_query(text: str) -> bool:
    folded = queries._APART.sub("iaq", fold(text[: queries._LONGEST]))
    if _sent(folded) or queries._HEAD.search(folded):
        return True
    for name in queries._WORD.finditer(folded):
        for pattern, within in ((queries._FIELD, queries._NEAR_FIELD), (queries._BIRTH, queries._NEAR_BIRTH)):
            if any(0 <= each.start() - name.start() <= within for each in pattern.finditer(folded)):
                return True
    flagged = "iaq" in folded or queries._FLAG.search(folded) is not None
    return flagged and len(set(queries._FIELDS.findall(folded))) >= queries._ENOUGH_FIELDS


def _sent(folded: str) -> bool:
    said = [*queries._ON_SOMEBODY.finditer(folded)]
    told = {"sent", "ran", "submitted"}
    said += [each for each in queries._SENT.finditer(folded) if each["about"] or each["did"] in told]
    return any(not queries._NOT.search(folded[max(0, each.start() - 40) : each.start()]) for each in said)


def is_network_message(text: str) -> bool:
    folded = fold(text[: queries._LONGEST])
    if queries._MESSAGE.search(folded):
        return True
    return len(set(queries._FIELDS.findall(folded))) >= queries._ENOUGH_FIELDS


def holds_base64(text: str) -> bool:
    return inline._BASE64.search(text) is not None


def holds_hexadecimal(text: str) -> bool:
    return inline._HEX.search(text) is not None


def framing_fault(raw: bytes) -> Fault | None:
    if b"\0" in raw:
        return Fault.NUL
    if re.search(rb"\r(?!\n)", raw):
        return Fault.BARE_CR
    return Fault.BARE_LF if re.search(rb"(?<!\r)\n", raw) else None


def holds_controls(raw: bytes) -> bool:
    return any(byte in _CONTROLS for byte in raw)


def named_in(roster: Roster, said: list[Word], days: frozenset[date]) -> Named:
    people: set[int] = set()
    places: set[int] = set()
    texts = [word.text for word in said]
    for at, first in enumerate(texts):
        for size in range(2, _PIECES):
            if (number := roster._alone.get("".join(texts[at : at + size]))) is not None:
                people.add(number)
                places.update(range(at, min(at + size, len(texts))))
        if numbers := roster._numbers_of(first):
            people.update(numbers)
            places.add(at)
        for next_at in range(at + 1, min(at + _WINDOW + 1, len(texts))):
            one, other = roster._tokens.get(first), roster._tokens.get(texts[next_at])
            if one is None or other is None:
                continue
            for key in ((one << 24) | other, (other << 24) | one):
                if (found := roster._pairs.get(key)) is not None:
                    people.update(found if isinstance(found, tuple) else (found,))
                    places.update((at, next_at))
    born = frozenset(number for number in people if roster._births.get(number) in days)
    return Named(frozenset(people), born, _booked(roster, texts), frozenset(places))


def _booked(roster: Roster, texts: list[str]) -> int:
    booked = 0
    starts = {at - back for at, text in enumerate(texts) if not text.isalpha() for back in range(min(_PIECES, at + 1))}
    for at in starts:
        joined = ""
        for text in texts[at : at + _PIECES]:
            joined += text
            booked += len(joined) >= _SHORTEST_NUMBER and joined in roster._bookings
    return booked
