"""Refused inputs, taken in again after what was wrong has been put right."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TypedDict

from integration.audit.entry import JSON
from integration.bootstrap import Installation, connect_ports, document_mapper
from integration.clock import WallClock
from integration.domain.instants import SECOND, Instant
from integration.runners.connect.again import mapped_again
from integration.services.auditing import AuditDesk
from integration.services.intake import Input, Intake, Tally
from integration.services.ports import Changes
from integration.store.queries import DeadLetter


class Outcome(TypedDict):
    """What became of one letter."""

    number: int
    outcome: str
    """``accepted``, ``duplicate`` (all of it is on record already) or ``refused`` (it goes on waiting)."""
    reasons: list[str]
    entry: int | None
    """Its entry's place in the log; None where the sequencer gives it later."""


def open_intake(installation: Installation) -> Intake:
    """Return what takes letters in, beside an engine or workers."""
    return connect_ports(installation, WallClock()).intake


def resubmit(letter: DeadLetter, intake: Intake, installation: Installation, actor: str) -> Outcome:
    """Take one letter in, and log what became of it."""
    now = WallClock().now()
    inputs = _inputs(letter, installation)
    tally = intake.take(inputs, lambda _event: now, pass_time=_let_pass)

    outcome = "refused" if tally.refused else "accepted" if tally.accepted else "duplicate"
    reasons = sorted(tally.reasons)
    detail: dict[str, JSON] = {"number": letter.number, "reasons": reasons, **_counts(tally)}
    settings = installation.settings
    desk = AuditDesk(
        installation.store, place=settings.site.name, now=WallClock().now, beside=settings.kafka is not None
    )
    entry = desk.entry("deadletter.resubmitted", outcome, actor, detail)
    index = next(iter(desk.write(lambda: ([entry], Changes()))), None)
    return {"number": letter.number, "outcome": outcome, "reasons": reasons, "entry": index}


def _counts(tally: Tally) -> dict[str, int]:
    return {"accepted": tally.accepted, "duplicates": tally.duplicates, "refused": tally.refused}


def _inputs(letter: DeadLetter, installation: Installation) -> list[Input]:
    """Return what a letter gives: one event, or all events of what its folder's or connector's mapping reads."""
    raw = installation.vault.open_sealed(letter.sealed)
    folder = next(
        (each for each in installation.settings.drop_folders if letter.place.startswith(f"{each.path}/")), None
    )
    received_at = datetime.fromtimestamp(letter.received_at // SECOND, UTC)
    again = mapped_again(letter.place, raw, received_at, installation.settings.sources)
    if again:
        inputs = again
    elif folder is None or not raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return [Input(letter.place, raw, dead_letter=letter.number)]
    else:
        inputs = list(document_mapper(folder.mapping)(letter.place.partition("#")[0], raw))
    if any(each.refusal is not None for each in inputs):
        # Part of it still cannot be read: the letter goes on waiting for that part and is not refused a second time.
        return [replace(each, dead_letter=None if each.refusal is None else letter.number) for each in inputs]
    return [replace(each, dead_letter=letter.number if at == 0 else None) for at, each in enumerate(inputs)]


def _let_pass(_now: Instant) -> None:
    """Deadlines are the service's to fire."""
