"""Charge rows: what each is (a charge, or only a hold), for whom, and whether it still keeps the person."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from connectors.jms_niem.bonds import HELD_ELSEWHERE, Bond, bonds_by_charge, charge_nodes, read_bonds
from connectors.jms_niem.events import digest
from connectors.jms_niem.mapping import AgencyClass, Effect, fold
from connectors.jms_niem.message import Message
from connectors.jms_niem.times import Moment
from connectors.jms_niem.tree import Node, content, local_name, path
from connectors.jms_niem.vocabulary import (
    HolderAgency,
    RowKind,
    effect_of,
    holder,
    row_kind,
    says_hold_for_immigration,
)

FREEING: Final = (
    Effect.COURT_ORDER,
    Effect.POSTED,
    Effect.OWN_RECOGNIZANCE,
    Effect.SENTENCE_SERVED,
    Effect.ACQUITTED,
    Effect.DIVERSION,
    Effect.CHARGES_DROPPED,
    Effect.NO_CHARGES_FILED,
    Effect.OTHER,
)
"""Effects that free a person. Where several came together, the first of this list names the reason."""
_STATUS_PATHS: Final = (
    ("j:ChargeStatus", ("nc:StatusDescriptionText", "nc:StatusText")),
    ("j:ChargeDisposition", ("nc:DispositionText", "nc:DispositionDescriptionText", "nc:DispositionCategoryText")),
)
_BESIDE: Final = (
    ("j:ChargeCategoryDescriptionText",),
    ("j:ChargeSeverityText",),
    ("j:ChargeSeverityDescriptionText",),
    ("j:ChargeStatute", "j:StatuteDescriptionText"),
    ("j:ChargeStatute", "j:StatuteText"),
)
"""Where counties that have no place for a hold write one, besides the description."""


class State(Enum):
    """Whether a row still keeps the person."""

    KEEPS = auto()
    SERVES_SENTENCE = auto()
    FREED = auto()
    COMBINED = auto()
    ELSEWHERE = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """One charge of a booking."""

    node: Node
    key: str
    """The same for the same charge in every message: `structures:id` is not, counties make a new one each time."""
    code: str
    description: str
    agencies: tuple[HolderAgency, ...]
    """Everybody that the row holds the person for."""
    kind: RowKind
    state: State
    reason: Effect | None
    """Why it no longer keeps the person, one of `FREEING`."""
    settled_at: Moment | None
    """When that came about, where the message says so."""
    says_hold: bool
    """Whether its statuses, its court or its other words say an immigration hold, beside whatever it is."""
    bonds: tuple[Bond, ...]

    @property
    def is_settled(self) -> bool:
        """Whether the row by itself keeps nobody any more."""
        return self.state in {State.FREED, State.COMBINED}

    @property
    def holds_for_immigration(self) -> bool:
        """Encodings two to four of an immigration hold: agency, pseudo-charge, status or bond type."""
        return (
            any(agency.class_ is AgencyClass.IMMIGRATION for agency in self.agencies)
            or self.kind is RowKind.IMMIGRATION_HOLD
            or self.says_hold
            or any(Effect.IMMIGRATION in bond.elsewhere for bond in self.bonds)
        )

    @property
    def is_local(self) -> bool:
        """Whether the row is a charge of the local case, and not just the place where a hold was written down."""
        nameless = not self.code and not self.description
        return (
            self.kind is RowKind.CHARGE
            and self.state is not State.ELSEWHERE
            and not (nameless and self.holds_for_immigration)
        )


def read_rows(message: Message) -> list[Row]:
    """Read the charges of a booking with their bonds, in document order."""
    bonds = read_bonds(message)
    joined = bonds_by_charge(message, bonds)
    own = fold(message.tree.agency(message.booking, "j:BookingAgency"))
    arresting = _arresting_agencies(message)
    rows: list[Row] = []
    seen: dict[tuple[str, ...], int] = {}
    is_sentenced = message.is_sentenced()
    for node in charge_nodes(message):
        names = frozenset({own, arresting.get(node, "")} - {""})
        row = _read(message, node, joined.get(node, []), names, seen)
        if is_sentenced and row.state is State.KEEPS:
            row = replace(row, state=State.SERVES_SENTENCE)
        rows.append(row)
    return rows


def _read(
    message: Message, node: Node, bonds: list[Bond], own: frozenset[str], seen: dict[tuple[str, ...], int]
) -> Row:
    tree = message.tree
    code = tree.text(node, "j:ChargeStatute", "j:StatuteCodeSectionIdentification", "nc:IdentificationID")
    code = code or tree.text(node, "j:ChargeStatute", "j:StatuteCodeIdentification", "nc:IdentificationID")
    description = (
        tree.text(node, "j:ChargeDescriptionText")
        or tree.text(node, "j:ChargeText")
        or tree.text(node, "j:ChargeStatute", "j:StatuteDescriptionText")
    )
    # New Orleans' own key stays where a sequence number moves up.
    number = (
        content(next(tree.within(node, "ext:ChargeKey"), None))
        or tree.text(node, "j:ChargeIdentification", "nc:IdentificationID")
        or tree.text(node, "j:ChargeSequenceID")
    )
    # A code outlives a reworded description; without one the description has to serve.
    identity = ("charge", number, fold(code) or fold(description))
    seen[identity] = seen.get(identity, 0) + 1
    statuses = _statuses(message, node)
    state, reason, settled_at = _settlement(message, node, statuses, bonds)
    beside = (code, *(tree.text(node, *names) for names in _BESIDE))
    return Row(
        node,
        digest(*identity, str(seen[identity])),
        code,
        description,
        tuple(holder(message.mapping, name, own) for name in _held_for(message, node)),
        row_kind(message.mapping, description or code, *beside),
        state,
        reason,
        settled_at,
        Effect.IMMIGRATION in statuses or _says_hold(message, node, beside),
        tuple(bonds),
    )


def _held_for(message: Message, node: Node) -> list[str]:
    """Return every agency that a charge names: a row may be held for several."""
    tree = message.tree
    found: list[str] = []
    for each in tree.all(node, "ext:HoldForAgency"):
        names = [content(name) for name in tree.within(each, "nc:OrganizationName") if content(name)]
        found += names or [tree.agency(each)]
    return list(dict.fromkeys(filter(None, found)))


def _says_hold(message: Message, node: Node, beside: Sequence[str]) -> bool:
    """Tell whether a charge is held for immigration by its other words, or by the court or agency it belongs to."""
    mapping, tree = message.mapping, message.tree
    court = tree.find(node, "ext:ChargeJurisdictionCourt")
    named = (tree.text(court, "j:CourtName"), tree.agency(court))
    return any(says_hold_for_immigration(mapping, text) for text in beside if text) or any(
        holder(mapping, name, frozenset()).class_ is AgencyClass.IMMIGRATION for name in named if name
    )


def _statuses(message: Message, node: Node) -> list[Effect]:
    """Return what the statuses and dispositions of a charge say: each counts, whatever stands before it."""
    tree = message.tree
    texts = [
        tree.text(one, field) for name, fields in _STATUS_PATHS for one in tree.all(node, name) for field in fields
    ]
    effects = [(text, effect_of(message.mapping, "charge_statuses", text)) for text in texts if fold(text)]
    for text in [text for text, effect in effects if effect is None]:
        what = "a charge status or disposition the mapping does not list: counts as active"
        message.remarks.unlisted(path(node), "charge_statuses", text, what)
    return [effect for _, effect in effects if effect is not None]


def _settlement(
    message: Message, node: Node, statuses: Sequence[Effect], bonds: list[Bond]
) -> tuple[State, Effect | None, Moment | None]:
    """Decide whether a row keeps the person. What is not known to free somebody does not."""
    elsewhere = Effect.OTHER_JURISDICTION in statuses
    status = next((each for each in statuses if each not in HELD_ELSEWHERE), None)
    if status in FREEING and not elsewhere:
        dated = message.tree.find(node, "j:ChargeDisposition", "nc:DispositionDate")
        return State.FREED, status, message.ends(dated)
    if elsewhere or any(Effect.OTHER_JURISDICTION in bond.elsewhere for bond in bonds):
        return State.ELSEWHERE, None, None
    local = [bond for bond in bonds if bond.effect is not Effect.IMMIGRATION]
    effects = {bond.effect for bond in local}
    if effects and effects <= {*FREEING, Effect.COMBINED}:
        reason = next((effect for effect in FREEING if effect in effects), None)
        if reason is None:
            return State.COMBINED, None, None
        return State.FREED, reason, _last_settled(local)
    if status is Effect.SENTENCED or Effect.SENTENCED in effects:
        return State.SERVES_SENTENCE, None, None
    return State.KEEPS, None, None


def _last_settled(bonds: list[Bond]) -> Moment | None:
    """Return when the last of several bonds was settled; None unless each says when."""
    moments = [bond.settled_at for bond in bonds if bond.effect is not Effect.COMBINED]
    known = [moment for moment in moments if moment is not None]
    return max(known, key=lambda moment: moment.at) if len(known) == len(moments) else None


def _arresting_agencies(message: Message) -> dict[Node, str]:
    """Map each charge to the agency that arrested on it, folded."""
    tree = message.tree
    found: dict[Node, str] = {}
    for arrest in message.definitions("j:Arrest", "j:Booking"):
        agency = fold(tree.agency(arrest, "j:ArrestAgency"))
        for child in arrest:
            if local_name(child) in {"ArrestCharge", "Charge"}:
                found[tree.resolve(child)] = agency
    return found
