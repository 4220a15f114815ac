"""The mutants themselves run by hand (make mutants); here, that the machinery kills and that its list is still true."""

import subprocess
import sys

import pytest

from tests.mutation.operators import mutants_of
from tests.mutation.results import PAGE, Verdict, page, read
from tests.mutation.sample import SAMPLE
from tests.mutation.suites import ROOT, modules, stages

RESULTS = read()


def changes(source: str) -> set[tuple[str, str]]:
    return {(each.before, each.after) for each in mutants_of("x.py", source)}


@pytest.mark.parametrize(
    ("source", "expected", "because"),
    [
        ("def f(a, b):\n    return a < b\n", {("return a < b", "return a <= b")}, "a border"),
        ("W = frozenset({'x', 'y'})\n", {("W = frozenset({'x', 'y'})", "W = frozenset({'y'})")}, "a word of a table"),
        ('W = """one two""".split()\n', {('W = """one two""".split()', 'W = """one """.split()')}, "a word of a text"),
        ("R = r'a|b(c|d)'\n", {("R = r'a|b(c|d)'", "R = r'b(c|d)'")}, "an alternative"),
        ("def f(a):\n    if a:\n        g(a)\n", {("if a:", "if True:"), ("if a:", "if False:")}, "a condition"),
        ("def f(a):\n    a.sync()\n", {("a.sync()", "pass")}, "something done"),
        ("def f(a, b):\n    g = a and b\n", {("g = a and b", "g = a"), ("g = a and b", "g = b")}, "half of it"),
        ("def f(a):\n    return min(a)\n", {("return min(a)", "return max(a)")}, "the other end"),
        ("@cache\ndef f():\n    return 1\n", {("return 1", "return 2")}, "inside a decorated function"),
        (
            "@dataclass\nclass A:\n    def f(self):\n        return 1\n",
            {("return 1", "return 2")},
            "inside a decorated class",
        ),
        (
            "def f(a):\n    match a:\n        case 1:\n            g = 2\n        case 3:\n            g = 4\n",
            {("g = 4", "g = 5")},
            "inside a case",
        ),
        ("class M:\n    a: Annotated[int, Field(ge=1)]\n",
         {("a: Annotated[int, Field(ge=1)]", "a: Annotated[int, Field(ge=2)]")}, "a constraint"),
    ],
)  # fmt: skip
def test_a_fault_is_made_when_a_line_says_something(source, expected, because):
    assert expected <= changes(source), because


@pytest.mark.parametrize(
    ("source", "because"),
    [
        ('"""A module."""\n', "a docstring"),
        ("import os\nfrom os import path\n", "imports"),
        ("def f(a: int | None) -> int | str: ...\n", "annotations"),
        ("@dataclass(frozen=True)\nclass A: ...\n", "a decorator"),
        ("Alias = Mapping[str, int]\n", "an alias"),
        ("def f():\n    raise ValueError('no such thing')\n", "what a person reads"),
        ("class A:\n    __slots__ = ('a', 'b')\n", "slots"),
    ],
)
def test_no_fault_is_made_when_a_line_does_nothing(source, because):
    assert changes(source) == set(), because


def test_every_fault_has_a_key_of_its_own():
    path = "integration/domain/custody.py"
    found = mutants_of(path, (ROOT / path).read_text(encoding="utf-8"))
    assert len({each.key for each in found}) == len(found) > 100
    assert {each.owner for each in found} >= {"_hold", "Standing.__init__", "timeline_of"}


def test_the_fixed_sample_is_killed_when_it_is_run():
    command = [sys.executable, "-m", "tests.mutation.sample"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.endswith(f"{len(SAMPLE)} tried, 0 wrong\n")


def test_every_module_has_tests_that_can_kill():
    for module in modules():
        assert all((ROOT / file).is_file() for stage in stages(module) for file in stage.files), module
        assert stages(module)[0].files


def test_listed_survivors_are_still_there_and_explained():
    # A line that reads otherwise now: run its module again (make mutants).
    gone, silent = [], []
    for one in RESULTS:
        text = " ".join(line.strip() for line in (ROOT / one.path).read_text(encoding="utf-8").splitlines())
        gone += [(one.path, each.before) for each in one.survivors if each.before not in text]
        silent += [(one.path, each.after) for each in one.survivors if each.verdict is Verdict.OPEN or not each.because]
    assert (gone, silent) == ([], [])


def test_the_page_says_what_the_results_say():
    assert page(PAGE.read_text(encoding="utf-8"), RESULTS) == PAGE.read_text(encoding="utf-8")
    assert all(one.mutants == one.killed + one.timed_out + len(one.survivors) for one in RESULTS)
