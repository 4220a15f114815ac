"""What the mutants showed, in compact form: results.toml, and the tables of docs/mutants.md made from it."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from tests.mutation.suites import ROOT

RESULTS = Path(__file__).with_name("results.toml")
PAGE = ROOT / "docs" / "mutants.md"
BEGIN, END = "<!-- made from tests/mutation/results.toml -->", "<!-- end -->"


class Verdict(StrEnum):
    """Why a survivor is let live."""

    EQUIVALENT = "equivalent"
    """No input tells it from the right program."""
    SPEED = "speed"
    """Only how long it takes, or how much memory, differs."""
    TEXT = "text"
    """Only words for a person differ."""
    ELSEWHERE = "elsewhere"
    """A slower test outside of these suites kills it; it is named."""
    OPEN = "open"
    """Nobody has looked yet."""


class Survivor(NamedTuple):
    function: str
    before: str
    after: str
    number: int
    verdict: Verdict
    because: str


class Module(NamedTuple):
    path: str
    text: str
    """First 16 digits of the SHA-256 of the text that was tried."""
    mutants: int
    killed: int
    timed_out: int
    survivors: tuple[Survivor, ...]


def read() -> list[Module]:
    told = tomllib.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"module": []}
    return [
        Module(
            one["path"],
            one["text"],
            one["mutants"],
            one["killed"],
            one["timed_out"],
            tuple(
                Survivor(
                    each["function"],
                    each["before"],
                    each["after"],
                    each.get("number", 1),
                    Verdict(each["verdict"]),
                    each["because"],
                )
                for each in one.get("survivor", [])
            ),
        )
        for one in told["module"]
    ]


def write(modules: Iterable[Module]) -> None:
    lines = ["# What became of every mutant. Written by `python -m tests.mutation.run --write`; the verdicts are ours."]
    for one in modules:
        lines += ["", "[[module]]", f"path = {_quoted(one.path)}", f"text = {_quoted(one.text)}"]
        lines += [f"mutants = {one.mutants}", f"killed = {one.killed}", f"timed_out = {one.timed_out}"]
        for each in one.survivors:
            lines += ["", "[[module.survivor]]", f"function = {_quoted(each.function)}"]
            lines += [f"before = {_quoted(each.before)}", f"after = {_quoted(each.after)}"]
            lines += [f"number = {each.number}"] if each.number > 1 else []
            lines += [f"verdict = {_quoted(each.verdict)}", f"because = {_quoted(each.because)}"]
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string, but for the one character that JSON may leave raw.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def tables(modules: list[Module]) -> str:
    """The generated part of the page."""
    lines = ["| module | mutants | killed | timed out | survivors |", "|---|---|---|---|---|"]
    for one in modules:
        counts = (one.mutants, one.killed, one.timed_out, len(one.survivors))
        lines.append(f"| `{one.path}` | {' | '.join(map(str, counts))} |")
    rows = [(one.mutants, one.killed, one.timed_out, len(one.survivors)) for one in modules]
    sums = [sum(row[place] for row in rows) for place in range(4)]
    lines.append(f"| all | {' | '.join(map(str, sums))} |")
    for one in modules:
        if one.survivors:
            lines += ["", f"### `{one.path}`", ""]
            groups: dict[tuple[Verdict, str], list[Survivor]] = {}
            for each in one.survivors:
                groups.setdefault((each.verdict, each.because), []).append(each)
            for (verdict, because), those in groups.items():
                places = Counter(each.function or "the module" for each in those)
                named = ", ".join(f"`{place}`" + (f" ({n})" if n > 1 else "") for place, n in places.items())
                lines.append(f"- {verdict}, {named}: {because}")
    return "\n".join(lines)


def page(text: str, modules: list[Module]) -> str:
    """The page with its generated part written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables(modules)}\n\n{END}{after}"
