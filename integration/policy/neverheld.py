"""Who may not stand among the recipients that are never held up: a pack that lists an immigration authority there."""

from collections.abc import Iterator
from dataclasses import replace

from integration.domain.neverheld import NeverHeld
from integration.domain.parameters import Parameters
from integration.domain.recipients.reach import By, Reach, reach_of
from schemas.kinds import RecipientClass


def governed_entries(parameters: Parameters) -> Iterator[tuple[str, str]]:
    """Yield the key of each entry that may not stand there, and what is wrong with it.

    At run time a listed immigration authority comes first in any case. This is so that nobody believes otherwise.
    """
    bare = replace(parameters, never_held=())
    for number, entry in enumerate(parameters.never_held):
        for key, shown, reach in _each(bare, entry):
            if fault := _fault(reach):
                yield f"parameters.never_held.{number}.{key}", f"{shown} {fault}"
        for inner in _inside(bare, entry):
            yield f"parameters.never_held.{number}.domains", f"an immigration authority lies below it: {inner}"


def _each(parameters: Parameters, entry: NeverHeld) -> Iterator[tuple[str, str, Reach]]:
    for domain in entry.domains:
        # Any mailbox there: the local part says nothing.
        yield "domains", domain, reach_of(parameters, address=f"x@{domain}")
    for address in sorted(entry.addresses):
        yield "addresses", address, reach_of(parameters, address=address)
    for ori in sorted(entry.oris):
        yield "oris", ori, reach_of(parameters, ori=ori)
    for number in sorted(entry.numbers):
        yield "numbers", number, reach_of(parameters, number=number)


def _fault(reach: Reach) -> str | None:
    if reach.doubt is not None:
        return f"cannot be told from an immigration authority for certain ({reach.doubt.value})"
    if reach.party is RecipientClass.IMMIGRATION_AUTHORITY:
        return f"is an immigration authority (by {reach.by.value})"
    if reach.party is RecipientClass.PARTNER_287G and reach.by not in {By.NAME, By.LOCAL_PART}:
        return f"is a 287(g) partner (by {reach.by.value})"
    return None


def _inside(parameters: Parameters, entry: NeverHeld) -> Iterator[str]:
    """Yield what the directory lists below a domain of the entry: its parts, and its lists and aliases."""
    directory = parameters.immigration_authorities
    listed = [*directory.domains, *sorted(directory.addresses)]
    for domain in entry.domains:
        yield from (each for each in listed if each.endswith((f".{domain}", f"@{domain}")))
