"""Tries one mutant: a forked child imports everything with the changed module in place, and runs tests until one fails.

A child is honest: nothing of the project is imported before the fork, so what a module does while it is imported is
changed too. It is quick because interpreter, pytest and libraries are there already.
"""

import contextlib
import gc
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from enum import StrEnum
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

import pytest

from tests.mutation.suites import ROOT

_NEEDS_THE_PROOF = "tests/gate/test_never_held.py::test_no_pack_stops_a_status_alone_whatever_somebody_adds_to_it"
"""Makes packs that only the proof refuses, which most mutants are tried without."""
OPTIONS = (
    "-x", "-q", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-m", "not slow and not by_hand",
    "--deselect", _NEEDS_THE_PROOF,
)  # fmt: skip
_LIBRARIES = (
    "cedarpy", "cryptography.hazmat.primitives.asymmetric.ed25519", "orjson", "pydantic", "rfc8785", "structlog",
    "schemas.events", "schemas.outputs", "schemas.refusals",
)  # fmt: skip
_WALL = 20
"""Wall time allowed for a second of processor time: the machine may be busy."""


class Fate(StrEnum):
    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


class Trial(NamedTuple):
    fate: Fate
    by: str
    """The test file that killed it."""
    seconds: float
    """Processor time."""


class _Changed(MetaPathFinder, Loader):
    """Gives the changed source for one module."""

    def __init__(self, name: str, path: Path, code: CodeType) -> None:
        self.name, self.path, self.code = name, path, code

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        package = self.path.name == "__init__.py"
        spec = spec_from_loader(name, self, origin=str(self.path), is_package=package)
        assert spec is not None
        spec.has_location = True
        return spec

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self.path)
        exec(self.code, module.__dict__)


def warm_up() -> None:
    """Load what every child needs and no mutant changes: libraries, and ``schemas``, which imports nothing of ours."""
    os.chdir(ROOT)
    sys.dont_write_bytecode = False  # Else every child would compile every module.
    sys.path.insert(0, str(ROOT))
    # An own session, so that pytest loads its plugins as it will want to find them.
    with quiet():
        pytest.main(["-q", "--collect-only", "-p", "no:cacheprovider", "tests/mutation/__init__.py"])
    for name in _LIBRARIES:
        importlib.import_module(name)
    # A busy machine must not look like a fault, and every mutant gets the same examples.
    hypothesis = importlib.import_module("hypothesis")
    # One failed example is enough: looking for a smaller one took longer than everything else.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutants", deadline=None, derandomize=True, database=None, phases=phases)
    hypothesis.settings.load_profile("mutants")
    ours = [name for name in sys.modules if name.partition(".")[0] in ("integration", "connectors")]
    assert not ours, f"imported too early: {ours}"
    gc.collect()
    gc.freeze()


def try_mutant(
    module: str, source: str, files: Sequence[str], *, limits: dict[str, float], prove: bool = True
) -> Trial:
    """Run the files in their order until one fails.

    Args:
        module: path of the changed module, from the root.
        source: its text.
        files: test files.
        limits: processor seconds allowed for each file.
        prove: whether packs are proved when they are loaded; a change that the proof does not run need not pay for it.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setsid()
        _in_child(module, source, files, limits, writing, prove=prove)
    os.close(writing)
    told = b""
    signal.alarm(int(_WALL * sum(limits[file] for file in files)))
    previous = signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    try:
        while part := os.read(reading, 65536):
            told += part
        _, status, usage = os.wait4(child, 0)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)
        os.close(reading)
    lines = told.decode().split()
    by = lines[-1] if lines else ""
    seconds = usage.ru_utime + usage.ru_stime
    if os.WIFSIGNALED(status):
        late = os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGKILL)
        return Trial(Fate.TIMED_OUT if late else Fate.KILLED, by, seconds)
    return Trial(Fate.KILLED if os.WEXITSTATUS(status) else Fate.SURVIVED, by, seconds)


def _in_child(
    module: str, source: str, files: Sequence[str], limits: dict[str, float], writing: int, *, prove: bool
) -> None:
    code = 1
    try:
        path = ROOT / module
        name = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        sys.meta_path.insert(0, _Changed(name, path, compile(source, str(path), "exec", dont_inherit=True)))
        with quiet():
            if not prove:
                without_proof()
            for file in files:
                os.write(writing, f"{file}\n".encode())
                signal.setitimer(signal.ITIMER_PROF, limits[file])
                code = int(pytest.main([*OPTIONS, file]))
                if code:
                    break
    finally:
        os._exit(code)  # Whatever happened: nothing of the parent's may run here.


def without_proof() -> None:
    importlib.import_module("integration.policy.pack").prove = lambda _engine: []  # type: ignore[attr-defined]


@contextlib.contextmanager
def quiet():
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield
