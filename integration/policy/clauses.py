"""Reading a pack's policy text: one clause a policy, keyed by its own id, and refused where it is not exact.

To the engine ``@id`` is only an annotation and duplicates are fine; here it is the key. A policy without an id, a
provision and a reason could decide something that nobody can cite.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import cedarpy

from integration.policy.contexts import Action, values, word
from integration.policy.decisions import ENGINE_REASONS, Reason

SCHEMA_TEXT: Final = Path(__file__).with_name("holdwatch.cedarschema").read_text(encoding="ascii")
SCHEMA: Final = cedarpy.Schema.from_str(SCHEMA_TEXT)

_ID: Final = re.compile(r"[a-z0-9][a-z0-9.-]*", re.ASCII)
_PROVISION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*", re.ASCII)


class Effect(StrEnum):
    """What a policy does when it applies."""

    PERMIT = "permit"
    FORBID = "forbid"


@dataclass(frozen=True, slots=True)
class Clause:
    """One policy of a pack."""

    id: str
    effect: Effect
    action: Action
    provisions: tuple[str, ...]
    reason: Reason


class PolicyTextError(ValueError):
    """The policy text was refused. ``faults`` holds (policy, what is wrong) for every fault found."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        """Keep every fault."""
        super().__init__("; ".join(f"{policy}: {message}" for policy, message in faults))
        self.faults = tuple(faults)


def read(text: str) -> tuple[tuple[Clause, ...], cedarpy.PolicySet]:
    """Parse, check and validate policy text.

    Returns:
        The clauses in the order of the text, and the handle of the same policies under their own ids.

    Raises:
        PolicyTextError: The text is not ASCII, does not parse, does not pass strict validation against the schema,
            or a policy lacks an id, a provision, a known reason or an action of its own.
    """
    if not text.isascii():
        # A Cyrillic letter that looks Latin passes validation and matches nothing.
        raise PolicyTextError([("(text)", "holds characters that are not ASCII")])
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(text))
    except ValueError as error:
        raise PolicyTextError([("(text)", f"does not parse: {error}")]) from error
    policies: Mapping[str, Any] = parsed["staticPolicies"]
    faults: list[tuple[str, str]] = []
    if parsed.get("templates"):
        faults.append(("(text)", "holds a template; a pack states every policy in full"))
    faults.extend(_schema_faults(text, policies))
    clauses: dict[str, Clause] = {}
    keyed: dict[str, Any] = {}
    # The parser numbers policies in the order of the text, but hands them over in any order.
    for number in sorted(policies, key=lambda name: int(name.removeprefix("policy"))):
        policy = policies[number]
        clause, found = _clause(number, policy)
        faults.extend(found)
        if clause is not None and clause.id in clauses:
            faults.append((clause.id, "this @id stands twice"))
        elif clause is not None:
            clauses[clause.id], keyed[clause.id] = clause, policy
    if not policies:
        faults.append(("(text)", "holds no policy"))
    if faults:
        raise PolicyTextError(faults)
    handle = cedarpy.PolicySet.from_json_str(
        json.dumps({"staticPolicies": keyed, "templates": {}, "templateLinks": []})
    )
    return tuple(clauses.values()), handle


def _schema_faults(text: str, policies: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (_name(error.policy_id, policies.get(error.policy_id, {})), error.error)
        for error in cedarpy.validate_policies(text, SCHEMA).errors
    ]


def _name(number: str, policy: Mapping[str, Any]) -> str:
    return str(policy.get("annotations", {}).get("id") or number)


def _clause(number: str, policy: Mapping[str, Any]) -> tuple[Clause | None, list[tuple[str, str]]]:
    """Read one policy; the clause is None when its id, its action or its reason cannot be read."""
    notes: Mapping[str, str] = policy.get("annotations", {})
    name = _name(number, policy)
    faults: list[tuple[str, str]] = []
    if not _ID.fullmatch(notes.get("id") or ""):
        faults.append((name, "@id is missing, or is not lower case letters, digits, dots and hyphens"))
    provisions = tuple(part.strip() for part in (notes.get("provision") or "").split(","))
    if not all(_PROVISION.fullmatch(part) for part in provisions) or len(set(provisions)) < len(provisions):
        faults.append((name, "@provision is missing, or is not a comma separated list of different provisions"))
    reason = next((r for r in Reason if r == notes.get("reason") and r not in ENGINE_REASONS), None)
    if reason is None:
        faults.append((name, "@reason is missing or unknown"))
    action = next((a for a in Action if policy["action"] == _scope(a)), None)
    if action is None:
        faults.append((name, "must name exactly one action with =="))
    else:
        known = {word(value) for allowed in values(action).values() for value in allowed}
        unknown = sorted(set(_words(policy["conditions"])) - known)
        faults.extend((name, f'compares with "{text}", a word that {action} does not know') for text in unknown)
    if faults or reason is None or action is None:
        return None, faults
    return Clause(name, Effect(policy["effect"]), action, provisions, reason), []


def _scope(action: Action) -> dict[str, Any]:
    return {"op": "==", "entity": {"type": "Action", "id": action.value}}


def _words(node: Any) -> Iterator[str]:
    """Yield every text literal inside a policy's conditions."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "Value" and isinstance(value, str):
                yield value
            else:
                yield from _words(value)
    elif isinstance(node, list):
        for item in node:
            yield from _words(item)
