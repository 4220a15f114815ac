"""``cases.toml``: what the authors of a pack expect of it, in examples that counsel can read.

A case names what is present. A boolean that is left out is false and an approval that is left out is none; a word
(who, what kind) has to be given.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from integration.policy.contexts import CONTEXT_OF, NO_APPROVAL, Action, Context, Value, values, word
from integration.policy.decisions import Decision, Reason
from integration.policy.engine import Engine
from integration.policy.manifest import Key, Line
from schemas.base import Strict


class Case(Strict):
    """One example: asked this, the pack answers that, because."""

    because: Line
    action: Action
    context: dict[str, bool | str]
    decision: Literal["permit", "deny"]
    provisions: tuple[Key, ...] = ()
    """Provisions that the decision has to cite; it may cite more."""
    reasons: tuple[Reason, ...] = ()
    """Reasons that the decision has to give; it may give more."""

    def asked(self) -> Context:
        """Return the full context.

        Raises:
            ValueError: An attribute or a word is unknown, or a word is left out.
        """
        ranges = values(self.action)
        if unknown := sorted(set(self.context) - set(ranges)):
            raise ValueError(f"{self.action} has no attribute {', '.join(unknown)}")
        chosen = {name: self._value(name, allowed) for name, allowed in ranges.items()}
        return CONTEXT_OF[self.action](**chosen)  # type: ignore[arg-type]

    def _value(self, name: str, allowed: tuple[Value, ...]) -> Value:
        if name not in self.context and allowed[0] not in (False, None):
            raise ValueError(f"{name} is missing")
        given: Any = self.context.get(name, word(allowed[0]) if allowed[0] is not None else NO_APPROVAL)
        for value in allowed:
            # Types too: a quoted "true" is no boolean.
            if type(word(value)) is type(given) and word(value) == given:
                return value
        raise ValueError(f"{name} cannot be {given!r}")


class CaseFile(Strict):
    """The whole of ``cases.toml``."""

    case: Annotated[tuple[Case, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case. ``problems`` is empty when the pack answers as expected."""

    case: Case
    decision: Decision
    problems: tuple[str, ...]


def run(case: Case, engine: Engine) -> CaseResult:
    """Ask the pack about one case and compare."""
    decision = engine.decide(case.asked())
    problems = []
    if decision.permit is not (case.decision == "permit"):
        problems.append(f"expected {case.decision}, got {'permit' if decision.permit else 'deny'}")
    problems += [f"does not cite {number}" for number in case.provisions if number not in decision.provisions]
    problems += [f"does not say {reason}" for reason in case.reasons if reason not in decision.reasons]
    return CaseResult(case, decision, tuple(problems))
