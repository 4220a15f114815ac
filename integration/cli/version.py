"""``holdwatch version``: what exactly runs here."""

import platform
import sqlite3
from importlib.metadata import version as version_of

from integration.cli.console import out, print_json, print_table
from integration.cli.opening import AsJson
from integration.policy.engine import ENGINE_VERSION
from integration.policy.pack import shipped_heads


def version(as_json: AsJson = False) -> None:
    """Tell the versions of the program, of what it stands on, and the revisions of the shipped packs."""
    parts = {
        "holdwatch": version_of("holdwatch"),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "policy_engine": ENGINE_VERSION,
    }
    packs = shipped_heads()
    if as_json:
        listed = [{"id": head.id, "version": head.version, "revision": revision} for head, revision in packs]
        print_json({**parts, "packs": listed})
        return
    for name, number in parts.items():
        out.print(f"{name.replace('_', ' ')}: {number}", highlight=False, markup=False)
    rows = [(head.id, head.version, revision) for head, revision in packs]
    print_table("shipped packs", ("pack", "version", "revision"), rows)
