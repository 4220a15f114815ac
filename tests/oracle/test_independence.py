"""The oracle shares no code with what it judges, or it would share its mistakes."""

import ast
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
JUDGE = sorted(path.name for path in HERE.glob("*.py") if not path.name.startswith("test_"))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_every_module_of_the_oracle_is_looked_at():
    assert {"oracle.py", "papers.py", "arrival.py", "histories.py"} <= set(JUDGE)


@pytest.mark.parametrize("name", JUDGE)
def test_oracle_imports_nothing_but_the_standard_library_and_itself(name):
    for module in imported(HERE / name):
        root = module.split(".")[0]
        assert root in sys.stdlib_module_names or module.startswith("tests.oracle"), module


@pytest.mark.parametrize("name", JUDGE)
def test_oracle_loads_nothing_by_name(name):
    calls = ast.walk(ast.parse((HERE / name).read_text()))
    loaded = [node for node in calls if isinstance(node, ast.Name) and node.id in {"__import__", "exec", "eval"}]
    assert not loaded
