"""Log entries as pages show them: one line each, or whole with the reasons behind a decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from integration.audit.entry import read_body
from integration.console.parts import Parts
from integration.console.render import flat
from integration.domain.instants import Instant
from integration.policy.pack import Pack
from integration.services.ports import EntryRow

_LINE: Final = 160
"""Characters of the detail that a line shows."""
_FIRST: Final = (
    "rule",
    "provisions",
    "reasons",
    "type",
    "reason",
    "authority",
    "leaf_index",
    "account",
    "page",
    "number",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry as a line."""

    index: int
    at: Instant
    kind: str
    source: str
    booking: str
    outcome: str
    actor: str
    sealed: bool
    about: str


@dataclass(frozen=True, slots=True)
class Why:
    """What a finding or decision rests on."""

    pack: str
    same_revision: bool
    """Whether the pack is in force here in the very revision that decided."""
    provisions: tuple[tuple[str, str], ...]
    """Number and what it asks."""
    clauses: tuple[tuple[str, str, str], ...]
    """Policies that decided: id, effect, reason."""


def shown(row: EntryRow) -> Shown:
    """Return an entry as a line."""
    if row.body is None:
        return Shown(row.leaf_index, 0, "", "", "", "", "", sealed=True, about="")
    entry = read_body(row.body)
    return Shown(
        row.leaf_index,
        row.at,
        row.kind,
        row.source,
        row.booking,
        row.outcome,
        entry["actor"],
        sealed=False,
        about=_about(entry["detail"]),
    )


def _about(detail: Mapping[str, Any]) -> str:
    lines = dict(flat(detail))
    first = [name for name in _FIRST if lines.get(name)]
    told = "; ".join(f"{name} {lines[name]}" for name in (first or list(lines))[:4])
    return told if len(told) <= _LINE else told[:_LINE] + "…"


def why(parts: Parts, entry: Mapping[str, Any]) -> Why | None:
    """Explain a finding or decision; None for entries that decide nothing."""
    detail = entry["detail"]
    provisions = detail.get("provisions")
    if not entry["pack"] or not isinstance(provisions, list):
        return None
    named = [each for each in parts.packs if each.id == entry["pack"]]
    exact = next((each for each in named if each.revision == entry["pack_revision"]), None)
    pack: Pack | None = exact or next(iter(named), None)
    same = exact is not None
    if pack is None:
        return Why(entry["pack"], same_revision=False, provisions=tuple((each, "") for each in provisions), clauses=())
    deciding = detail.get("policies") or []
    return Why(
        entry["pack"],
        same,
        tuple((each, pack.provisions[each].summary if each in pack.provisions else "") for each in provisions),
        tuple(
            (clause.id, clause.effect.value, clause.reason.value.replace("_", " "))
            for clause in pack.engine.clauses
            if clause.id in deciding
        ),
    )
