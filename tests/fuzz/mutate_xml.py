"""Ways to damage an XML document: elements, references, namespaces, entities, encodings."""

import random
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from lxml import etree

from tests.fuzz.corpus import CANARY
from tests.fuzz.mutate import BYTES, ODD_TEXTS, TIMES

Dice = random.Random
STRUCTURES = "http://release.niem.gov/niem/structures/3.0/"
XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
PROLOGUES = (
    b'<!DOCTYPE d [<!ENTITY a "%s">]>' % CANARY.encode(),
    b'<!DOCTYPE d SYSTEM "file:///etc/passwd">',
    b'<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]>',
    b'<!DOCTYPE d [<!ATTLIST d x CDATA "y">]>',
    b'<?xml version="1.0" encoding="utf-16"?>',
    b'<?xml version="1.0" encoding="utf-7"?>',
    b'<?xml version="1.0" encoding="EBCDIC-CP-US"?>',
    b'<?xml version="1.1"?>',
    b'<?xml-stylesheet href="http://127.0.0.1:9/"?>',
    b"\xef\xbb\xbf",
    b"<!-- " + b"-" * 400 + b" -->",
)
WORDS = (
    "ICE", "true", "1", "false", "Immigration Judge", "I-247A", "POSTED", "-1", "0.001", "1e9", "2026-03-08T02:30:00",
    "2026-11-01T01:30:00", "2026-03-02", "26-00418", "HOLD", "FEDERAL DETAINER", CANARY,
)  # fmt: skip
NAMESPACES = ("", "http://www.w3.org/1999/xhtml", "http://schemas.xmlsoap.org/soap/envelope/", "urn:x", "x" * 2000)
ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "iso-8859-1", "ascii", "utf-7", "cp037")


def _nodes(root: Any) -> list[Any]:
    return [node for node in root.iter() if isinstance(node.tag, str)]


def drop(root: Any, dice: Dice) -> None:
    node = dice.choice(_nodes(root))
    if (parent := node.getparent()) is not None:
        parent.remove(node)


def twin(root: Any, dice: Dice) -> None:
    node = dice.choice(_nodes(root))
    if (parent := node.getparent()) is not None:
        for _ in range(dice.choice((1, 1, 2, 20))):
            parent.insert(dice.randrange(len(parent) + 1), deepcopy(node))


def crowd(root: Any, dice: Dice) -> None:
    """Hundreds of small elements of one kind: what grows faster than the document shows here."""
    small = [node for node in _nodes(root) if len(list(node.iter())) <= 4 and node.getparent() is not None]
    if small and dice.random() < 0.1:
        node = dice.choice(small)
        node.getparent().extend(deepcopy(node) for _ in range(dice.choice((50, 500, 2000))))


def graft(root: Any, dice: Dice) -> None:
    nodes = _nodes(root)
    part, place = deepcopy(dice.choice(nodes)), dice.choice(nodes)
    if len(list(part.iter())) < 60:
        place.append(part)


def text(root: Any, dice: Dice) -> None:
    node = dice.choice(_nodes(root))
    words = dice.choice((ODD_TEXTS, TIMES, WORDS, WORDS))
    kept = "".join(each for each in dice.choice(words) if each.isprintable() or each in "\t\n\u0085\u2028")
    node.text = kept


def exchange(root: Any, dice: Dice) -> None:
    one, other = dice.choice(_nodes(root)), dice.choice(_nodes(root))
    one.text, other.text = other.text, one.text


def rename(root: Any, dice: Dice) -> None:
    nodes = _nodes(root)
    dice.choice(nodes).tag = dice.choice(nodes).tag


def renamespace(root: Any, dice: Dice) -> None:
    node, space = dice.choice(_nodes(root)), dice.choice(NAMESPACES)
    local = etree.QName(node).localname
    node.tag = f"{{{space}}}{local}" if space else local


def refer(root: Any, dice: Dice) -> None:
    nodes = _nodes(root)
    name = dice.choice(("id", "ref", "idref", "uri"))
    ids = [value for node in nodes for value in node.attrib.values()] or ["P"]
    for node in dice.choices(nodes, k=dice.choice((1, 2, 2, 6))):
        node.set(
            f"{{{STRUCTURES}}}{name}", dice.choice((dice.choice(ids), "#" + dice.choice(ids), "P", "Q", "", CANARY))
        )


def nil(root: Any, dice: Dice) -> None:
    dice.choice(_nodes(root)).set(XSI_NIL, dice.choice(("true", "1", " true ", "false", CANARY)))


INSIDE: tuple[Callable[[Any, Dice], None], ...] = (
    drop, twin, crowd, graft, text, text, text, exchange, rename, renamespace, refer, nil,
)  # fmt: skip


def mutated_document(dice: Dice, pool: Sequence[bytes]) -> bytes:
    """A document with one to five things wrong; now and then none."""
    raw = dice.choice(pool)
    if dice.random() < 0.8:
        raw = _inside(raw, dice)
    if dice.random() < 0.1:
        raw = dice.choice(PROLOGUES) + raw
    if dice.random() < 0.1:
        raw = raw.decode("utf-8", "replace").encode(dice.choice(ENCODINGS), "replace")
    if dice.random() < 0.25:
        raw = dice.choice(BYTES)(raw, dice, pool)
    return raw


def _inside(raw: bytes, dice: Dice) -> bytes:
    try:
        root = etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return raw
    for _ in range(dice.choice((0, 1, 1, 2, 3, 5))):
        try:
            dice.choice(INSIDE)(root, dice)
        except ValueError:
            continue  # a text or a name that XML cannot hold
    return bytes(etree.tostring(root))
