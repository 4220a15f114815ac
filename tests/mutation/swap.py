"""The quick way to try a mutant: one function gets other code, in a process that has imported and collected everything.

It is as honest as a fresh start where the function was not run while modules were imported and tests collected: then
nothing that is there yet depends on it. Where it was, where the change is outside of a function, or where the function
cannot be swapped, the mutant is left to `killer.try_mutant`. A kill costs hundredths of a second instead of tenths.
"""

import functools
import gc
import importlib
import json
import os
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import pytest

from tests.mutation.killer import OPTIONS, Fate, Trial, quiet, without_proof
from tests.mutation.operators import Mutant
from tests.mutation.suites import ROOT

_SILENT = 120
"""Seconds for one test, by the clock."""
_LONG = 0.2
"""Processor seconds after which a test is one of those that go last."""
_FIRST = 12
"""How many of the tests that killed most for their cost go before all others."""


class Answer(NamedTuple):
    """What became of the n-th mutant; ``trial`` is None where it has to be tried in a fresh process."""

    number: int
    trial: Trial | None


def try_swapped(module: str, mutants: Sequence[Mutant], files: Sequence[str], *, prove: bool) -> Iterator[Answer]:
    """Try what can be tried this way; the answers come as they are found."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reading)
        code = 1
        try:
            _session(module, mutants, files, writing, prove=prove)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as lines:
        for line in lines:
            number, told = json.loads(line)
            yield Answer(number, None if told is None else Trial(Fate(told[0]), told[1], told[2]))
    if os.waitpid(child, 0)[1]:
        raise SystemExit(f"the tests of {module} do not pass without a fault, or cannot be collected")


def _session(module: str, mutants: Sequence[Mutant], files: Sequence[str], writing: int, *, prove: bool) -> None:
    seen: set[CodeType] = set()
    path = str(ROOT / module)

    def note(frame: Any, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename == path:
            seen.add(frame.f_code)

    loop = _Loop(module, mutants, writing, seen)
    sys.setprofile(note)
    with quiet():
        if not prove:
            without_proof()
        status = pytest.main([*OPTIONS, "--capture=no", *files], plugins=[loop])
    if status or not loop.done:
        raise SystemExit(int(status) or 1)


class _Loop:
    """A plugin that runs the collected tests once for each mutant, each time in a forked child."""

    def __init__(self, module: str, mutants: Sequence[Mutant], writing: int, seen: set[CodeType]) -> None:
        self.module, self.mutants, self.writing, self.seen = module, mutants, writing, seen
        self.kills: Counter[str] = Counter()
        self.cost: dict[str, float] = {}
        self.done = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        sys.setprofile(None)
        gc.collect()
        caches = caches_of(module_name(self.module).rpartition(".")[0])
        gc.freeze()
        self._measure(session.items)
        for number, mutant in enumerate(self.mutants):
            put = swap_of(self.module, mutant, self.seen, caches)
            told = None if put is None else self._try(session.items, put)
            os.write(self.writing, (json.dumps([number, told]) + "\n").encode())
        self.done = True
        return True

    def _measure(self, items: list[pytest.Item]) -> None:
        """Run every test without a fault, in a child as later, and take down what each costs."""
        told = _in_child(lambda tell: _run(items, tell, {}))
        if told.status:
            raise SystemExit(f"does not pass without a fault: {told.lines[-1:]}")
        self.cost = {nodeid: float(seconds) for seconds, _, nodeid in (line.partition(" ") for line in told.lines)}

    def _try(self, items: list[pytest.Item], put: Callable[[], None]) -> tuple[Fate, str, float]:
        worth = {nodeid: -kills / (0.01 + self.cost[nodeid]) for nodeid, kills in self.kills.items()}
        first = set(sorted(worth, key=worth.__getitem__)[:_FIRST])
        # Then the others as they stand, the few that take long at the end.
        order = sorted(items, key=lambda i: worth[i.nodeid] if i.nodeid in first else 1 + (self.cost[i.nodeid] > _LONG))

        def run(tell: Callable[[str], None]) -> int:
            put()
            return _run(order, tell, self.cost)

        told = _in_child(run)
        by = told.lines[-1].partition(" ")[2] if told.lines else ""
        if told.late:
            return Fate.TIMED_OUT, by, told.seconds
        if told.status:
            self.kills[by] += 1
            return Fate.KILLED, by, told.seconds
        return Fate.SURVIVED, "", told.seconds


class _Told(NamedTuple):
    status: int
    late: bool
    lines: list[str]
    seconds: float


def _in_child(run: Callable[[Callable[[str], None]], int]) -> _Told:
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reading)
        code = 1
        try:
            code = run(lambda line: os.write(writing, f"{line}\n".encode()))
        finally:
            os._exit(code)
    os.close(writing)
    told = b""
    with os.fdopen(reading, "rb", buffering=0) as lines:
        # One that waits for ever, for a lock say, uses no processor time.
        while select.select([lines], [], [], _SILENT)[0]:
            if not (part := lines.read(65536)):
                break
            told += part
        else:
            os.kill(child, signal.SIGKILL)
    _, status, usage = os.wait4(child, 0)
    late = os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGKILL)
    return _Told(status, late, told.decode().splitlines(), round(usage.ru_utime + usage.ru_stime, 3))


def _run(items: Sequence[pytest.Item], tell: Callable[[str], None], cost: dict[str, float]) -> int:
    """Run tests to the first failure; tells each test and what it cost, the failed one last."""
    failed: list[str] = []

    class Watch:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                failed.append(report.nodeid)

    items[0].config.pluginmanager.register(Watch())
    for item, following in zip(items, [*items[1:], None], strict=True):
        started = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, 1.0 + 10 * cost.get(item.nodeid, 60.0))
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        tell(f"{time.process_time() - started:.3f} {item.nodeid}")
        if failed:
            return 1
    return 0


# -- putting other code into a function --------------------------------------------------------------------------------


def swap_of(module: str, mutant: Mutant, seen: set[CodeType], caches: Sequence[Any]) -> Callable[[], None] | None:
    """What puts the mutant in place, or None where only a fresh start would be honest."""
    function = _function(importlib.import_module(module_name(module)), mutant.owner)
    if function is None or any(code in seen for code in _all_codes(function.__code__)):
        return None
    whole = compile(mutant.source, str(ROOT / module), "exec", dont_inherit=True)
    code = _code(whole, mutant.owner.split("."))
    if code is None or code == function.__code__ or code.co_freevars != function.__code__.co_freevars:
        return None

    def put() -> None:
        function.__code__ = code
        for each in caches:
            each.cache_clear()

    return put


def caches_of(package: str) -> list[Any]:
    """What remembers answers of the package's functions."""
    kept = [each for each in gc.get_objects() if isinstance(each, functools._lru_cache_wrapper)]
    return [each for each in kept if str(each.__module__).startswith(package)]


def module_name(path: str) -> str:
    return Path(path).with_suffix("").as_posix().removesuffix("/__init__").replace("/", ".")


def _function(module: Any, owner: str) -> FunctionType | None:
    here: Any = module
    for name in owner.split("."):
        if not name or name not in vars(here):
            return None
        here = vars(here)[name]
    if isinstance(here, property):
        here = here.fget
    here = getattr(here, "__func__", here)
    while hasattr(here, "__wrapped__"):
        here = here.__wrapped__
    return here if isinstance(here, FunctionType) else None


def _code(whole: CodeType, names: list[str]) -> CodeType | None:
    """The code of a function in a compiled module; None where its name stands for several."""
    for name in names:
        found = [each for each in whole.co_consts if isinstance(each, CodeType) and each.co_name == name]
        if len(found) != 1:
            return None
        [whole] = found
    return whole


def _all_codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _all_codes(each)
