"""The domain, broken on purpose: each of these must be caught by comparing it with the oracle."""

import ast
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple


class Mutant(NamedTuple):
    name: str
    module: str
    """Module of ``integration.domain``."""
    function: str
    right: str
    wrong: str


MUTANTS = (
    Mutant("lift-before-start-counts", "custody", "_hold", " or lifted.time < start", ""),
    Mutant("lift-at-start-does-not-count", "custody", "_hold", "lifted.time < start", "lifted.time <= start"),
    Mutant("expiry-is-ignored", "custody", "_hold", "NEVER if last.expires_at is None else last.expires_at", "NEVER"),
    Mutant("earliest-placing-stands-in", "custody", "_hold", "last = max(placings", "last = min(placings"),
    Mutant("hold-starts-with-its-latest-placing", "custody", "_hold", "start = min(", "start = max("),
    Mutant("due-spares-holds-of-its-own-time", "custody", "_hold", "start <= due.time", "start < due.time"),
    Mutant("due-ends-later-holds-too", "custody", "_hold", "and start <= due.time ", ""),
    Mutant("due-prolongs-ended-holds", "custody", "_hold", " and due.due_at < end", ""),
    Mutant("other-agencies-hold-nobody", "custody", "_hold", "HoldClass.OTHER_CRIMINAL", "HoldClass.REQUEST"),
    Mutant(
        "warrant-needs-no-verification", "custody", "_verified_from", "not parameters.require_warrant_verification",
        "True",
    ),
    Mutant("earliest-due-is-the-due", "custody", "standing_due", "return max(", "return min("),
    Mutant("rescinding-at-the-same-time-is-too-late", "custody", "standing_due", "> rescinded", ">= rescinded"),
    Mutant(
        "release-at-the-start-ends-nothing", "custody", "_closing",
        "(Released) if fact.time >=", "(Released) if fact.time >",
    ),
    Mutant("temporary-transfer-ends-custody", "custody", "_closing", "not fact.temporary and ", ""),
    Mutant("latest-release-ends-custody", "custody", "_closing", "return min(", "return max("),
    Mutant(
        "retracted-retractions-count", "groups", "retracted_ids",
        "for retraction in retractions if counts.get(retraction.id)", "for retraction in retractions",
    ),
    Mutant("only-one-move-is-followed", "groups", "terminal", "while subject in onward", "if subject in onward"),
    Mutant("earliest-move-counts", "groups", "destinations", "latest[subject] = max(", "latest[subject] = min("),
    Mutant("voided-bookings-stand", "findings", "assess", "if standing.of(Voided):", "if not facts:"),
    Mutant(
        "second-paper-starts-the-finding", "stretches", "_overdue", "held_on_paper[0][0]", "held_on_paper[-1][0]"
    ),
    Mutant(
        "lifted-paper-ends-the-finding", "stretches", "_overdue", "DETAINER_HOLD, turning, end,",
        "DETAINER_HOLD, turning, held_on_paper[-1][1] if held_on_paper else end,",
    ),
    Mutant(
        "allowance-is-a-microsecond-long", "stretches", "_overdue", "since + allowance, evidence)",
        "since + allowance + 1, evidence)",
    ),
    Mutant(
        "allowance-is-a-microsecond-short", "stretches", "_overdue", "since + allowance, evidence)",
        "since + allowance - 1, evidence)",
    ),
    Mutant(
        "allowances-are-exchanged", "stretches", "_overdue", "turning, parameters.release_processing_other",
        "turning, parameters.release_processing_detainer",
    ),
    Mutant("paper-holds-at-its-own-end", "stretches", "_booked_on_nothing", "since < end", "since <= end"),
    Mutant("bail-at-the-papers-end-counts", "moments", "_bail", "< hold.end", "<= hold.end"),
    Mutant("a-notice-served-counts-for-every-paper", "stretches", "_notice", " if fact.hold_id == hold.hold_id", ""),
    Mutant("touching-intervals-overlap", "instants", "overlap", "max(start, a) < min(end, b)", "a <= b"),
    Mutant(
        "immigration-judges-are-judges", "papers", "is_judicial_office",
        " or not _NOT_JUDICIAL_WORDS.isdisjoint(cut)", "",
    ),
)  # fmt: skip


@contextmanager
def broken(mutant: Mutant) -> Iterator[None]:
    """Put the wrong function in the place of the right one, in every module that uses it."""
    module = import_module(f"integration.domain.{mutant.module}")
    right = getattr(module, mutant.function)
    source = inspect.getsource(right)
    assert source.count(mutant.right) == 1, f"{mutant.name}: {mutant.function} reads otherwise now"
    made: dict[str, Any] = {}
    code = compile(ast.parse(source.replace(mutant.right, mutant.wrong)), f"<{mutant.name}>", "exec")
    exec(code, module.__dict__, made)
    users = [
        each
        for name, each in sys.modules.items()
        if name.startswith("integration.") and getattr(each, mutant.function, None) is right
    ]
    try:
        _put(users, mutant.function, made[mutant.function])
        yield
    finally:
        _put(users, mutant.function, right)


def _put(users: list[Any], name: str, function: Any) -> None:
    for each in users:
        setattr(each, name, function)
    # What a paper is, is remembered.
    import_module("integration.domain.papers")._classify.cache_clear()
