"""What is to be done with each element: New Orleans' ``MessageOperationCode``, and references to it.

There ``structures:ref`` on an element does not say "this is that element" but "this was added, updated, deleted". The
marks are taken off before references are followed, or every marked booking would be taken for a mere reference.
"""

from typing import Final

from connectors.jms_niem.result import Remarks
from connectors.jms_niem.tree import Node, content, local_name, path
from schemas.refusals import Reason

EXCHANGE: Final = "BookingExchange"
_CODE: Final = "MessageOperationCode"
_DELETE: Final = "delete"
_KEEPS: Final = frozenset({"add", "update"})
_POINTS: Final = frozenset({"ref", "metadata", "uri"})
"""NIEM 5 has ``structures:uri="#delete"`` beside ``structures:ref="delete"``."""


def take_operations(root: Node, remarks: Remarks) -> frozenset[Node]:
    """Take the marks off a document, and return the elements that it deletes.

    An operation that is none of the exchange's is refused, and its element read as it stands.
    """
    codes: dict[str, str] = {}
    for node in root.iter():
        if local_name(node) == _CODE:
            for name, value in node.attrib.items():
                if _structural(str(name)) == "id":
                    codes[str(value).strip()] = content(node).casefold()
    deleted: set[Node] = set()
    for node in root.iter():
        for name, value in list(node.attrib.items()):
            target = str(value).strip().removeprefix("#")
            if _structural(str(name)) in _POINTS and target in codes:
                if codes[target] == _DELETE:
                    deleted.add(node)
                elif codes[target] not in _KEEPS:
                    remarks.refuse(path(node), Reason.UNMAPPED_CODE, "its operation is none of add, update, delete")
                del node.attrib[name]
    return frozenset(deleted)


def _structural(name: str) -> str:
    namespace, _, local = name.rpartition("}")
    return local if "structures" in namespace else ""
