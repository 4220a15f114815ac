"""What there is to say about packs, as plain data: does this one hold, what does it decide, how do two differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from integration.policy.cases import CaseResult, run
from integration.policy.clauses import Effect
from integration.policy.contexts import Action, values, word
from integration.policy.decisions import Decision
from integration.policy.engine import stated
from integration.policy.pack import Pack
from integration.policy.proof import CounterExample, decide_everything, idle_policies, prove
from integration.policy.truthtable import compress


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Whether a pack does what its authors and the product's invariants ask."""

    pack: str
    revision: str
    cases: tuple[CaseResult, ...]
    counter_examples: tuple[CounterExample, ...]
    idle_policies: tuple[str, ...]
    """Policies that never come to a decision: most likely a slip of their author."""
    contexts_tried: int

    @property
    def ok(self) -> bool:
        """Tell whether nothing at all is wrong."""
        return not (self.counter_examples or self.idle_policies or any(case.problems for case in self.cases))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a truth table: every context that meets ``conditions`` gets this decision."""

    conditions: Mapping[str, tuple[bool | str, ...]]
    """Field to the values it may have, as policies write them; a field that does not matter is left out."""
    contexts: int
    """How many contexts the line stands for; over an action's lines they add up to all."""
    decision: Decision
    """As far as the table goes: see `explain`."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Contexts that two packs decide differently."""

    conditions: Mapping[str, tuple[bool | str, ...]]
    contexts: int
    permit_a: bool
    permit_b: bool


@dataclass(frozen=True, slots=True)
class ParameterDifference:
    """A parameter, or a rule's severity or provisions, in which two packs differ. Of lists: what the other lacks."""

    key: str
    a: Any
    b: Any


@dataclass(frozen=True, slots=True)
class PackDiff:
    """Where two packs differ."""

    a: str
    b: str
    decisions: Mapping[Action, tuple[Difference, ...]]
    """Every action; empty where no context is decided differently."""
    parameters: tuple[ParameterDifference, ...]


@dataclass(frozen=True, slots=True)
class ProvisionDifference:
    """A provision that two packs do not tell of alike. Empty: that pack has none of this number."""

    number: str
    a: str
    b: str


def check(pack: Pack) -> CheckReport:
    """Run a pack's cases and try every context against the invariants."""
    tables = decide_everything(pack.engine)
    return CheckReport(
        pack=pack.id,
        revision=pack.revision,
        cases=tuple(run(case, pack.engine) for case in pack.cases),
        counter_examples=tuple(prove(pack.engine)),
        idle_policies=idle_policies(pack.engine),
        contexts_tried=sum(len(table) for table in tables.values()),
    )


def explain(pack: Pack, *, full: bool = False) -> Mapping[Action, tuple[Row, ...]]:
    """Return the truth table of every action, fields that do not matter left out.

    Args:
        pack: The pack to explain.
        full: Tell contexts apart by everything a decision says (hundreds of lines for messages). Otherwise a line's
            decision holds the policy that the pack states first among the deciding ones, with its provisions.
    """
    leading = {clause.id: stated([clause], permit=clause.effect is Effect.PERMIT) for clause in pack.engine.clauses}
    tables = {}
    for action, table in decide_everything(pack.engine).items():
        outcomes = [
            decision if full or not decision.policies else leading[decision.policies[0]] for decision in table.values()
        ]
        lines = compress(_words(action), outcomes)
        tables[action] = tuple(Row(line.conditions, line.combinations, line.outcome) for line in lines)
    return tables


def diff(a: Pack, b: Pack) -> PackDiff:
    """Return the contexts and the parameters in which two packs differ."""
    tables_a, tables_b = decide_everything(a.engine), decide_everything(b.engine)
    decisions = {}
    for action in Action:
        pairs = zip(tables_a[action].values(), tables_b[action].values(), strict=True)
        outcomes = [(decision_a.permit, decision_b.permit) for decision_a, decision_b in pairs]
        decisions[action] = tuple(
            Difference(line.conditions, line.combinations, *line.outcome)
            for line in compress(_words(action), outcomes)
            if line.outcome[0] is not line.outcome[1]
        )
    return PackDiff(a.id, b.id, decisions, tuple(_parameter_differences(a, b)))


def provision_differences(a: Pack, b: Pack) -> tuple[ProvisionDifference, ...]:
    """Return the provisions that two packs do not have alike, by number: what each asks, and what carries it out."""
    told_a, told_b = _provisions(a), _provisions(b)
    return tuple(
        ProvisionDifference(number, told_a.get(number, ""), told_b.get(number, ""))
        for number in dict.fromkeys((*told_a, *told_b))
        if told_a.get(number) != told_b.get(number)
    )


def _provisions(pack: Pack) -> dict[str, str]:
    told = {
        number: f"{each.summary} ({'guidance; ' if each.guidance else ''}{', '.join(each.enforced_by)})"
        for number, each in pack.provisions.items()
    }
    left_out = pack.not_enforceable.items()
    return told | {number: f"{each.summary} (not enforceable: {each.reason})" for number, each in left_out}


def _words(action: Action) -> dict[str, tuple[bool | str, ...]]:
    return {name: tuple(word(value) for value in allowed) for name, allowed in values(action).items()}


def _parameter_differences(a: Pack, b: Pack) -> Iterator[ParameterDifference]:
    flat_a, flat_b = _flat(a), _flat(b)
    for key in sorted(flat_a.keys() | flat_b.keys()):
        left, right = flat_a.get(key), flat_b.get(key)
        if left == right:
            continue
        if isinstance(left, frozenset) and isinstance(right, frozenset):
            yield ParameterDifference(key, tuple(sorted(left - right)), tuple(sorted(right - left)))
        else:
            yield ParameterDifference(key, left, right)


def _flat(pack: Pack) -> dict[str, Any]:
    flat = dict(_leaves("parameters", pack.settings))
    for rule, terms in pack.parameters.terms.items():
        flat[f"rules.{rule}.severity"] = terms.severity
        flat[f"rules.{rule}.provisions"] = frozenset(terms.provisions)
    return flat


def _leaves(prefix: str, table: BaseModel) -> Iterator[tuple[str, Any]]:
    """Yield each parameter under its dotted key; lists as sets, since their order means nothing."""
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, BaseModel):
            yield from _leaves(f"{prefix}.{name}", value)
        else:
            yield f"{prefix}.{name}", frozenset(value) if isinstance(value, tuple | frozenset) else value
