"""Header fields that machines write, in the forms in which they do; and the words that such a form leaves room for.

Every form is matched in time that grows with the length alone: a field comes from anybody, and one that took long would
hold up all other mail. So repetitions are possessive, and what repeats begins with what nothing before it can end in.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from email.utils import parsedate_tz
from typing import Final

from integration.contents.serverfields import form_of

DATE: Final = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), {1,2})?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} "
    r"\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)? (?:[+-]\d{4}|GMT|UTC?|EST|EDT|CST|CDT|MST|MDT|PST|PDT)(?: \([A-Z]{2,5}\))?"
)
"""RFC 5322 section 3.3, as programs write it."""
_LANGUAGE: Final = r"(?:ar|de|en|es|fr|hi|hmn|ht|it|ja|ko|nl|pl|pt|ru|so|tl|uk|vi|zh)(?:-[A-Z]{2}|-[a-z]{2})?"
_LANGUAGES: Final = re.compile(rf"{_LANGUAGE}(?:, ?{_LANGUAGE}){{0,5}}")
_PRECEDENCE: Final = re.compile(r"(?i)normal|high|low")
_FORMS: Final = {
    "mime-version": re.compile(r"1\.0(?: \(Mac OS X Mail \d{1,2}\.\d{1,2} \\\([\d.]{1,16}\\\)\))?"),
    "date": DATE,
    "resent-date": DATE,
    "x-priority": re.compile(r"[1-5](?: \((?:Highest|High|Normal|Low|Lowest)\))?"),
    "x-msmail-priority": _PRECEDENCE,
    "importance": _PRECEDENCE,
    "priority": re.compile(r"(?i)normal|urgent|non-urgent"),
    "sensitivity": re.compile(r"(?i)personal|private|company-confidential|normal"),
    "auto-submitted": re.compile(r"(?i)no|auto-generated|auto-replied"),
    "precedence": re.compile(r"(?i)bulk|list|junk|first-class"),
    "content-language": _LANGUAGES,
    "accept-language": _LANGUAGES,
    "x-ms-has-attach": re.compile(r"(?i)yes|no|"),
    "x-ms-tnef-correlator": re.compile(r""),
    "x-originating-ip": re.compile(
        r"\[?(?:(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})|(?=[^\]]*:)[0-9a-fA-F.:]{3,45})\]?"
    ),
    "return-path": re.compile(r"<(?:[^<>\s@]{1,64}@[^<>\s@]{1,255})?>"),
    "x-spam-flag": re.compile(r"(?i)yes|no"),
    "x-spam-score": re.compile(r"-?(?:0|[1-9]\d{0,2})(?:\.\d{1,3})?"),
    "dkim-signature": re.compile(r"(?:[a-z]{1,2}=[A-Za-z0-9+/=.:@_ -]*+(?:; ?+|$))++"),
}
_CLAUSE: Final = re.compile(
    r"(?:from|by|id|for|tls|helo|over) <?[^\s();<>]{1,255}>?(?: |$)|(?:with|via)(?= )| "
    r"|(?:Microsoft|SMTP|Server|Frontend|Transport|mapi|local|HTTPS?|LMTPS?A?|UTF8SMTPS?A?|E?SMTPS?A?)(?: |$)",
    re.IGNORECASE,
)
_HELO: Final = re.compile(r"[^\s();<>]{1,255}|\[[0-9A-Fa-f.:]{2,45}\]")
_LONGEST_TRACE: Final = 4_000
_DEEPEST: Final = 4
_TOKENS: Final = re.compile(r"<[^<>\s@]{1,200}@[^<>\s@]{1,255}>(?:\s+<[^<>\s@]{1,200}@[^<>\s@]{1,255}>){0,40}")
_FOR: Final = re.compile(r"\bfor <?([^\s<>@;()]{1,200}@[^\s<>;()]{1,255})")
_IDENTIFIER: Final = re.compile(r"<([^<>\s@]{1,200})@")
_IDS: Final = frozenset({"message-id", "in-reply-to", "references", "content-id", "resent-message-id"})
_PROGRAM: Final = re.compile(
    r"(?:(?>microsoft|outlook|office|express|exchange|apple|iphone|ipad|mail|mozilla|thunderbird|roundcube|webmail|"
    r"zimbra|evolution|squirrelmail|mutt|kmail|gnus|emacs|lotus|notes|groupwise|novell|gmail|google|yahoo|service|web|"
    r"server|client|windows|linux|macintosh|intel|mac|os|x11|x|nt|win|gecko|rv|en|us|build|version|release|ubuntu|gnu|"
    r"imp|horde|sendmail|sylpheed|claws|mapi|smtp|[\d.]{1,20}+|[\s/;:,()+~_-])){1,60}+",
    re.IGNORECASE,
)
_PROGRAMS: Final = frozenset({"x-mailer", "user-agent"})
_LONGEST_PROGRAM: Final = 400
_LONGEST_ID: Final = 100
_THREAD: Final = 22
"""Bytes of the index of a thread's first message."""
_LETTERS: Final = re.compile(rb"[A-Za-z ]{7}")
"""Letters that no number has so many of in a row."""
_TAGGED: Final = frozenset({"dkim-signature", "arc-seal", "arc-message-signature", "x-google-dkim-signature"})
_RULES: Final = re.compile(r"(?<![A-Z_])[A-Z]{2,40}+(?:_[A-Z]{1,40}+){1,10}+")
"""Names of SpamAssassin's rules, without numbers."""
_LOCALS: Final = re.compile(r"(?<![\w.+-])([\w.+-]{1,64})@")
_FOLDED: Final = re.compile(r"[ \t]+")
_SIGNED: Final = re.compile(r"(?:^|; ?)b[h]?=[^;]*")


