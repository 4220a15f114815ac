"""Which tests can kill a mutant of which module: the quick ones that run its lines.

Each list is run to the first failure; files that killed much for their cost are tried first. Tests marked ``slow`` or
``by_hand`` stay out.
"""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FOLDERS = ("integration/domain", "integration/policy", "integration/audit")
HISTORIES = "tests/mutation/histories.py"
"""150 random histories, always the same, through core and oracle."""


class Stage(NamedTuple):
    """Some test files, and whether packs are proved when they load (0.8 s each): most tests ask for no proof."""

    files: tuple[str, ...]
    prove: bool


_PROVED = "tests/policy/test_mutants.py"
_TABLES = "tests/policy/test_report.py"
_TAMPERED = "tests/audit/test_tampering.py"
_COMPILED = "tests/audit/test_go_interop.py"
"""Starts another language's compiler: stays out."""
_RUN_BY_THE_PROOF = {"contexts", "engine", "pack", "proof"}
_RUN_BY_THE_TABLES = {"cases", "contexts", "engine", "proof"}
_TABLES_THEMSELVES = {"report", "truthtable"}
_OF_THE_GATE = {"folding", "lookalikes", "neverheld"}
_READ = ("tests/unit/test_disguises.py", "tests/unit/test_folding.py")
_RECEIVED = (
    "tests/gate/test_never_held.py", "tests/gate/test_recipients.py", "tests/gate/test_recipient_parts.py",
    "tests/gate/test_reach_parts.py", "tests/gate/test_words_on_record.py",
)  # fmt: skip
_ALERTED = (
    "tests/alerts/test_parts.py", "tests/alerts/test_book.py", "tests/alerts/test_book_where.py",
    "tests/alerts/test_book_of_duties.py", "tests/alerts/test_plans.py",
)  # fmt: skip
_ALERTED_FOR_DAYS = ("tests/alerts/test_planning.py", "tests/alerts/test_shifts.py")
_OF_THEIR_OWN = {
    "anypack": ("tests/unit/test_anypack.py",),
    "commands": ("tests/gate/test_orders_in_text.py",),
    "reach": ("tests/gate/test_reach_parts.py",),
    "persons": ("tests/unit/test_persons.py", "tests/gateway/test_second_person.py"),
    "gaps": ("tests/gate/test_words_on_record.py",),
    "lists": ("tests/gate/test_lists_and_notices.py", "tests/gate/test_detectors.py"),
    "notices": ("tests/gate/test_lists_and_notices.py",),
    "content": ("tests/gate/test_judging_parts.py",),
    "detectors": ("tests/gate/test_detector_parts.py", "tests/gate/test_office_parts.py"),
    "phrases": ("tests/gate/test_detector_parts.py",),
    "names": ("tests/gate/test_name_parts.py",),
    "letters": ("tests/gate/test_letter_parts.py",),
    "statusonly": ("tests/gate/test_statement_parts.py", "tests/gate/test_statement_words.py"),
    "times": ("tests/gate/test_time_parts.py",),
    "people": ("tests/gate/test_people_parts.py",),
    "words": ("tests/gate/test_word_parts.py",),
    "lexicon": ("tests/gate/test_word_parts.py",),
    "addresswords": ("tests/gate/test_address_parts.py",),
    "styles": ("tests/gate/test_style_parts.py",),
    "countries": ("tests/gate/test_country_parts.py",),
    "queries": ("tests/gate/test_query_parts.py",),
    "predicates": ("tests/gate/test_predicate_parts.py",),
    "sayings": ("tests/gate/test_sayings.py",),
    "truthtable": ("tests/policy/test_report.py",),
    "report": ("tests/policy/test_report.py",),
    "proof": ("tests/policy/test_proof.py",),
    "pack": ("tests/policy/test_loading.py", "tests/policy/test_pack.py"),
    "entry": ("tests/audit/test_entry.py", "tests/audit/test_writer_parts.py"),
    "row": ("tests/audit/test_verify_rows.py", "tests/audit/test_verify.py"),
    "tiles": ("tests/audit/test_verify_tiles.py", "tests/audit/test_tiles.py", "tests/audit/test_writer_parts.py"),
}
"""Most of what kills a mutant of these; tried first."""
_JUDGED = ("tests/mutation/texts.py", "tests/gate/test_detectors.py")
"""Letters, lines and what each detector sees: where a text is judged, tried with what is the module's own."""
_NOTHING_ELSE = {"anypack", "persons"}
"""No line of these runs in the other suites of its folder."""
_TEXTS = (
    "tests/gate/test_detectors.py", "tests/gate/test_status_only.py", "tests/gate/test_roster.py",
    "tests/gate/test_around.py", "tests/gate/test_addresses.py", "tests/gate/test_reencoding.py",
)  # fmt: skip
"""Read one text each, most of them in thousandths of a second."""
_NOT_TAMPERED_WITH = {"private", "keyfile", "anchor", "sealing", "proofs", "tiles"}
"""No line of these runs where the tampering is looked for."""


def modules() -> list[str]:
    """Every module under test: the law, then the policies, then the log."""
    return [
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.stat().st_size
    ]


def stages(module: str) -> list[Stage]:
    """The tests for a module; each stage is tried only where the one before killed nothing."""
    _, package, *inside, name = Path(module).with_suffix("").parts
    files = _OF_THEIR_OWN.get(name, ()) + (_JUDGED if "messages" in inside else ())
    own = [Stage(tuple(dict.fromkeys(files)), prove=False)] if files else []
    if name in _NOTHING_ELSE:
        return own
    if package == "domain":
        return own + _stages_of_the_law(inside, name)
    if package == "policy":
        return own + _stages_of_the_policies(name)
    quick = [file for file in _files("audit", "") if file not in (_TAMPERED, _COMPILED)]
    tampered = [] if name in _NOT_TAMPERED_WITH else [Stage((_TAMPERED,), prove=False)]
    return [*own, Stage(tuple(quick), prove=False), *tampered]


def _stages_of_the_law(inside: list[str], name: str) -> list[Stage]:
    if "messages" in inside or "recipients" in inside or name in _OF_THE_GATE:
        quick = [*(_TEXTS if "messages" in inside else _RECEIVED), *_READ]
        rest = [file for file in _files("gate", "") if file not in quick]
        return [Stage(tuple(quick), prove=False), Stage(tuple(rest), prove=False)]
    if "alerts" in inside:
        return [Stage(_ALERTED, prove=False), Stage(_ALERTED_FOR_DAYS, prove=False)]
    golden = "tests/golden/histories/test_histories.py"
    return [Stage((*_files("unit", "integration.domain"), HISTORIES, golden), prove=False)]


def _stages_of_the_policies(name: str) -> list[Stage]:
    quick = [file for file in _files("policy", "") if file not in (_PROVED, _TABLES)]
    quick += _RECEIVED[:1] if name == "neverheld" else ()
    found = [Stage((*quick, _TABLES) if name in _TABLES_THEMSELVES else tuple(quick), prove=False)]
    if name in _RUN_BY_THE_TABLES:
        found.append(Stage((_TABLES,), prove=False))
    if name in _RUN_BY_THE_PROOF:
        found.append(Stage((_PROVED,), prove=True))
    return found


def _files(folder: str, word: str) -> list[str]:
    paths = sorted((ROOT / "tests" / folder).glob("test_*.py"))
    return [path.relative_to(ROOT).as_posix() for path in paths if word in path.read_text(encoding="utf-8")]
