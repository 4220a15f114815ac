"""Older versions of an event type, read as the newest: one step from each version to the next.

A published type never changes its meaning; what needs another meaning gets a new version suffix. The models know the
newest version of each type alone. An older one is lifted, step by step, by the table here, before it is validated; a
newer one, which a feed sends that was upgraded before this program, is refused by name and can be taken in again from
the dead letters after the upgrade.
"""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Final, TypeAlias

from schemas.refusals import InvalidEventError, Reason

Content: TypeAlias = dict[str, Any]
Upcaster: TypeAlias = Callable[[Content], Content]
"""From an event's content in one version to what it says in the next. Its ``type`` is set here, not there.

It may rely on nothing: what it is given was not validated. What it leaves as it is, the newest model refuses.
"""

UPCASTERS: Final[dict[tuple[str, int], Upcaster]] = {}
"""(type without suffix, version) to the step from that version to the next. Empty while every type has one version."""

_TYPE: Final = re.compile(r"(?P<name>[a-z0-9.]{1,100})\.v(?P<version>[0-9]{1,4})", re.ASCII)


def newest_of(types: Mapping[str, Any]) -> dict[str, int]:
    """Return the newest version of each type, by its name without suffix. Args: ``types`` by their full names."""
    newest: dict[str, int] = {}
    for each in types:
        name, version = split(each) or (each, 0)
        newest[name] = max(version, newest.get(name, 0))
    return newest


def split(kind: object) -> tuple[str, int] | None:
    """Return a type's name and version; None where it is not so written."""
    matched = _TYPE.fullmatch(kind) if isinstance(kind, str) else None
    return None if matched is None else (matched["name"], int(matched["version"]))


def to_newest(
    content: Content, newest: Mapping[str, int], steps: Mapping[tuple[str, int], Upcaster] = UPCASTERS
) -> Content:
    """Return what an event says in the newest version of its type; the same object where that is what it is.

    Args:
        content: the event, which stays as it is.
        newest: version by type name.
        steps: as `UPCASTERS`.

    Raises:
        InvalidEventError: ``newer_version``; or an older one that a step cannot read (``cannot_upcast``).
    """
    told = split(content.get("type"))
    if told is None or told[0] not in newest or told[1] == newest[told[0]]:
        return content  # the models say what is wrong with it, if anything is
    name, version = told
    if version > newest[name]:
        raise InvalidEventError(
            Reason.NEWER_VERSION, f"/type: version {version}; this program reads {name} up to version {newest[name]}"
        )
    lifted = deepcopy(content)
    for at in range(version, newest[name]):
        step = steps.get((name, at))
        if step is None:
            break
        try:
            lifted = step(lifted)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            raise InvalidEventError(Reason.CANNOT_UPCAST, f"/data: not what version {at} of {name} says") from None
        lifted["type"] = f"{name}.v{at + 1}"
    return lifted
