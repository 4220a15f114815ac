"""Writes docs/cjis.md from docs/cjis.toml. Usage: ``python .ci/cjis.py``."""

import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORDS = {"met": "met", "partly": "partly", "site": "the site's duty", "not_met": "**not met**"}


def page(table: dict[str, Any]) -> str:
    """Return the page."""
    controls = {name: row for name, row in table.items() if isinstance(row, dict)}
    counts = {status: sum(row["status"] == status for row in controls.values()) for status in WORDS}
    lines = [
        "# CJIS Security Policy",
        "",
        "For whoever is audited. Made from `docs/cjis.toml` by `.ci/cjis.py`; do not edit it here. What stands here is",
        "what the program does and which tests show it, by its authors; no auditor has looked at it.",
        "",
        table["policy"],
        "",
        f"Of {len(controls)} controls: " + ", ".join(f"{count} {WORDS[name]}" for name, count in counts.items()) + ".",
        "",
        "| control | asks | status | what is done | what is missing |",
        "|---|---|---|---|---|",
    ]
    for name, row in controls.items():
        lines.append(f"| {name} | {row['asks']} | {WORDS[row['status']]} | {row['does']} | {row.get('gap', '')} |")
    lines += ["", "## Tests", "", "| control | shown by |", "|---|---|"]
    for name, row in controls.items():
        shown = "<br>".join(f"`{test.partition('::')[0]}` {test.partition('::')[2]}".strip() for test in row["tests"])
        lines.append(f"| {name} | {shown or 'nothing'} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write it."""
    table = tomllib.loads((ROOT / "docs/cjis.toml").read_text(encoding="utf-8"))
    (ROOT / "docs/cjis.md").write_text(page(table), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
