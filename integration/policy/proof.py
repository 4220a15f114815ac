"""Trying every context of every action against what no pack may break (POLICY.md, "Invariants").

A context is small and closed, so trying all of them is a proof, and it runs through the very engine that decides.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Final

from integration.policy.contexts import (
    AUTHORITY,
    CONTEXT_OF,
    AccessContext,
    Action,
    Context,
    CustodyContext,
    MessageContext,
    describe,
    every,
    values,
)
from integration.policy.decisions import Decision
from integration.policy.engine import Engine, Settings
from schemas.kinds import RecipientClass

Table = Mapping[Context, Decision]
"""Every context of one action with its decision."""


class Invariant(StrEnum):
    """What holds under every pack. The first five are numbered as in POLICY.md."""

    CUSTODY_NEEDS_AUTHORITY = "1 custody needs authority"
    STATUS_IS_NEVER_DENIED = "2 status alone is never denied"
    DISCLOSURE_NEEDS_AUTHORITY = "3 disclosure to an immigration authority needs authority"
    ACCESS_NEEDS_COURT = "4 access needs a warrant or a court order"
    MONOTONE = "5 more authority never turns a permit into a deny"
    CUSTODY_IS_THE_CONTRACT = "6 custody is decided as the event contract fixes it"
    NO_ERROR = "7 no context is an error"


@dataclass(frozen=True, slots=True)
class CounterExample:
    """Where a pack breaks an invariant."""

    invariant: Invariant
    context: Context
    policies: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        """Return one line that names the invariant, the context and the policies."""
        by = f" by {', '.join(self.policies)}" if self.policies else ""
        return f"invariant {self.invariant}: {describe(self.context)} {self.message}{by}"


def decide_everything(engine: Engine) -> dict[Action, Table]:
    """Decide every context of every action."""
    tables: dict[Action, Table] = {}
    for action in Action:
        contexts = list(every(action))
        tables[action] = dict(zip(contexts, engine.decide_all(contexts), strict=True))
    return tables


def prove(engine: Engine) -> list[CounterExample]:
    """Return every place where a pack breaks an invariant; none is a proof that it breaks none."""
    tables = decide_everything(engine)
    found: list[CounterExample] = []
    for action, table in tables.items():
        check = _CHECKS.get(action)
        for context, decision in table.items():
            if decision.failed:
                message = f"fails: {'; '.join(decision.errors)}"
                found.append(CounterExample(Invariant.NO_ERROR, context, (), message))
            elif check is not None and (broken := check(context, decision, engine.settings)):
                message = "is permitted" if decision.permit else "is denied"
                found.append(CounterExample(broken, context, decision.policies, message))
        found.extend(_not_monotone(action, table))
    return found


def _check_custody(context: Context, decision: Decision, _: Settings) -> Invariant | None:
    assert isinstance(context, CustodyContext)
    authority = context.local or context.judicial_warrant or context.other_criminal
    if decision.permit and not authority:
        return Invariant.CUSTODY_NEEDS_AUTHORITY
    # EVENTS.md section 4.4 fixes it both ways: a pack that denied more would call lawful custody overdue.
    return Invariant.CUSTODY_IS_THE_CONTRACT if decision.permit is not authority else None


def governed(context: MessageContext) -> bool:
    """Tell whether a message is judged as one to an immigration authority (EVENTS.md section 6)."""
    if context.recipient is RecipientClass.PARTNER_287G:
        return context.purpose_immigration_enforcement
    return context.recipient is RecipientClass.IMMIGRATION_AUTHORITY


def _check_message(context: Context, decision: Decision, settings: Settings) -> Invariant | None:
    assert isinstance(context, MessageContext)
    status_only = context.has_status and not context.has_place_of_birth and not context.has_other_categories
    if status_only:
        return None if decision.permit else Invariant.STATUS_IS_NEVER_DENIED
    # A place of birth rides with status or not at all, and only where the pack says so. No category at all is not
    # status either, though invariant 3 alone would let it pass.
    rides = settings.place_of_birth_rides_with_status and context.has_status and not context.has_other_categories
    accepted = (
        context.approval in settings.approval_bases
        and context.approval_unexpired
        and context.approval_by_another
        and context.approval_not_withdrawn
    )
    authority = rides or context.judicial_warrant or context.court_order or accepted
    return Invariant.DISCLOSURE_NEEDS_AUTHORITY if decision.permit and governed(context) and not authority else None


def _check_access(context: Context, decision: Decision, _: Settings) -> Invariant | None:
    assert isinstance(context, AccessContext)
    court = context.judicial_warrant or context.court_order
    return Invariant.ACCESS_NEEDS_COURT if decision.permit and not court else None


_Check = Callable[[Context, Decision, Settings], Invariant | None]
_CHECKS: Final[Mapping[Action, _Check]] = {
    Action.CONTINUE_CUSTODY: _check_custody,
    Action.SEND_MESSAGE: _check_message,
    Action.GRANT_ACCESS: _check_access,
}


def _not_monotone(action: Action, table: Table) -> Iterator[CounterExample]:
    """Find contexts where one more authority turns a permit into a deny."""
    ranges = values(action)
    read = attrgetter(*ranges)
    permitted = {read(context): decision.permit for context, decision in table.items()}
    for cells, permit in permitted.items():
        if not permit:
            continue
        for place, (name, (least, *more)) in enumerate(ranges.items()):
            if name not in AUTHORITY[action] or cells[place] is not least:
                continue
            for value in more:
                stronger = (*cells[:place], value, *cells[place + 1 :])
                if not permitted[stronger]:
                    context = CONTEXT_OF[action](**dict(zip(ranges, stronger, strict=True)))
                    message = f"is denied, though without {name} it is permitted"
                    yield CounterExample(Invariant.MONOTONE, context, table[context].policies, message)


def idle_policies(engine: Engine) -> tuple[str, ...]:
    """Return policies that never come to a decision, in the pack's order.

    A condition that can never hold passes the engine's own validation. That breaks no invariant (an idle permit
    permits nothing, and what an idle forbid fails to forbid the invariants see), but its author meant something.
    """
    deciding = {
        name
        for table in decide_everything(engine).values()
        for decision in table.values()
        for name in decision.policies
    }
    return tuple(clause.id for clause in engine.clauses if clause.id not in deciding)
