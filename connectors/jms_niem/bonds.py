"""Bonds: what is asked, and whether it still keeps the person."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from connectors.jms_niem.mapping import Effect, fold
from connectors.jms_niem.message import Message
from connectors.jms_niem.times import Moment
from connectors.jms_niem.tree import Node, content, path, reference
from connectors.jms_niem.vocabulary import effect_of
from schemas.refusals import Reason

HELD_ELSEWHERE: Final = frozenset({Effect.IMMIGRATION, Effect.OTHER_JURISDICTION})
_DIGITS: Final = 18
_MONEY: Final = frozenset({"$", ",", " "})


@dataclass(frozen=True, slots=True)
class Bond:
    """One bond of a booking."""

    node: Node
    amount: str | None
    """Decimal text in the facility's currency."""
    effect: Effect
    elsewhere: frozenset[Effect]
    """What status and type say of immigration or another jurisdiction, which counts beside anything else."""
    settled_at: Moment | None
    """When its status came about, where the message says so."""
    set_at: Moment | None


def read_bonds(message: Message) -> list[Bond]:
    """Read the bonds of a booking, in document order."""
    return [_read(message, node) for node in bond_nodes(message)]


def bond_nodes(message: Message) -> list[Node]:
    """Return the bonds of a booking, in document order."""
    return list(message.definitions("j:BailBond", "j:Charge", "hs:ChargeAugmentation", "j:Booking", "j:Detention"))


def elsewhere_of(message: Message, node: Node) -> frozenset[Effect]:
    """Return what a bond's status and type say of immigration or another jurisdiction."""
    status, kind = _words(message, node)
    said = (effect_of(message.mapping, "bond_statuses", status), effect_of(message.mapping, "bond_types", kind))
    return frozenset(effect for effect in said if effect in HELD_ELSEWHERE)


def bonds_by_charge(message: Message, bonds: list[Bond]) -> dict[Node, list[Bond]]:
    """Join bonds to charges.

    Associations and nesting decide. A bond that is joined to no charge stands for the whole booking, so it counts
    for every charge: an unpaid one then keeps each of them, which is what "every bond is posted" means.
    """
    tree = message.tree
    joined: dict[Node, list[Bond]] = {}
    seen: set[Node] = set()
    by_node = {bond.node: bond for bond in bonds}
    for association in tree.within(message.container, "j:BailBondChargeAssociation"):
        charges = [charge for charge in tree.all(association, "j:Charge") if reference(charge) is None]  # those found
        for target in tree.all(association, "j:BailBond"):
            if charges and (joint := by_node.get(target)) is not None:
                seen.add(target)
                for charge in charges:
                    joined.setdefault(charge, []).append(joint)
    for bond in bonds:
        for ancestor in bond.node.iterancestors():
            if str(ancestor.tag).rpartition("}")[2] in {"Charge", "ArrestCharge"}:
                joined.setdefault(ancestor, []).append(bond)
                seen.add(bond.node)
    loose = [bond for bond in bonds if bond.node not in seen]
    return _with_loose(message, joined, loose) if loose else joined


def _with_loose(message: Message, joined: dict[Node, list[Bond]], loose: list[Bond]) -> dict[Node, list[Bond]]:
    charges = charge_nodes(message)
    return {charge: [*joined.get(charge, []), *loose] for charge in charges}


def charge_nodes(message: Message) -> list[Node]:
    """Return the charges of a booking, in document order."""
    return [
        node
        for name in ("j:Charge", "j:ArrestCharge", "j:BookingCharge")
        for node in message.definitions(name, "j:Arrest", "j:Booking", "j:Detention")
    ]


def _read(message: Message, node: Node) -> Bond:
    tree = message.tree
    status_node = tree.find(node, "nc:ActivityStatus")
    status, type_text = _words(message, node)
    said = effect_of(message.mapping, "bond_statuses", status)
    kind = effect_of(message.mapping, "bond_types", type_text)
    if said is None and fold(status):
        where = path(status_node, "nc:StatusDescriptionText")
        what = "a bond status the mapping does not list: counts as active"
        message.remarks.unlisted(where, "bond_statuses", status, what)
        said = Effect.ACTIVE
    if said is Effect.ACTIVE and kind in {Effect.NO_BOND, Effect.SENTENCED}:
        said = kind
    return Bond(
        node,
        _amount(message, node),
        said or kind or Effect.ACTIVE,
        elsewhere_of(message, node),
        message.ends(tree.find(status_node, "nc:StatusDate")),
        message.starts(tree.find(node, "nc:ActivityDate")),
    )


def _words(message: Message, node: Node) -> tuple[str, str]:
    """Return a bond's status and type as they stand."""
    status = message.tree.find(node, "nc:ActivityStatus")
    said = message.tree.text(status, "nc:StatusDescriptionText") or message.tree.text(status, "nc:StatusText")
    return said, message.tree.text(node, "nc:ActivityCategoryText")


def _amount(message: Message, node: Node) -> str | None:
    element = message.tree.find(node, "j:BailBondAmount")
    if element is not None and len(element):
        element = message.tree.find(element, "nc:Amount")
    text = "".join(character for character in content(element) if character not in _MONEY)
    if not text:
        return None
    try:
        amount = Decimal(text if len(text) <= _DIGITS else "NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        message.remarks.refuse(path(element), Reason.BAD_VALUE, "not an amount of money")
        return None
    return format(amount, "f")
