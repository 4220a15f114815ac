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
    Mutant("lift-before-start-counts", "custody", "_hold", "lifted.time < start", "lifted.time < 0"),
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
    Mutant("earliest-due-is-the-due", "custody", "standing_due", "_latest(dues)", "_earliest(dues)"),
    Mutant("rescinding-at-the-same-time-is-too-late", "custody", "standing_due", "> rescinded", ">= rescinded"),
    Mutant(
        "release-at-the-start-ends-nothing", "custody", "_closing",
        "in released if fact.time >=", "in released if fact.time >",
    ),
    Mutant("temporary-transfer-ends-custody", "custody", "_closing", "not fact.temporary and ", ""),
    Mutant("latest-release-ends-custody", "custody", "_closing", "_earliest(ends)", "_latest(ends)"),
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
    # Ties: of several at one time the greatest id counts.
    Mutant("due-of-a-tie-is-any", "custody", "standing_due", "_latest(dues)", "max(dues, key=lambda it: it.time)"),
    Mutant("placing-of-a-tie-is-any", "custody", "_hold", "key=_BY_TIME", "key=lambda it: it.time"),
    Mutant(
        "move-of-a-tie-is-any", "groups", "destinations", "moves, key=lambda move: (move.time, move.id)",
        "moves, key=lambda move: move.time",
    ),
    # Exact instants.
    Mutant("verified-before-it-was-there", "custody", "_verified_from", "return max(start, ", "return min(NEVER, "),
    Mutant("warrant-holds-at-its-own-end", "moments", "_judicial_authority_at", "at < hold", "at <= hold"),
    Mutant("paper-holds-before-its-start", "moments", "_bail", "hold.start <= refused", "hold.start - 1 <= refused"),
    Mutant("notice-is-owed-before-custody", "stretches", "_notice", "max(hold.start, timeline.start)", "hold.start"),
    Mutant("warning-before-custody", "stretches", "_approaching", "warn_before, timeline.start)", "warn_before, 0)"),
    Mutant("warning-is-a-microsecond-late", "stretches", "_approaching", "warn_before, t", "warn_before + 1, t"),
    Mutant("raised-as-it-ends", "findings", "assess", ".raise_at >= candidate", ".raise_at > candidate"),
    Mutant("open-at-the-end", "findings", "_finding", "candidate.until > now", "candidate.until >= now"),
    Mutant("earlier-warning-stands", "findings", "_ends_later", "found.until > other", "found.until < other"),
    # Retractions and moves.
    Mutant("retractions-in-a-circle-count", "groups", "retracted_ids", "t(retraction.id)}", "t(retraction.id, True)}"),
    Mutant("retracted-moves-count", "groups", "standing_bookings", "destinations(standing)", "destinations(group)"),
    Mutant("abbreviations-run-together", "agencies", "disguises", "(name, parted, ", "(name, "),
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
    # What a paper is, what a name means and the like are remembered.
    for module in [each for each_name, each in sys.modules.items() if each_name.startswith("integration.domain")]:
        for value in [*vars(module).values()]:
            if hasattr(value, "cache_clear"):
                value.cache_clear()