def is_machines(name: str, value: str) -> bool:
    """Tell whether a field is one that machines write, in the form in which they write it.

    Args:
        name: lower case.
        value: unfolded. Folded with a space or a tab, it says the same (RFC 5322 section 2.2.3).
    """
    value = _FOLDED.sub(" ", value)
    if name in _IDS:
        return len(value) <= _LONGEST_ID * 40 and bool(_TOKENS.fullmatch(value))
    if name in _PROGRAMS:
        return len(value) <= _LONGEST_PROGRAM and bool(_PROGRAM.fullmatch(value))
    told = _BY_PARTS.get(name) or form_of(name)
    if told is not None:
        return told(value)
    shape = _FORMS.get(name)
    if shape is None or shape.fullmatch(value) is None:
        return False
    return name != "date" or parsedate_tz(value) is not None


def words_of(name: str, value: str) -> Iterator[str]:
    """Yield what a field that `is_machines` may say to people all the same: comments, identifiers, programs."""
    if name in _IDS or name in _PROGRAMS:
        yield re.sub(r"@[^>\s]*", " ", value)  # what is behind the "@" is a host
    elif name == "received":
        yield from (_trace(_FOLDED.sub(" ", value)) or ((), ""))[0]
    elif name.startswith("x-ms-exchange-"):
        yield name.replace("-", " ")  # Anybody can make up one more.
    elif name == "x-spam-status":
        yield ", ".join(each.replace("_", " ") for each in _RULES.findall(value))
    elif name in _TAGGED:
        yield _SIGNED.sub(lambda tag: "" if " " not in tag.group().strip("; ") else tag.group(), value)


def hosts_in(name: str, value: str) -> str:
    """Return what a field that `is_machines` names machines by, and the identifiers that stand with them."""
    if name == "received":
        return (_trace(_FOLDED.sub(" ", value)) or ((), ""))[1]
    shown = f"{name} {value}" if name.startswith("x-ms-exchange-") else value
    return shown if name in _IDS or form_of(name) is not None else ""


def addresses_in(name: str, value: str) -> Iterator[str]:
    """Yield the mail addresses in a field that `is_machines`: where a bounce goes, for whom a server took it."""
    if name == "return-path":
        yield value.strip("<> ")
    elif name == "received":
        yield from _FOR.findall(value)


def identifiers_in(name: str, value: str) -> Iterator[str]:
    """Yield what stands before the ``@`` of message identifiers: programs make them up, and so can anybody."""
    if name in _IDS:
        yield from _IDENTIFIER.findall(value)
    elif form_of(name) is not None:
        yield from _LOCALS.findall(value)


def _is_thread(value: str) -> bool:
    """Tell whether a value is the index of a thread: a time, a number, and five bytes for each answer ([MS-OXOMSG])."""
    try:
        raw = b64decode(value.replace(" ", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) >= _THREAD and (len(raw) - _THREAD) % 5 == 0 and raw[0] == 1 and not _LETTERS.search(raw)


def _trace(value: str) -> tuple[tuple[str, ...], str] | None:
    """Return the comments of a trace field, and its clauses without them; None where it is none (RFC 5321 4.4)."""
    if len(value) > _LONGEST_TRACE:
        return None
    apart = _without_comments(value)
    if apart is None:
        return None
    comments, bare = apart
    clauses, semicolon, at = bare.rpartition(";")
    if not semicolon or DATE.fullmatch(at.strip()) is None:
        return None
    clauses = _FOLDED.sub(" ", clauses).strip()
    place = 0
    while place < len(clauses):
        clause = _CLAUSE.match(clauses, place)
        if clause is None:
            return None
        place = clause.end()
    # "(EST)" after the date says what the date says.
    return tuple(comment for comment in comments if not re.fullmatch(r"[A-Z]{2,5}", comment)), clauses


def _without_comments(value: str) -> tuple[list[str], str] | None:
    """Take the comments out of a field; None where brackets do not close, or stand too deep."""
    comments, bare, depth, begun = [], [], 0, 0
    for piece in re.finditer(r"[()]|[^()]+", value):
        text = piece.group()
        if text == "(":
            depth += 1
            begun = piece.end() if depth == 1 else begun
        elif text == ")":
            depth -= 1
            if depth == 0:
                comments.append(value[begun : piece.start()])
                bare.append(" ")
        elif depth == 0:
            bare.append(text)
        if not 0 <= depth <= _DEEPEST:
            return None
    return None if depth else (comments, "".join(bare))


_BY_PARTS: Final[dict[str, Callable[[str], bool]]] = {
    "received": lambda value: _trace(value) is not None,
    "thread-index": _is_thread,
}
"""Fields that take more than a pattern."""
