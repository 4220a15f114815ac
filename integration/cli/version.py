"""``holdwatch version``: what exactly runs here."""

import platform
import sqlite3
from importlib.metadata import version as version_of

from integration.cli.console import out, print_json, print_table
from integration.cli.opening import AsJson
from integration.policy.engine import ENGINE_VERSION
from integration.policy.pack import load, shipped_packs


def version(as_json: AsJson = False) -> None:
    """Tell the versions of the program, of what it stands on, and the revisions of the shipped packs."""
    parts = {
        "holdwatch": version_of("holdwatch"),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "policy_engine": ENGINE_VERSION,
    }
    packs = [load(name) for name in shipped_packs()]
    if as_json:
        listed = [{"id": pack.id, "version": pack.version, "revision": pack.revision} for pack in packs]
        print_json({**parts, "packs": listed})
        return
    for name, number in parts.items():
        out.print(f"{name.replace('_', ' ')}: {number}", highlight=False, markup=False)
    print_table("shipped packs", ("pack", "version", "revision"), [(p.id, p.version, p.revision) for p in packs])
