"""Holds the size limits: files under 500 lines with a median of at most 150, functions of at most 60 lines."""

import ast
import statistics
import sys
from pathlib import Path

MAX_FILE = 500
MEDIAN_FILE = 150
MAX_FUNCTION = 60
ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("integration", "schemas", "connectors")
SHORT = 3


def main() -> int:
    """Print what is too large; returns 1 if anything is."""
    faults = []
    lengths = []
    for package in (*PACKAGES, "tests"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "versions" in path.parts:
                continue
            text = path.read_text()
            lines = text.count("\n")
            if package in PACKAGES and lines > SHORT:
                lengths.append(lines)
            if lines > MAX_FILE:
                faults.append(f"{path.relative_to(ROOT)}: {lines} lines, at most {MAX_FILE}")
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = (node.end_lineno or node.lineno) - node.lineno + 1
                    if length > MAX_FUNCTION:
                        faults.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {length} lines")
    median = statistics.median(lengths)
    if median > MEDIAN_FILE:
        faults.append(f"median file has {median} lines, at most {MEDIAN_FILE}")
    print("\n".join([*faults, f"{len(lengths)} files, median {median:.0f} lines, largest {max(lengths)}"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
