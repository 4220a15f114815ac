"""Reads XML without trusting it, and walks it by local name.

Namespaces differ between counties and versions (NIEM 3.0 to 6.0, each county's own extensions, and one published
sample whose namespace is misspelt), so an element is known by its local name. Only the XML world's own namespaces
(schema, SOAP, XHTML) are never taken for a message's. Names are written here as ``nc:ActivityDate``: the prefix is
what a reader of the exchange's documentation knows it by, and plays no part in the matching.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from lxml import etree

from connectors.jms_niem.result import MappingError
from schemas.refusals import Reason

Node: TypeAlias = etree._Element  # noqa: SLF001  # lxml gives its element class no public name

_FOREIGN: Final = ("http://www.w3.org/", "http://schemas.xmlsoap.org/", "http://www.w3.org/2003/05/soap-envelope")
_STATES_NOTHING: Final = frozenset({"true", "1"})
_LONGEST: Final = 1000
"""Characters of one value: what is longer is no name, code, number or date. An event holds 64 KiB in all."""
_AGENCY_FIELDS: Final = (
    ("nc:OrganizationName",),
    ("nc:EntityOrganization", "nc:OrganizationName"),
    ("nc:OrganizationIdentification", "nc:IdentificationID"),
)
_MAX_HOPS: Final = 8
"""References to references: longer chains are cycles or mischief."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One parsed document."""

    root: Node
    by_id: Mapping[str, Node]
    """Elements by ``structures:id``."""
    dangling: tuple[str, ...]
    """Paths of references whose target the document does not hold."""
    duplicate_ids: tuple[str, ...]
    """Paths of elements that repeat an id: references go to the first."""

    def all(self, node: Node | None, name: str) -> list[Node]:
        """Return the children of that name; a child that only refers is replaced by what it refers to."""
        if node is None:
            return []
        wanted = _local(name)
        return [self.resolve(child) for child in node if _name(child) == wanted]

    def find(self, node: Node | None, *names: str) -> Node | None:
        """Follow a path of child names; the first of each name counts."""
        for name in names:
            node = next(iter(self.all(node, name)), None)
        return node

    def text(self, node: Node | None, *names: str) -> str:
        """Return the text at a path: edges trimmed, runs of white space made one; empty where there is none."""
        return content(self.find(node, *names))

    def agency(self, node: Node | None, *names: str) -> str:
        """Return the name of the organisation at a path, or its code where no name is given."""
        found = self.find(node, *names)
        for fields in _AGENCY_FIELDS:
            if text := self.text(found, *fields):
                return text
        return ""

    def within(self, node: Node, *names: str) -> Iterator[Node]:
        """Yield descendants (and ``node``) of any of these names that hold something of their own."""
        wanted = {_local(name) for name in names}
        for element in node.iter():
            if _name(element) in wanted and reference(element) is None:
                yield element

    def resolve(self, node: Node) -> Node:
        """Return what a reference points at, or the element itself."""
        for _ in range(_MAX_HOPS):
            target = self.by_id.get(reference(node) or "")
            if target is None or target is node:
                return node
            node = target
        return node


