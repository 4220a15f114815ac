"""Loading a policy pack: three files, one revision, every fault at once, and no pack that breaks an invariant."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from integration.domain.parameters import Parameters, Terms
from integration.policy.cases import Case, CaseFile
from integration.policy.clauses import PolicyTextError
from integration.policy.consistency import Fault, faults_between
from integration.policy.engine import Engine, Settings
from integration.policy.manifest import (
    Checked,
    Head,
    Manifest,
    NotEnforceable,
    ParameterTable,
    Provision,
    ReportTerms,
    Retention,
    Step,
    as_json,
)
from integration.policy.neverheld import governed_entries
from integration.policy.proof import CounterExample, Invariant, prove
from schemas.kinds import LegalBasis, Rule

POLICY_FILE: Final = "policy.cedar"
PACK_FILE: Final = "pack.toml"
CASES_FILE: Final = "cases.toml"
FILES: Final = (CASES_FILE, PACK_FILE, POLICY_FILE)
"""The files of a pack, sorted. No other file in its folder is read or counts for the revision."""

_SHIPPED: Final = Path(__file__).parent / "packs"
_Model = TypeVar("_Model", bound=BaseModel)


class PolicyPackError(Exception):
    """A pack does not load. ``faults`` holds every fault found, each with its file and key."""

    def __init__(self, where: str, faults: tuple[Fault, ...]) -> None:
        """Keep every fault; the message lists them all."""
        lines = "".join(f"\n  {fault}" for fault in faults)
        super().__init__(f"policy pack {where} does not load ({len(faults)} faults):{lines}")
        self.where = where
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Pack:
    """A policy, loaded, proved, ready to decide."""

    id: str
    title: str
    version: int
    revision: str
    """See `revision_of`. Stands on every audit entry."""
    effective_from: date | None
    """None for a model text: it binds from the day a facility adopts it."""
    source: str
    checked: Checked
    checked_note: str
    parameters: Parameters
    """What the rules read."""
    settings: ParameterTable
    """The parameters as the pack states them; `holdwatch policy diff` compares these."""
    engine: Engine
    provisions: Mapping[str, Provision]
    not_enforceable: Mapping[str, NotEnforceable]
    cases: tuple[Case, ...]
    steps: Mapping[Rule, tuple[Step, ...]]
    """What staff may and should do about a finding, in order."""
    notes: Mapping[Rule, str]
    """Why a rule rests on no provision, or what is to be known of it; only for rules that have such a note."""

    @property
    def approval_bases(self) -> frozenset[LegalBasis]:
        """Legal bases of an approval that this pack accepts."""
        return self.settings.approval_bases

    @property
    def place_of_birth_rides_with_status(self) -> bool:
        """Whether a place of birth may go out together with status."""
        return self.settings.place_of_birth_rides_with_status

    @property
    def accepted_identification(self) -> frozenset[str]:
        """Documents that establish identity, as `charge_key` writes them; empty where the policy has no list."""
        return self.settings.accepted_identification

    @property
    def report(self) -> ReportTerms:
        """How often the public report is due, to whom."""
        return self.settings.report

    @property
    def retention(self) -> Retention:
        """How long things are kept."""
        return self.settings.retention


def shipped_packs() -> tuple[str, ...]:
    """Return the ids of the packs that come with the product, sorted."""
    return tuple(sorted(folder.name for folder in _SHIPPED.iterdir() if (folder / PACK_FILE).is_file()))


def shipped_heads() -> tuple[tuple[Head, str], ...]:
    """Return head and revision of each shipped pack, for listing: nothing is proved, which takes a while.

    Raises:
        PolicyPackError: a file is no TOML, or its head has a fault.
    """
    listed = []
    for name in shipped_packs():
        files = tuple((file, (_SHIPPED / name / file).read_bytes()) for file in FILES)
        faults: list[Fault] = []
        headed = _read_toml(_Headed, PACK_FILE, dict(files)[PACK_FILE], faults)
        if headed is None:
            raise PolicyPackError(name, tuple(faults))
        listed.append((headed.pack, revision_of(files)))
    return tuple(listed)


class _Headed(BaseModel):
    """Of a manifest its head alone."""

    pack: Head


def load(path_or_id: Path | str) -> Pack:
    """Load a pack by the id of a shipped one, or from a folder.

    The folder is read each time; the same bytes give the same pack, which is then proved only once in a process.

    Raises:
        PolicyPackError: The folder is incomplete, a file has a fault, the files contradict each other, or an
            invariant is broken. It names every fault that can be seen at that stage.
    """
    shipped = isinstance(path_or_id, str) and path_or_id in shipped_packs()
    folder = _SHIPPED / path_or_id if shipped else Path(path_or_id)
    files: list[tuple[str, bytes]] = []
    faults: list[Fault] = []
    for name in FILES:
        try:
            files.append((name, (folder / name).read_bytes()))
        except OSError as error:
            faults.append(Fault(name, "", f"cannot be read: {error.strerror}"))
    if faults:
        known = f"(shipped packs: {', '.join(shipped_packs())})"
        raise PolicyPackError(str(path_or_id), (*faults, Fault(str(folder), "", f"is not a pack {known}")))
    try:
        return _build(tuple(files))
    except _RefusedError as refused:
        raise PolicyPackError(str(path_or_id), refused.faults) from refused


def revision_of(files: tuple[tuple[str, bytes], ...]) -> str:
    """Return the SHA-256 over a pack's files: names and bytes, sorted by name.

    It is what ``sha256sum cases.toml pack.toml policy.cedar | sha256sum`` prints inside the pack's folder, so that
    anybody can check an entry's revision without this program.
    """
    lines = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files))
    return hashlib.sha256(lines.encode()).hexdigest()


class _RefusedError(Exception):
    """Faults found while building, before the caller's name for the pack is known."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(len(faults))
        self.faults = tuple(faults)


