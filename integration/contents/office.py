"""Documents that are archives of XML: DOCX, XLSX, PPTX, ODT, ODS, ODP. Everything that holds text is a view."""

import re
from collections.abc import Callable
from typing import Final

from lxml import etree

from integration.contents.archives import members
from integration.contents.formats import Format, format_of
from integration.contents.reader import Reader
from integration.domain.messages.gaps import Gap
from integration.domain.messages.views import Kind

ReadFile = Callable[[Reader, str, bytes, int], None]
"""From a file of any format to its views: (reader, part, bytes, depth)."""

_BREAKS: Final = frozenset(
    """
    p h tr row si br cr sect title subject description keywords keyword category creator lastModifiedBy
    li list-item table-row comment
    """.split()
)
_TABS: Final = frozenset("tab tc c table-cell".split())
_TEXT_ATTRIBUTES: Final = frozenset(
    """
    descr title alt tooltip string display prompt author initials displayText string-value instr promptTitle error
    errorTitle summary
    """.split()
)
_SHORT_ATTRIBUTES: Final = frozenset("num-prefix num-suffix displayName".split())
"""Those that are shown and mostly hold a sign or a number: searched, whatever they hold."""
_SHEETS: Final = frozenset({"table", "sheet"})
"""Elements whose name is shown: on the tab of a sheet."""
_UNNAMED: Final = re.compile(r"(?:sheet|table|tabelle|hoja|feuil|foglio|planilha)[ _]?\d{0,3}", re.IGNORECASE)
"""What programs call a sheet that nobody has named."""
_PROGRAMS_WORDS: Final = frozenset({"true", "false", "table-cell", "table-row", "table-column"})
"""Values that are a program's own."""
_FIELDS: Final = frozenset("date time title sheet-name page-number page-count file-name currency-symbol".split())
_PLACEHOLDERS: Final = frozenset({"???", "00/00/0000", "00:00:00", "1", "99", "$"})
"""What Calc writes into the fields of its page styles before there is a page."""
_SEVERAL_WORDS: Final = re.compile(r"[^\W\d_]{2,}[\W_]+\w")
"""A value of several words: most attributes hold one, or a number."""
_LOADED: Final = re.compile(r"(?:attachedTemplate|image|oleObject|frame|subDocument|externalLink|package)$")
"""Relations (ECMA-376 Part 1) whose target is loaded into the document; a hyperlink is not."""
_LOADING: Final = frozenset("image object object-ole plugin floating-frame applet section-source".split())
"""Elements of ODF whose link is loaded into the document."""
_SCHEMAS: Final = re.compile(
    r"https?://(?:schemas\.openxmlformats\.org|schemas\.microsoft\.com|purl\.oclc\.org|purl\.org|www\.w3\.org|"
    r"docs\.oasis-open\.org|openoffice\.org|documentfoundation\.org)/"
)
_SYMBOL: Final = re.compile(r"[Ff]0[0-9A-Fa-f]{2}|00[2-7][0-9A-Fa-f]")
"""A character of a symbol font, by its number: it may be one of an ordinary font."""
_CODE: Final = re.compile(r"[0-9A-Fa-f]{4,6}")
_MARKS: Final = frozenset("6F 70 71 72 78 9E 9F A3 A7 A8 B7 D8 FB FC FD FE 52 53 54 2D 2A A1 A2".split())
"""Characters of symbol fonts that are boxes, ticks and bullets. Any other is a picture: Wingdings has clocks."""
_NUMBERED: Final = re.compile(
    r"(?:[^\w\s:]|%[1-9]|\s)*|o|(?:section|article|chapter|appendix|part) %[1-9][.:]?", re.IGNORECASE
)
"""How items of a list are numbered, or marked."""
_QUOTED: Final = re.compile(r'"([^"]*)"')
_MIMETYPE: Final = re.compile(rb"application/[\w.+-]{1,120}\s*")
_LOOKS: Final = re.compile(
    r"(?:\[Content_Types\]\.xml|.*\.rels|(?:word|xl|ppt)/(?:styles|settings|webSettings|fontTable|theme/[^/]+|stylesWithEffects|"
    r"numbering|calcChain|presProps|viewProps|tableStyles|slideMasters/[^/]+|slideLayouts/[^/]+)\.xml|docProps/app\.xml|"
    r"META-INF/manifest\.xml|settings\.xml|manifest\.rdf|mimetype|xl/workbook\.xml|Configurations2/.*)"
)
"""Members that say how a document looks. Their words are searched, and need not be accounted for."""
_PROPERTIES: Final = re.compile(r"docProps/core\.xml|meta\.xml")
_MACHINE_PROPERTIES: Final = frozenset(
    """
    created modified revision lastPrinted creation-date date editing-cycles editing-duration generator
    document-statistic print-date
    """.split()
)
_SEARCHED: Final = frozenset("version contentStatus language".split())
"""Properties that hold a number or a word: searched, and not accounted for."""
_PERSONS: Final = frozenset("creator lastModifiedBy initial-creator".split())
_ACTIVE: Final = re.compile(r"vbaProject|activeX|macros|Basic/|Scripts/|customUI|oleObject", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(r"externalLink", re.IGNORECASE)
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml")
_SHEET_TEXTS: Final = frozenset({"firstHeader", "firstFooter", "formula1", "formula2", "f"})
_MARKERS: Final = ("[Content_Types].xml", "mimetype")


def is_document(names: list[str]) -> bool:
    """Tell by its members whether an archive is a document."""
    return any(marker in names for marker in _MARKERS)


def read_document(reader: Reader, part: str, raw: bytes, depth: int, read_file: ReadFile) -> None:
    """Add the views of a document."""
    shared: list[str] = []
    sheets: list[tuple[str, bytes]] = []
    for inner, name, content in members(reader, part, raw, depth):
        if _ACTIVE.search(name):
            reader.miss(inner, Gap.ACTIVE_CONTENT)
        if _ELSEWHERE.search(name):
            reader.miss(inner, Gap.EXTERNAL_BODY)
        if name == "xl/sharedStrings.xml":
            shared = _shared_strings(reader, inner, content)
        elif _SHEET.fullmatch(name):
            sheets.append((inner, content))
        elif name == "mimetype":
            if _MIMETYPE.fullmatch(content) is None:
                reader.see(inner, "document type", Kind.TEXT, content.decode("utf-8", "replace"))
        elif format_of(content) is Format.XML or name.endswith((".xml", ".rels")):
            _read_xml(reader, inner, name, content)
        else:
            read_file(reader, inner, content, depth + 1)
    for inner, content in sheets:
        reader.see(inner, "sheet", Kind.TEXT, _sheet(reader, inner, content, shared))


def parse_xml(reader: Reader, part: str, content: bytes) -> etree._Element | None:
    """Parse XML without entities, network or huge trees; None, and a gap, where that fails."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, recover=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.LxmlError, ValueError):
        reader.miss(part, Gap.BROKEN)
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        reader.miss(part, Gap.BROKEN)
    return root


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace; empty for comments and the like."""
    tag: object = element.tag
    return str(etree.QName(element).localname) if isinstance(tag, str) else ""


def _read_xml(reader: Reader, part: str, name: str, content: bytes) -> None:
    root = parse_xml(reader, part, content)
    if root is None:
        return
    if _PROPERTIES.fullmatch(name):
        _read_properties(reader, part, root)
        return
    looks = _LOOKS.fullmatch(name) is not None
    reader.see(part, "document", Kind.FILED if looks else Kind.TEXT, text_of(root))
    reader.see(part, "document comment", Kind.TEXT, "\n".join(_outside(root)))
    _read_attributes(reader, part, root)


def _outside(root: etree._Element) -> list[str]:
    """Return the comments and instructions before and behind everything else."""
    beside = (*root.itersiblings(preceding=True), *root.itersiblings())
    return [str(each.text) for each in beside if each.text]


def _shown_as(root: etree._Element) -> list[str]:
    """Return the words that numbering and formats of numbers show: ``%1am``, ``@" at six"``."""
    said = []
    for element in root.iter():
        for key, value in element.attrib.items():
            name, text = str(key).rpartition("}")[2], str(value)
            if local(element) == "lvlText" and name == "val" and _NUMBERED.fullmatch(text) is None:
                said.append(text.replace("%", ""))
            elif name == "formatCode":
                said += [quoted for quoted in _QUOTED.findall(text) if any(map(str.isalpha, quoted))]
    return said


def _read_attributes(reader: Reader, part: str, root: etree._Element) -> None:
    """Add what attributes say: of those that are shown, all; of the others, what is more than a word."""
    said: dict[str, None] = {}
    named: dict[str, None] = {}
    links: dict[str, None] = {}
    for element in root.iter():
        if _loads(element):
            reader.miss(part, Gap.EXTERNAL_BODY)
        for key, value in element.attrib.items():
            name, text = str(key).rpartition("}")[2], str(value)
            if name in _TEXT_ATTRIBUTES and text not in _PROGRAMS_WORDS:
                said[text] = None
            elif "://" in text:
                links[text] = None
            elif _is_searched(element, name, text):
                named[text] = None
    reader.see(part, "document attribute", Kind.TEXT, "\n".join([*said, *_shown_as(root)]))
    if len(named) > reader.limits.parts or len(links) > reader.limits.parts:
        reader.miss(part, Gap.TOO_MANY_PARTS)
    for text in list(named)[: reader.limits.parts]:
        reader.see(part, "document attribute", Kind.FILED, text)
    for text in list(links)[: reader.limits.parts]:
        reader.see(part, "document link", Kind.HOST if _SCHEMAS.match(text) else Kind.ADDRESS, text)
    _read_symbols(reader, part, root)
    _read_sheet_names(reader, part, root)


def _read_sheet_names(reader: Reader, part: str, root: etree._Element) -> None:
    """Add the names on the tabs of sheets, but for those that programs give."""
    for element in root.iter():
        name = next((str(value) for key, value in element.attrib.items() if str(key).rpartition("}")[2] == "name"), "")
        if local(element) in _SHEETS and name and _UNNAMED.fullmatch(name) is None:
            reader.see(part, "sheet name", Kind.NAME, name)


def _read_symbols(reader: Reader, part: str, root: etree._Element) -> None:
    """Add the letters that characters of symbol fonts may be; a picture among them is not read."""
    symbols = [str(value) for element in root.iter() if local(element) == "sym" for value in element.attrib.values()]
    shown = (chr(int(each[-2:], 16)) for each in symbols if _SYMBOL.fullmatch(each))
    reader.see(part, "document symbols", Kind.FILED, "".join(shown))
    if any(_CODE.fullmatch(each) and each[-2:].upper() not in _MARKS for each in symbols):
        reader.miss(part, Gap.NOT_PLAIN)


def _is_searched(element: etree._Element, name: str, text: str) -> bool:
    """Tell whether an attribute's value is searched: it may be shown, or is more than a word."""
    if text in _PROGRAMS_WORDS:
        return False
    shown = name in _SHORT_ATTRIBUTES or (name == "name" and local(element) in _SHEETS)
    return shown or _SEVERAL_WORDS.search(text) is not None


def _loads(element: etree._Element) -> bool:
    """Tell whether an element has something from elsewhere loaded into the document."""
    if element.get("TargetMode") == "External" and _LOADED.search(element.get("Type") or ""):
        return True
    return local(element) in _LOADING and any("://" in str(value) for value in element.attrib.values())


def _read_properties(reader: Reader, part: str, root: etree._Element) -> None:
    for element in root.iter():
        if not element.text or local(element) in _MACHINE_PROPERTIES:
            continue
        kind = Kind.NAME if local(element) in _PERSONS else Kind.TEXT
        if local(element) in _SEARCHED:
            kind = Kind.FILED
        reader.see(part, "document property", kind, element.text)


def text_of(root: etree._Element) -> str:
    """Return the text of an XML tree: runs of one paragraph together, paragraphs and cells apart."""
    shown: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        name = local(element)
        if event == "start":
            if name in _TABS:
                shown.append("\t")
            said = "" if name in _FIELDS and element.text in _PLACEHOLDERS else element.text
            if said and isinstance(element.tag, str):
                shown.append(said)
            continue
        if name in _BREAKS:
            shown.append("\n")
        if element.tail:
            shown.append(element.tail)
        if not isinstance(element.tag, str) and element.text:
            shown.append(f"\n{element.text}\n")
    return "".join(shown)


def _shared_strings(reader: Reader, part: str, content: bytes) -> list[str]:
    root = parse_xml(reader, part, content)
    if root is None:
        return []
    strings = ["".join(map(str, item.itertext())) for item in root if local(item) == "si"]
    # Also those that no cell shows.
    reader.see(part, "shared strings", Kind.TEXT, "\n".join(strings))
    return strings


def _sheet(reader: Reader, part: str, content: bytes, shared: list[str]) -> str:
    root = parse_xml(reader, part, content)
    if root is None:
        return ""
    rows: list[str] = []
    _read_attributes(reader, part, root)
    for row in root.iter():
        name = local(row)
        if name == "row":
            rows.append("\t".join(_cell(cell, shared) for cell in row if local(cell) == "c"))
        elif name in {"oddHeader", "oddFooter", "evenHeader", "evenFooter", *_SHEET_TEXTS} and row.text:
            rows.append(row.text)
    return "\n".join(rows)


def _cell(cell: etree._Element, shared: list[str]) -> str:
    value = "".join(element.text or "" for element in cell.iter() if local(element) in {"v", "t"})
    if cell.get("t") != "s":
        return value
    try:
        return shared[int(value)]
    except (ValueError, IndexError):
        return value