def parse(document: bytes, *, max_bytes: int, max_depth: int) -> Tree:
    """Parse a document.

    Args:
        document: as received.
        max_bytes: largest document that is read at all.
        max_depth: deepest nesting of elements.

    Raises:
        MappingError: ``too_large``, ``xml_entities``, ``not_xml`` or ``too_deep``.
    """
    if len(document) > max_bytes:
        raise MappingError("/", Reason.TOO_LARGE, f"document of {len(document)} bytes, at most {max_bytes} are read")
    # Before the parser sees it: entities are expanded inside attributes whatever the parser is told. Zero bytes
    # are left out so that UTF-16 and UTF-32 hide nothing.
    bare = document.replace(b"\0", b"")
    if b"<!DOCTYPE" in bare or b"<!ENTITY" in bare:
        raise MappingError("/", Reason.XML_ENTITIES, "document type declarations and entities are not read")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=False,
    )
    try:
        # Exports begin with an empty line now and then, which XML forbids before a declaration.
        root = etree.fromstring(document.lstrip(b" \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None)
        where = f" (line {line})" if line else ""
        raise MappingError("/", Reason.NOT_XML, f"not well-formed XML{where}") from None
    if root.getroottree().docinfo.internalDTD is not None:  # in an encoding that the search above cannot read
        raise MappingError("/", Reason.XML_ENTITIES, "document type declarations and entities are not read")
    _check_depth(root, max_depth)
    return _indexed(root)


def indexed_again(tree: Tree) -> Tree:
    """Follow the references of a document anew, after some of its attributes were taken off."""
    return _indexed(tree.root)


def path(node: Node | None, *more: str) -> str:
    """Write where an element stands, readably: ``/br-doc:BookingReport/j:Charge[2]/nc:ActivityDate``.

    Args:
        node: the element; None stands for the document.
        more: names of children that are missing there.
    """
    steps: list[str] = []
    while node is not None:
        steps.append(_step(node))
        node = node.getparent()
    return "/" + "/".join([*reversed(steps), *more])


def content(node: Node | None) -> str:
    """Return an element's own text, trimmed and cut at `_LONGEST`; empty for none and for ``xsi:nil``.

    Where elements stand between words (``HOLD <b>IMMIGRATION</b>``), theirs belongs to it.
    """
    if node is None or is_nil(node):
        return ""
    own = node.text or ""
    if len(node) and (own.strip() or any((child.tail or "").strip() for child in node)):
        own = "".join(map(str, node.itertext()))
    return " ".join(own.split())[:_LONGEST]


def is_nil(node: Node) -> bool:
    """Tell whether an element says of itself that it holds nothing (``xsi:nil``)."""
    nil = node.get("{http://www.w3.org/2001/XMLSchema-instance}nil", "")
    return nil.strip() in _STATES_NOTHING


def reference(node: Node) -> str | None:
    """Return the id that an element refers to (``structures:ref``, ``idref``, or ``uri`` within the document)."""
    return _structural(node, "ref") or _structural(node, "idref") or _structural(node, "uri", local_only=True)


def local_name(node: Node) -> str:
    """Return an element's name without namespace; empty for one of a foreign namespace."""
    return _name(node) or ""


def _name(node: Node) -> str | None:
    return _name_of(str(node.tag))


@lru_cache(maxsize=4096)
def _name_of(tag: str) -> str | None:
    namespace, _, local = tag.rpartition("}")
    return None if namespace[1:].startswith(_FOREIGN) else local


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _structural(node: Node, name: str, *, local_only: bool = False) -> str | None:
    for key, value in node.attrib.items():
        namespace, _, local = str(key).rpartition("}")
        if local != name or "structures" not in namespace:
            continue
        target = str(value).strip()
        if local_only and not target.startswith("#"):
            continue
        return target.removeprefix("#") or None
    return None


def _check_depth(root: Node, max_depth: int) -> None:
    depth = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > max_depth:
            raise MappingError(_step(root), Reason.TOO_DEEP, f"nested deeper than {max_depth} (line {node.sourceline})")


def _indexed(root: Node) -> Tree:
    by_id: dict[str, Node] = {}
    duplicates: list[str] = []
    references: list[tuple[str, Node]] = []
    for node in root.iter():
        if not node.attrib:
            continue
        if (own := _structural(node, "id")) is not None:
            if by_id.setdefault(own, node) is not node:
                duplicates.append(path(node))
        elif (target := reference(node)) is not None:
            references.append((target, node))
    dangling = tuple(path(node) for target, node in references if target not in by_id)
    return Tree(root, by_id, dangling, tuple(duplicates))


def _step(node: Node) -> str:
    parent = node.getparent()
    return _qualified(node) if parent is None else _steps(parent)[node]


@lru_cache(maxsize=64)
def _steps(parent: Node) -> dict[Node, str]:
    """Name every child once: to count the ones before each anew makes a crowded element's time grow with its square.

    The cached elements stay alive, so each is the same object when it is asked for again. `forget_places` lets go.
    """
    children = list(parent)
    twins, before = Counter(child.tag for child in children), Counter[str]()
    steps: dict[Node, str] = {}
    for child in children:
        before[child.tag] += 1
        steps[child] = _qualified(child) + (f"[{before[child.tag]}]" if twins[child.tag] > 1 else "")
    return steps


def _qualified(node: Node) -> str:
    local = str(node.tag).rpartition("}")[2]
    return f"{node.prefix}:{local}" if node.prefix else local


def forget_places() -> None:
    """Let go of the last documents' elements, which hold what they say of people."""
    _steps.cache_clear()