@lru_cache(maxsize=32)
def _build(files: tuple[tuple[str, bytes], ...]) -> Pack:
    """Read, check against each other, prove; in this order, and each stage only after the one before is clean."""
    contents = dict(files)
    faults: list[Fault] = []
    manifest = _read_toml(Manifest, PACK_FILE, contents[PACK_FILE], faults)
    case_file = _read_toml(CaseFile, CASES_FILE, contents[CASES_FILE], faults)
    cases = case_file.case if case_file else ()
    for number, case in enumerate(cases, start=1):
        try:
            case.asked()
        except ValueError as error:
            faults.append(Fault(CASES_FILE, f"case {number}", str(error)))
    engine = _read_policies(contents[POLICY_FILE], manifest, faults)
    if manifest is not None and engine is not None:
        faults.extend(faults_between(manifest, engine.clauses, PACK_FILE))
    if faults or manifest is None or engine is None:
        raise _RefusedError(faults)
    pack = _pack(manifest, engine, cases, revision_of(files))
    if governed := list(governed_entries(pack.parameters)):
        raise _RefusedError([Fault(PACK_FILE, key, message) for key, message in governed])
    if broken := prove(engine):
        raise _RefusedError(_summary(broken))
    return pack


def _summary(broken: list[CounterExample]) -> list[Fault]:
    """Name each invariant and set of policies once, with its first context: one slip can break thousands."""
    groups: dict[tuple[Invariant, tuple[str, ...]], list[CounterExample]] = {}
    for example in broken:
        groups.setdefault((example.invariant, example.policies), []).append(example)
    return [
        Fault(POLICY_FILE, ", ".join(policies), f"{first}{f' (and {len(rest)} contexts more)' if rest else ''}")
        for (_, policies), (first, *rest) in groups.items()
    ]


def _read_toml(model: type[_Model], file: str, content: bytes, faults: list[Fault]) -> _Model | None:
    try:
        return model.model_validate_json(as_json(tomllib.loads(content.decode())))
    except UnicodeDecodeError as error:
        faults.append(Fault(file, "", f"is not UTF-8: {error.reason} at byte {error.start}"))
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault(file, "", f"is not TOML: {error}"))
    except ValidationError as error:
        faults.extend(Fault(file, ".".join(map(str, one["loc"])), one["msg"]) for one in error.errors())
    return None


_PLACEHOLDER: Final = Settings("unread", frozenset(), place_of_birth_rides_with_status=False)


def _read_policies(content: bytes, manifest: Manifest | None, faults: list[Fault]) -> Engine | None:
    settings = _PLACEHOLDER  # so that the policies' own faults are named even where pack.toml has some
    if manifest is not None:
        table = manifest.parameters
        settings = Settings(manifest.pack.id, table.approval_bases, table.place_of_birth_rides_with_status)
    try:
        # Undecodable bytes become characters outside ASCII, which `clauses.read` refuses.
        return Engine(content.decode(errors="replace"), settings)
    except PolicyTextError as error:
        faults.extend(Fault(POLICY_FILE, policy, message) for policy, message in error.faults)
    return None


def _pack(manifest: Manifest, engine: Engine, cases: tuple[Case, ...], revision: str) -> Pack:
    head, table = manifest.pack, manifest.parameters
    parameters = Parameters(
        pack=head.id,
        revision=revision,
        release_processing_detainer=table.release_processing.detainer,
        release_processing_other=table.release_processing.other,
        warn_before=table.warn_before,
        notice_within=table.notice_within,
        require_warrant_verification=table.require_warrant_verification,
        citation_offences=table.citation_offences,
        identification_bases=table.identification_bases,
        immigration_authorities=table.immigration_authorities.directory(),
        partner_agencies_287g=table.partner_agencies_287g.directory(),
        terms={rule: Terms(row.severity, row.provisions) for rule, row in manifest.rules.items()},
        never_held=tuple(row.entry() for row in table.never_held),
    )
    return Pack(
        id=head.id,
        title=head.title,
        version=head.version,
        revision=revision,
        effective_from=head.effective_from,
        source=head.source,
        checked=head.checked,
        checked_note=head.checked_note,
        parameters=parameters,
        settings=table,
        engine=engine,
        provisions=manifest.provisions,
        not_enforceable=manifest.not_enforceable,
        cases=cases,
        steps=manifest.steps,
        notes={rule: row.note for rule, row in manifest.rules.items() if row.note},
    )
