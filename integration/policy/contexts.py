"""What a decision is made from: four small closed records of booleans and words, and every value they can have.

A decision is a pure function of one of these. There are finitely many, so a pack is proved by trying all of them.
Every field is required: whoever asks has to say, and cannot forget.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from itertools import product
from typing import Final, TypeAlias, get_args, get_type_hints

from schemas.kinds import AssistanceKind, LegalBasis, RecipientClass

NO_APPROVAL: Final = "none"
"""How a context without an approval is written in policies and cases."""


class Action(StrEnum):
    """What a pack is asked about."""

    CONTINUE_CUSTODY = "ContinueCustody"
    SEND_MESSAGE = "SendMessage"
    GRANT_ACCESS = "GrantAccess"
    ASSIST = "Assist"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyContext:
    """Which holds are active at an instant, as `papers.classify` sees them (EVENTS.md section 3)."""

    local: bool
    judicial_warrant: bool
    """A *valid* judicial warrant: court, judicial office, and verified where the pack asks for it."""
    other_criminal: bool
    immigration_paper: bool
    """A detainer or an administrative warrant. Never authority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageContext:
    """One outgoing message (EVENTS.md section 6). No category at all: all three ``has_`` fields are false."""

    recipient: RecipientClass
    """The most restrictive party among all recipients: one immigration authority makes it a message to one."""
    purpose_immigration_enforcement: bool
    has_status: bool
    """Citizenship or immigration status (8 U.S.C. 1373)."""
    has_place_of_birth: bool
    has_other_categories: bool
    """Any category that is neither status nor place of birth, stated or found in the text."""
    judicial_warrant: bool
    """A valid judicial warrant for this person is active."""
    court_order: bool
    """A standing approval names an order of a court or a judicial subpoena that asks for this information.
    An order that only keeps the person in custody is none."""
    approval: LegalBasis | None
    approval_unexpired: bool
    approval_by_another: bool
    """Whoever approved is not the sender."""
    approval_not_withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessContext:
    """An immigration authority wants to reach a person in custody. Ask about no other visitor."""

    judicial_warrant: bool
    court_order: bool
    """An order of a court that grants this access. An order that only keeps the person in custody is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistContext:
    """An agency asks staff for help."""

    kind: AssistanceKind
    requester: RecipientClass


Context: TypeAlias = CustodyContext | MessageContext | AccessContext | AssistContext
ContextType: TypeAlias = type[CustodyContext] | type[MessageContext] | type[AccessContext] | type[AssistContext]
Value: TypeAlias = bool | StrEnum | None

CONTEXT_OF: Final[Mapping[Action, ContextType]] = {
    Action.CONTINUE_CUSTODY: CustodyContext,
    Action.SEND_MESSAGE: MessageContext,
    Action.GRANT_ACCESS: AccessContext,
    Action.ASSIST: AssistContext,
}
ACTION_OF: Final[Mapping[ContextType, Action]] = {context: action for action, context in CONTEXT_OF.items()}

AUTHORITY: Final[Mapping[Action, tuple[str, ...]]] = {
    Action.CONTINUE_CUSTODY: ("local", "judicial_warrant", "other_criminal"),
    Action.SEND_MESSAGE: (
        "judicial_warrant",
        "court_order",
        "approval",
        "approval_unexpired",
        "approval_by_another",
        "approval_not_withdrawn",
    ),
    Action.GRANT_ACCESS: ("judicial_warrant", "court_order"),
    Action.ASSIST: (),
}
"""Fields in which true, or an approval instead of none, is more authority (invariant 5)."""


@cache
def values(action: Action) -> Mapping[str, tuple[Value, ...]]:
    """Return every value that each field of an action's context can have, the least authority first."""
    found: dict[str, tuple[Value, ...]] = {}
    for name, hint in get_type_hints(CONTEXT_OF[action]).items():
        # A field is a boolean, a closed list of words, or such a list with "none".
        choices = [kind for kind in get_args(hint) or (hint,) if kind is not type(None)]
        listed: tuple[Value, ...] = (False, True) if choices == [bool] else tuple(choices[0])
        found[name] = listed if len(choices) == len(get_args(hint) or (hint,)) else (None, *listed)
    return found


def every(action: Action) -> Iterator[Context]:
    """Yield every context that an action can have, in a fixed order."""
    names, ranges = values(action).keys(), values(action).values()
    for combination in product(*ranges):
        yield CONTEXT_OF[action](**dict(zip(names, combination, strict=True)))  # type: ignore[arg-type]


def attributes(context: Context) -> dict[str, bool | str]:
    """Write a context as the plain values that policies read.

    Raises:
        TypeError: ``context`` is none of the four, or a field holds something that its type does not allow. A word
            that no policy knows must not slip past every ``when``.
    """
    action = ACTION_OF.get(type(context))
    if action is None:
        raise TypeError(f"not a context: {type(context).__name__}")
    plain: dict[str, bool | str] = {}
    for name, allowed in values(action).items():
        value: Value = getattr(context, name)
        if type(value) is not type(allowed[-1]) and not (value is None and None in allowed):
            raise TypeError(f"{action}.{name} cannot be {value!r}")
        plain[name] = word(value)
    return plain


def word(value: Value) -> bool | str:
    """Write one value as policies and cases do."""
    if value is None:
        return NO_APPROVAL
    return value if isinstance(value, bool) else value.value


def describe(context: Context) -> str:
    """Write a context on one line; booleans that are false and an absent approval are left out."""
    shown = []
    for field in fields(context):
        value: Value = getattr(context, field.name)
        if value is True:
            shown.append(field.name)
        elif isinstance(value, StrEnum):
            shown.append(f"{field.name}={value.value}")
    return f"{ACTION_OF[type(context)]}({', '.join(shown)})"
