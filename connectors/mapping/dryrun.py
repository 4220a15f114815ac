"""A dry run: what a mapping makes of a file, without taking anything in."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from connectors.mapping.coverage import Coverage
from integration.services.intake import Input
from schemas.events import parse
from schemas.refusals import InvalidEventError


@dataclass(slots=True)
class DryRun:
    """What came out."""

    events: list[dict[str, Any]] = field(default_factory=list)
    repeated: int = 0
    """Events that came again with the same id and content: duplicates, which change nothing."""
    refusals: list[tuple[str, str, str]] = field(default_factory=list)
    """Place, reason, message."""
    coverage: Coverage | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def types(self) -> Counter[str]:
        """Count the events by type."""
        return Counter(event["type"] for event in self.events)

    def report(self) -> dict[str, Any]:
        """Return everything but the events."""
        covered = self.coverage.report() if self.coverage is not None else {}
        refusals = [{"place": place, "reason": reason, "message": said} for place, reason, said in self.refusals]
        counts = {"events": len(self.events), "repeated": self.repeated, "events_by_type": dict(self.types)}
        return {**counts, "refusals": refusals, "told": self.notes, **covered}


def dry_run(inputs: Iterable[Input], coverage: Coverage | None = None) -> DryRun:
    """Validate every input as the intake would, and collect what comes of it."""
    told = DryRun(coverage=coverage)
    seen: dict[tuple[str, str], bytes] = {}
    for each in inputs:
        error = each.refusal
        if error is None:
            try:
                received = parse(each.raw)
            except InvalidEventError as refused:
                error = refused
            else:
                key = (received.event.source, received.event.id)
                if key not in seen:
                    seen[key] = received.digest
                    told.events.append(orjson.loads(each.raw))
                elif seen[key] == received.digest:
                    told.repeated += 1
                else:
                    place = each.place
                    told.refusals.append((place, "conflicting_duplicate", "this id came before with other content"))
        if error is not None:
            told.refusals.append((each.place, error.reason.value, error.message))
    return told
