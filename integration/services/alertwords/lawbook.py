"""What the packs say of a rule: clauses in words, and what staff may lawfully do next."""

from collections.abc import Iterable
from dataclasses import dataclass

from integration.domain.alerts.said import Case
from integration.domain.alerts.topics import DutyKind
from integration.policy.manifest import Step
from integration.policy.pack import Pack
from integration.services.alertwords import lexicon
from integration.services.alertwords.inert import inert


@dataclass(frozen=True, slots=True)
class Law:
    """A rule under one revision of a pack."""

    title: str
    """Of the policy; the pack's id where its revision is not loaded any more; empty for a duty."""
    clauses: tuple[tuple[str, str], ...]
    """Number and summary; the summary is empty where it is not known."""
    note: str
    """Why no clause stands, in a pack that knows of none."""
    steps: tuple[str, ...]
    short: str
    """The first step in few words."""


class Lawbook:
    """Packs by revision."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        """Args: ``packs`` are all that a finding may still rest on."""
        self._packs = {pack.revision: pack for pack in packs}

    def law(self, case: Case) -> Law:
        """Return what a finding's own pack says; of a revision that is not loaded, its numbers."""
        if isinstance(case.rule, DutyKind):
            steps_of_duty = lexicon.DUTY_STEPS[case.rule]
            return Law("", tuple((inert(number), "") for number in case.provisions), "", steps_of_duty, "")
        pack = self._packs.get(case.pack_revision)
        if pack is None:
            clauses = tuple((inert(number), "") for number in case.provisions)
            return Law(inert(case.pack), clauses, "", (), "")
        known = pack.provisions
        clauses = tuple((inert(number), known[number].summary if number in known else "") for number in case.provisions)
        steps = [step for step in pack.steps.get(case.rule, ()) if step.when is None or step.when in case.missing]
        note = "" if clauses else pack.notes.get(case.rule, "")
        return Law(pack.title, clauses, note, tuple(map(_told, steps)), steps[0].short if steps else "")


def _told(step: Step) -> str:
    return f"{step.do} ({', '.join(step.provisions)})" if step.provisions else step.do
