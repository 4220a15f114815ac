"""Runs the mutants, one at a time, and remembers what became of each: ``python -m tests.mutation.run [MODULE...]``.

What is known of an unchanged module is not asked again, so a run that was stopped goes on where it stopped.
``--survivors`` tries those again that survived so far, after a test was added. ``--write`` writes results.toml.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from tests.mutation.killer import Fate, Trial, try_mutant, warm_up
from tests.mutation.operators import Mutant, mutants_of
from tests.mutation.results import PAGE, Module, Survivor, Verdict, page, read, write
from tests.mutation.suites import ROOT, Stage, modules, stages
from tests.mutation.swap import try_swapped

STATE = ROOT / "var" / "mutants.jsonl"
Key = tuple[str, str, str, str, int]


class Known(NamedTuple):
    """What became of a mutant, and of which text of its module."""

    fate: Fate
    by: str
    text: str


def digest(source: str) -> str:
    return sha256(source.encode()).hexdigest()[:16]


def known() -> dict[Key, Known]:
    """What earlier runs found; the last word counts."""
    lines = STATE.read_text(encoding="utf-8").splitlines() if STATE.exists() else []
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    return {tuple(row["key"]): Known(Fate(row["fate"]), row["by"], row["text"]) for row in rows}  # type: ignore[misc]


def remember(mutant: Mutant, trial: Trial, text: str) -> None:
    STATE.parent.mkdir(exist_ok=True)
    row = {"key": mutant.key, "fate": trial.fate, "by": trial.by, "text": text, "seconds": round(trial.seconds, 2)}
    with STATE.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


class Bench:
    """The tests for one module: what each file costs without a fault, and how many mutants it has killed."""

    def __init__(self, module: str, *, quick: bool) -> None:
        self.module = module
        self.stages = stages(module)[: 1 if quick else None]
        self.kills: Counter[str] = Counter()
        self.cost: dict[str, float] = {}
        self.source = (ROOT / module).read_text(encoding="utf-8")

    def all(self, mutants: list[Mutant]) -> Iterator[tuple[Mutant, Trial]]:
        """Try each; the first stage the quick way where that is honest."""
        first, left = self.stages[0], []
        for number, trial in try_swapped(self.module, mutants, first.files, prove=first.prove):
            if trial is None:
                left.append((mutants[number], 0.0, self.stages))
            elif trial.fate is Fate.SURVIVED and len(self.stages) > 1:
                left.append((mutants[number], trial.seconds, self.stages[1:]))
            else:
                yield mutants[number], trial
        for mutant, seconds, rest in left:
            yield mutant, self._try(mutant, seconds, rest)

    def _try(self, mutant: Mutant, seconds: float, rest: list[Stage]) -> Trial:
        for stage in rest:
            self._measure(stage)
            files = sorted(stage.files, key=lambda file: -(self.kills[file] + 1) / self.cost[file])
            limits = {file: 2.0 + 3 * self.cost[file] for file in files}
            trial = try_mutant(self.module, mutant.source, files, limits=limits, prove=stage.prove)
            seconds += trial.seconds
            if trial.fate is not Fate.SURVIVED:
                self.kills[trial.by] += trial.fate is Fate.KILLED
                return trial._replace(seconds=seconds)
        return Trial(Fate.SURVIVED, "", seconds)

    def _measure(self, stage: Stage) -> None:
        for file in stage.files:
            if file not in self.cost:
                trial = try_mutant(self.module, self.source, [file], limits={file: 300.0}, prove=stage.prove)
                if trial.fate is not Fate.SURVIVED:
                    raise SystemExit(f"{file} does not pass without a fault")
                self.cost[file] = trial.seconds


def run(module: str, found: dict[Key, Known], *, survivors: bool, nones: bool, quick: bool) -> Counter[Fate]:
    """Try what is not known yet of a module, and count all of it; ``nones`` are the plainest faults, tried last."""
    source = (ROOT / module).read_text(encoding="utf-8")
    text, mutants = digest(source), [each for each in mutants_of(module, source) if each.is_none is nones]
    counts: Counter[Fate] = Counter()
    open_: list[Mutant] = []
    for mutant in mutants:
        before = found.get(mutant.key)
        if before is None or before.text != text or (survivors and before.fate is Fate.SURVIVED):
            open_.append(mutant)
        else:
            counts[before.fate] += 1
    for mutant, trial in Bench(module, quick=quick).all(open_) if open_ else ():
        remember(mutant, trial, text)
        counts[trial.fate] += 1
        if trial.fate is Fate.SURVIVED:
            print(f"{module}:{mutant.line} {mutant.before}\n    -> {mutant.after}", flush=True)
    print(f"{module}: {len(open_)} tried, {dict(counts)}", flush=True)
    return counts


def written(found: dict[Key, Known], names: list[str]) -> list[Module]:
    """The results of every module whose present text was tried whole; verdicts that stand already are kept.

    Args:
        found: what is known.
        names: modules to write anew; the others stay as they are listed, unless their text has changed. None: all.
    """
    listed = {module.path: module for module in read()}
    verdicts = {
        (module.path, each.function, each.before, each.after, each.number): (each.verdict, each.because)
        for module in listed.values()
        for each in module.survivors
    }
    results, asked = [], {key[0] for key in found}
    for path in modules():
        source = (ROOT / path).read_text(encoding="utf-8")
        text = digest(source)
        if names and not any(path.startswith(name) for name in names):
            results += [listed[path]] if path in listed and listed[path].text == text else []
            continue
        if path not in asked:
            continue  # Making the mutants of a module takes seconds.
        mutants = [each for each in mutants_of(path, source) if not each.is_none]
        tried = [(each, found[each.key]) for each in mutants if each.key in found and found[each.key].text == text]
        if len(tried) < len(mutants):
            continue  # Half a list would look like a whole one.
        fates = Counter(end.fate for _, end in tried)
        survivors = [
            Survivor(*each.key[1:5], *verdicts.get(each.key, (Verdict.OPEN, "")))
            for each, end in tried
            if end.fate is Fate.SURVIVED
        ]
        counts = (fates.total(), fates[Fate.KILLED], fates[Fate.TIMED_OUT])
        results.append(Module(path, text, *counts, tuple(survivors)))
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the mutants of the law, the policies and the log.")
    parser.add_argument("modules", nargs="*", help="paths from the root; all without it")
    parser.add_argument("--survivors", action="store_true", help="try again what survived so far")
    parser.add_argument("--nones", action="store_true", help="also every value made None: nearly all die at once")
    parser.add_argument("--quick", action="store_true", help="only the first stage of tests; try survivors again later")
    parser.add_argument("--write", action="store_true", help="write the results down, and the page")
    asked = parser.parse_args()
    if asked.write:
        write(results := written(known(), asked.modules))
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")
        return 0
    warm_up()
    found, total = known(), Counter[Fate]()
    for nones in (False, True) if asked.nones else (False,):
        for module in modules():
            if not asked.modules or any(module.startswith(name) for name in asked.modules):
                total += run(module, found, survivors=asked.survivors, nones=nones, quick=asked.quick)
    print(f"{total.total()} mutants: {dict(total)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
