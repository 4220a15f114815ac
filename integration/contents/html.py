"""HTML: what is shown, what is hidden, and what stands in comments, attributes and style sheets.

Two readings: our own scanner, which follows what browsers do with tags, comments and quotes, and libxml2's.
"""

import html
import re
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

from lxml import etree

from integration.contents.reader import Reader
from integration.contents.transfer import loose_base64
from integration.domain.messages.gaps import Gap
from integration.domain.messages.views import Kind

_TAG: Final = re.compile(r"</?([A-Za-z][^\s/>]*)")
_ATTRIBUTE: Final = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_BLOCKS: Final = frozenset(
    """
    p div br tr li ul ol table h1 h2 h3 h4 h5 h6 hr blockquote pre section article title head body html td th
    option dt dd
    """.split()
)
_RAW: Final = frozenset(
    {"style", "script", "xmp", "iframe", "noembed", "noframes", "plaintext", "noscript", "template"}
)
_TEXTS: Final = frozenset(
    "alt title placeholder value summary aria-label label content data-content abbr standby".split()
)
_ACTIVE: Final = frozenset(
    "script iframe object embed applet form svg canvas math base frame frameset video audio template".split()
)
_IMAGES: Final = frozenset("img image picture source input".split())
_URL: Final = re.compile(r"^\s*(?:https?|ftp|cid|mailto|tel|data|javascript|vbscript):", re.IGNORECASE)
_DATA: Final = re.compile(r"data:[\w/+.;=-]{0,100},[^\s\"')>]*", re.IGNORECASE)
_HIDING: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](?:px|pt)?\b|mso-hide|opacity\s*:\s*0(?!\.\d*[1-9])|"
    r"text-indent\s*:\s*-\d{3}|direction\s*:\s*rtl|unicode-bidi|transform|position\s*:\s*absolute|clip\b",
    re.IGNORECASE,
)
_UNSEEN: Final = re.compile(r"\s*display\s*:\s*none\s*;?\s*", re.IGNORECASE)
"""What Outlook's pages write on a style sheet: that is never shown, so this hides nothing."""


def read_html(reader: Reader, part: str, how: str, text: str) -> str:
    """Add every view of an HTML text; returns what it shows."""
    pieces = _Pieces()
    _scan(text, pieces)
    # Letters of one word in several tags read as one word.
    said = html.unescape("".join(pieces.text))
    reader.see(part, f"{how} html", Kind.TEXT, said)
    reader.see(part, f"{how} html attribute", Kind.TEXT, html.unescape("\n".join(pieces.shown)))
    reader.see(part, f"{how} html markup", Kind.STYLE, unquote(html.unescape("\n".join(pieces.markup))))
    for tag in pieces.tags & _ACTIVE:
        reader.miss(part, Gap.IMAGE if tag in {"svg", "canvas"} else Gap.ACTIVE_CONTENT)
    if pieces.tags & _IMAGES or pieces.urls:
        reader.miss(part, Gap.IMAGE)
    if _HIDING.search("\n".join(pieces.markup)):
        reader.miss(part, Gap.NOT_PLAIN)
    if _DATA.search(text):
        reader.miss(part, Gap.HIDDEN_ENCODING)
        for url in _DATA.findall(text)[: reader.limits.parts]:
            head, _, said = url.partition(",")
            raw = unquote_to_bytes(html.unescape(said))
            if head.casefold().endswith(";base64"):
                raw = loose_base64(raw)
            reader.see(part, f"{how} html data", Kind.TEXT, raw.decode("utf-8", "replace"))
    reader.see(part, f"{how} html libxml2", Kind.TEXT, _by_libxml2(text))
    return said


class _Pieces:
    """What the scanner finds."""

    def __init__(self) -> None:
        self.text: list[str] = []
        self.shown: list[str] = []
        self.markup: list[str] = []
        self.tags: set[str] = set()
        self.urls = False


def _scan(text: str, pieces: _Pieces) -> None:
    """Cut a text into what is shown, and what is markup. Every character goes one way or the other; linear."""
    at = 0
    lower = text.casefold() if len(text.casefold()) == len(text) else text
    while at < len(text):
        tag_at = text.find("<", at)
        if tag_at < 0:
            pieces.text.append(text[at:])
            return
        pieces.text.append(text[at:tag_at])
        if text.startswith("<!--", tag_at):
            end = text.find("-->", tag_at + 2)
            at = len(text) if end < 0 else end + 3
            pieces.markup.append(text[tag_at:at])
            continue
        if text[tag_at + 1 : tag_at + 2] in {"!", "?"}:
            end = text.find(">", tag_at)
            at = len(text) if end < 0 else end + 1
            pieces.markup.append(text[tag_at:at])
            continue
        name = _TAG.match(text, tag_at)
        if name is None:
            pieces.text.append("<")
            at = tag_at + 1
            continue
        at = _end_of_tag(text, name.end())
        _tag(name.group(1).casefold(), text[name.end() : at].rstrip(">/"), pieces)
        tag = name.group(1).casefold()
        if tag in _RAW and text[tag_at + 1] != "/":
            end = lower.find(f"</{tag}", at)
            end = len(text) if end < 0 else end
            pieces.markup.append(text[at:end])
            at = end


def _end_of_tag(text: str, at: int) -> int:
    quote = ""
    for place in range(at, len(text)):
        character = text[place]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and text[place - 1] == "=":
            quote = character
        elif character == ">":
            return place + 1
    return len(text)


def _tag(name: str, rest: str, pieces: _Pieces) -> None:
    pieces.tags.add(name)
    if name in _BLOCKS:
        pieces.text.append("\t" if name in {"td", "th"} else "\n")
    pieces.markup.append(name)
    for key, double, single, bare in _ATTRIBUTE.findall(rest):
        value = double or single or bare
        numbers = name in {"ol", "li"} and key.casefold() in {"start", "value"} and value != "1"
        if numbers or (key.casefold() in _TEXTS and name != "meta"):
            pieces.shown.append(value)
            pieces.markup.append(key)
        elif (name, key.casefold()) != ("style", "style") or not _UNSEEN.fullmatch(value):
            pieces.markup.append(f"{key} {value}")
        if key.casefold() in {"src", "background", "srcset", "poster"} and _URL.match(value):
            pieces.urls = True


def _by_libxml2(text: str) -> str:
    """Return the text that libxml2 shows, a line a block; empty where it reads nothing."""
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, recover=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError):
        return ""
    if root is None:
        return ""
    shown: list[str] = []
    for element in root.iter():
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _BLOCKS:
            shown.append("\t" if tag in {"td", "th"} else "\n")
        if tag not in _RAW and element.text:
            shown.append(element.text)
        if element.tail:
            shown.append(element.tail)
    return "".join(shown)
