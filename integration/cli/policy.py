"""``holdwatch policy``: whether a pack holds, what it decides and on which provisions, how two differ."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from integration.cli.console import Exit, err, out, print_json, print_table
from integration.cli.opening import AsJson
from integration.domain.instants import DAY, HOUR
from integration.policy import report
from integration.policy.cases import CaseResult
from integration.policy.decisions import Decision
from integration.policy.manifest import Checked, Head
from integration.policy.pack import Pack, load, shipped_heads
from integration.policy.report import CheckReport, PackDiff, ParameterDifference, Row

app = typer.Typer(help="Policy packs: list, check, explain, diff.", no_args_is_help=True)
PackName = Annotated[str, typer.Argument(help="Pack id or folder.")]
_DURATIONS = ("release_processing.", "retention.", "warn_before", "notice_within")
_Conditions = Mapping[str, tuple[bool | str, ...]]


def _load(name: str) -> Pack:
    return load(Path(name) if Path(name).is_dir() else name)


@app.command("list")
def list_packs(as_json: AsJson = False) -> None:
    """List the packs that come with the product."""
    packs = shipped_heads()
    if as_json:
        print_json([_head(head, revision) for head, revision in packs])
        return
    columns = ("pack", "title", "version", "in force from", "text checked", "revision")
    rows = [(p.id, p.title, p.version, p.effective_from or "its adoption", p.checked, each) for p, each in packs]
    print_table("shipped packs", columns, rows)


@app.command()
def show(pack: PackName, as_json: AsJson = False) -> None:
    """Print which law a pack restates, how far its text was checked, and its numbers."""
    loaded = _load(pack)
    settings = loaded.settings.model_dump(mode="json", exclude={"immigration_authorities", "never_held"})
    if as_json:
        print_json({**_head(loaded, loaded.revision), "checked_note": loaded.checked_note, "parameters": settings})
        return
    head = [(name.replace("_", " "), value or "-") for name, value in _head(loaded, loaded.revision).items()]
    print_table(loaded.title, ("", ""), [*head, ("what was checked", loaded.checked_note)])
    print_table("parameters", ("", ""), sorted(_shown("", settings)))
    print_mark(loaded)


def print_mark(pack: Pack) -> None:
    """Say it plainly where the law's text was not read whole."""
    if pack.checked is not Checked.FULL_TEXT:
        text = (
            f"The text of this law was not read whole ({pack.checked.value.replace('_', ' ')}): have counsel compare."
        )
        err.print(text, style="bold yellow", markup=False, highlight=False)


