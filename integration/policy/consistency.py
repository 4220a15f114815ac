"""Do the files of a pack agree with each other? Nothing cited that is not listed, nothing listed that is not done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from integration.policy.clauses import Clause
from integration.policy.manifest import Manifest
from schemas.kinds import Rule


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a pack: in which file, at which key or policy, and what."""

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.file}: {self.key}: {self.message}" if self.key else f"{self.file}: {self.message}"


def faults_between(manifest: Manifest, clauses: Sequence[Clause], file: str) -> list[Fault]:
    """Return where the tables of a manifest and the policies contradict each other."""
    found = [*_rules(manifest), *_steps(manifest), *_citations(manifest, clauses), *_unkept_promises(manifest, clauses)]
    return [Fault(file, key, message) for key, message in found]


def _rules(manifest: Manifest) -> Iterator[tuple[str, str]]:
    for rule in Rule:
        row = manifest.rules.get(rule)
        if row is None:
            yield f"rules.{rule}", "is missing"
        elif not row.provisions and not row.note:
            yield f"rules.{rule}", "has no provision and no note that says why"
    for number in sorted(manifest.provisions.keys() & manifest.not_enforceable.keys()):
        yield f"provisions.{number}", "is also listed as not enforceable"


def _steps(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Check that every rule says what to do, whatever paper is missing, and rests only on what is listed."""
    for rule in Rule:
        steps = manifest.steps.get(rule, ())
        if not steps:
            yield f"steps.{rule}", "is missing: an alert has to say what to do"
        elif steps[0].when is not None or not steps[0].short:
            yield f"steps.{rule}.0", "the first step has a short form and no condition"
        for place, step in enumerate(steps):
            for number in step.provisions:
                if number not in manifest.provisions:
                    yield f"steps.{rule}.{place}", f"cites {number}, which is not in the provisions table"


def _citations(manifest: Manifest, clauses: Sequence[Clause]) -> Iterator[tuple[str, str]]:
    """Check that each citation names a listed, binding provision whose ``enforced_by`` names the citing place."""
    cited = [
        (f"rules.{rule}", f"rule:{rule}", number) for rule, row in manifest.rules.items() for number in row.provisions
    ]
    cited += [(c.id, f"action:{c.action}", number) for c in clauses for number in c.provisions]
    for place, means, number in dict.fromkeys(cited):
        provision = manifest.provisions.get(number)
        if provision is None:
            yield place, f"cites {number}, which is not in the provisions table"
        elif provision.guidance:
            yield place, f"cites {number}, which is guidance and binds nobody"
        elif means not in provision.enforced_by:
            yield place, f"cites {number}, whose enforced_by does not name {means}"


def _unkept_promises(manifest: Manifest, clauses: Sequence[Clause]) -> Iterator[tuple[str, str]]:
    """Check that each ``rule:`` and ``action:`` of a binding provision is a place that really cites it."""
    cited = {(f"rule:{rule}", number) for rule, row in manifest.rules.items() for number in row.provisions}
    cited |= {(f"action:{clause.action}", number) for clause in clauses for number in clause.provisions}
    for number, provision in manifest.provisions.items():
        for means in provision.enforced_by:
            named = means.startswith(("rule:", "action:"))
            if named and not provision.guidance and (means, number) not in cited:
                yield f"provisions.{number}", f"says {means}, which does not cite it"
