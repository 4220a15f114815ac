"""The pages that tests hold to the code, and how to read them."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINKS = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCES = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
FOLDERS = "integration|schemas|connectors|tests|docs|deploy|\\.ci"
FUNCTIONS = re.compile(rf"`((?:{FOLDERS})/[\w./-]+\.py):([\w.]+)`")
PATHS = re.compile(rf"`((?:{FOLDERS})/[\w./-]+)`")


@cache
def text(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCES.sub("", page.read_text(encoding="utf-8"))


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def codes(page: Path) -> set[str]:
    """Everything that stands in code marks on a page."""
    return set(re.findall(r"`([^`\n]+)`", text(page)))


@cache
def anchors(page: Path) -> set[str]:
    """What a link may point to inside a page, as the usual renderers make it of headings."""
    headings = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def names_in(source: Path) -> set[str]:
    """Functions, methods, classes and constants of a module, methods as ``Class.method``."""
    found: set[str] = set()
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        found |= named(node)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner}" for each in node.body for inner in named(each)}
    return found


def named(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def rows(page: Path, marker: str) -> dict[str, str]:
    """The first table after a comment on a page: first cell to the rest of the row."""
    after = page.read_text(encoding="utf-8").partition(f"<!-- {marker} -->")[2]
    table = after.strip().partition("\n\n")[0].splitlines()
    cells = [line.strip("|").split("|", 1) for line in table[2:]]
    return {first.strip().strip("`"): rest for first, rest in cells}