def _shown(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _shown(f"{prefix}{name}.", value)
        else:
            yield prefix + name, _in_words(prefix + name, value)


def _in_words(key: str, value: Any) -> str:
    """Tell a parameter to a person: durations in hours or days, not in microseconds."""
    if isinstance(value, int) and key.startswith(_DURATIONS):
        return f"{value // DAY} days" if value >= DAY and value % DAY == 0 else f"{value / HOUR:g} h"
    return _plain(sorted(value) if isinstance(value, list) else value)


@app.command()
def check(pack: PackName, as_json: AsJson = False) -> None:
    """Run a pack's cases, and try every context against what no pack may break.

    Exit status: 0 it holds; 1 a case or a proof fails; 3 it does not load.
    """
    loaded = _load(pack)
    told = report.check(loaded)
    if as_json:
        print_json(_check_json(told))
    else:
        _print_check(loaded, told)
        print_mark(loaded)
    raise typer.Exit(int(Exit.DONE if told.ok else Exit.FOUND))


def _check_json(told: CheckReport) -> dict[str, Any]:
    return {
        "ok": told.ok,
        "pack": told.pack,
        "revision": told.revision,
        "cases": [
            {
                "because": each.case.because,
                "action": each.case.action.value,
                "decision": _decision(each.decision),
                "problems": list(each.problems),
            }
            for each in told.cases
        ],
        "counter_examples": [str(each) for each in told.counter_examples],
        "idle_policies": list(told.idle_policies),
        "contexts_tried": told.contexts_tried,
    }


def _print_check(pack: Pack, told: CheckReport) -> None:
    columns = ("case", "action", "decision", "provisions", "result")
    print_table(f"{pack.title} ({pack.id})", columns, [_case_row(each) for each in told.cases])
    for counter_example in told.counter_examples:
        out.print(str(counter_example), markup=False, highlight=False)
    for policy in told.idle_policies:
        out.print(f"policy {policy} never comes to a decision", markup=False, highlight=False)
    failed = sum(bool(each.problems) for each in told.cases)
    verdict = "holds" if told.ok else "DOES NOT HOLD"
    out.print(
        f"{verdict}: {len(told.cases)} cases, {failed} failed; {told.contexts_tried} contexts tried, "
        f"{len(told.counter_examples)} break an invariant; {len(told.idle_policies)} idle policies; "
        f"revision {told.revision}",
        markup=False,
        highlight=False,
    )


def _case_row(each: CaseResult) -> tuple[str, ...]:
    provisions = ", ".join(each.decision.provisions)
    return each.case.because, each.case.action, _verdict(each.decision), provisions, "; ".join(each.problems) or "ok"


@app.command()
def explain(
    pack: PackName,
    full: Annotated[
        bool, typer.Option("--full", help="Tell apart every set of reasons, not only the leading.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print what a pack decides, as truth tables, and the provisions that it rests on."""
    loaded = _load(pack)
    tables = report.explain(loaded, full=full)
    if as_json:
        print_json(
            {
                **_head(loaded, loaded.revision),
                "decisions": {action.value: [_row_json(row) for row in rows] for action, rows in tables.items()},
                "provisions": {n: p.model_dump(mode="json") for n, p in loaded.provisions.items()},
                "not_enforceable": {n: p.model_dump(mode="json") for n, p in loaded.not_enforceable.items()},
            }
        )
        return
    out.print(f"{loaded.title} ({loaded.id}), revision {loaded.revision}", markup=False, highlight=False)
    for action, rows in tables.items():
        columns = ("when", "decision", "reason", "provisions", "contexts")
        print_table(action.value, columns, [_row(row) for row in rows])
    _print_provisions(loaded)


def _row(row: Row) -> tuple[object, ...]:
    decision = row.decision
    provisions = ", ".join(decision.provisions) or "-"
    return _when(row.conditions), _verdict(decision), ", ".join(decision.reasons), provisions, row.contexts


def _row_json(row: Row) -> dict[str, Any]:
    conditions = {name: list(allowed) for name, allowed in row.conditions.items()}
    return {"conditions": conditions, "contexts": row.contexts, **_decision(row.decision)}


def _print_provisions(pack: Pack) -> None:
    rows = [
        (number, each.summary, ", ".join(each.enforced_by), "guidance" if each.guidance else "binding")
        for number, each in pack.provisions.items()
    ]
    print_table("provisions", ("number", "what it asks", "carried out by", ""), rows)
    if pack.not_enforceable:
        left_out = [(number, each.summary, each.reason) for number, each in pack.not_enforceable.items()]
        print_table("without effect on a jail's data", ("number", "what it asks", "why"), left_out)


@app.command()
def diff(
    a: Annotated[str, typer.Argument(help="Pack id or folder.")],
    b: Annotated[str, typer.Argument(help="Pack id or folder.")],
    as_json: AsJson = False,
) -> None:
    """Print where two packs decide differently, and which parameters differ."""
    told = report.diff(_load(a), _load(b))
    if as_json:
        print_json(_diff_json(told))
    else:
        _print_diff(told)


def _diff_json(told: PackDiff) -> dict[str, Any]:
    return {
        "a": told.a,
        "b": told.b,
        "decisions": {
            action.value: [
                {
                    "conditions": {name: list(allowed) for name, allowed in line.conditions.items()},
                    "contexts": line.contexts,
                    "a": _word(line.permit_a),
                    "b": _word(line.permit_b),
                }
                for line in lines
            ]
            for action, lines in told.decisions.items()
        },
        "parameters": [{"key": each.key, "a": each.a, "b": each.b} for each in told.parameters],
    }


def _print_diff(told: PackDiff) -> None:
    same = [action.value for action, lines in told.decisions.items() if not lines]
    for action, lines in told.decisions.items():
        rows = [(_when(x.conditions), _word(x.permit_a), _word(x.permit_b), x.contexts) for x in lines]
        if rows:
            print_table(action.value, ("when", told.a, told.b, "contexts"), rows)
    if same:
        out.print(f"decided the same in every context: {', '.join(same)}", markup=False, highlight=False)
    if told.parameters:
        sides = [(each.key, *_sides(each)) for each in told.parameters]
        print_table("parameters (of lists: what the other lacks)", ("parameter", told.a, told.b), sides)
    else:
        out.print("no parameter differs")


def _sides(each: ParameterDifference) -> tuple[str, str]:
    return _plain(each.a), _plain(each.b)


def _plain(value: object) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)


def _when(conditions: _Conditions) -> str:
    """Tell conditions a line each, as policies write them."""
    return "\n".join(f"{name}: {' or '.join(map(_told, allowed))}" for name, allowed in conditions.items()) or "always"


def _told(value: bool | str) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _word(permit: bool) -> str:
    return "permit" if permit else "deny"


def _verdict(decision: Decision) -> str:
    return _word(decision.permit)


def _decision(decision: Decision) -> dict[str, Any]:
    parts: dict[str, Sequence[str]] = {
        "reasons": [reason.value for reason in decision.reasons],
        "provisions": list(decision.provisions),
        "policies": list(decision.policies),
        "errors": list(decision.errors),
    }
    return {"decision": _verdict(decision), **parts}


def _head(pack: Pack | Head, revision: str) -> dict[str, Any]:
    return {
        "pack": pack.id,
        "title": pack.title,
        "version": pack.version,
        "revision": revision,
        "effective_from": pack.effective_from and pack.effective_from.isoformat(),
        "source": pack.source,
        "checked": pack.checked.value,
    }
