"""Writes the software bill of materials (CycloneDX 1.6, JSON) from requirements.lock: every package with its hashes.

Usage: ``python .ci/sbom.py [FILE]``; standard output without a file. The same lock gives the same bytes: the serial
number is made from the lock, and no time is in it. Licences are those that installed packages state. ``scope`` is
``required`` for what every installation has, ``optional`` for extras, ``excluded`` for tools of tests and lint.
"""

import hashlib
import json
import re
import sys
import tomllib
import uuid
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(\S+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"^\s+# (?:via )?\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


def normal(name: str) -> str:
    """Write a package's name as the index does (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(text: str) -> list[dict[str, Any]]:
    """Read the lock: name, version, hashes, and who asks for each."""
    packages: list[dict[str, Any]] = []
    for line in text.splitlines():
        if pin := _PIN.match(line):
            packages.append({"name": normal(pin[1]), "version": pin[2], "hashes": [], "via": []})
        elif packages and (digest := _HASH.search(line)):
            packages[-1]["hashes"].append(digest[1])
        elif packages and (via := _VIA.match(line)) and via[1] != "via":
            packages[-1]["via"].append(normal(via[1]))
    return packages


def licence_of(name: str) -> list[dict[str, Any]]:
    """Return what an installed package says of its licence, in CycloneDX's form."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return []
    if expression := told.get("License-Expression"):
        return [{"expression": expression}]
    classifiers = [c.rpartition(" :: ")[2] for c in told.get_all("Classifier") or [] if c.startswith("License :: ")]
    names = [each for each in classifiers if each != "OSI Approved"] or [(told.get("License") or "").split("\n")[0]]
    return [{"license": {"name": each[:200]}} for each in names if each]


def bill(text: str) -> dict[str, Any]:
    """Return the bill of materials of a lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = locked(text)
    own = f"pkg:pypi/{project['name']}@{project['version']}"
    refs = {each["name"]: f"pkg:pypi/{each['name']}@{each['version']}" for each in packages}
    needs: dict[str, set[str]] = {own: set(), **{ref: set() for ref in refs.values()}}
    for each in packages:
        for via in each["via"]:
            needs[refs.get(via, own)].add(refs[each["name"]])
    scopes = scopes_of(project, {each["name"]: each["via"] for each in packages})
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project["name"],
                "version": project["version"],
                "purl": own,
                "licenses": [{"license": {"id": project["license"]}}],
            },
        },
        "components": [component(each, refs[each["name"]], scopes[each["name"]]) for each in packages],
        "dependencies": [{"ref": ref, "dependsOn": sorted(needs[ref])} for ref in sorted(needs)],
    }


def scopes_of(project: dict[str, Any], via: dict[str, list[str]]) -> dict[str, str]:
    """Tell for each package whether an installation has it."""

    def reached(asked: list[str]) -> set[str]:
        found = {normal(re.split(r"[^A-Za-z0-9._-]", each, maxsplit=1)[0]) for each in asked}
        while more := {name for name, users in via.items() if name not in found and found & set(users)}:
            found |= more
        return found

    required = reached(project["dependencies"])
    optional = reached([each for extra in project["optional-dependencies"].values() for each in extra])
    return {name: "required" if name in required else "optional" if name in optional else "excluded" for name in via}


def component(package: dict[str, Any], ref: str, scope: str) -> dict[str, Any]:
    """Return one package. Every file that the lock allows is a reference of its own, with its hash."""
    told: dict[str, Any] = {
        "type": "library",
        "bom-ref": ref,
        "name": package["name"],
        "version": package["version"],
        "purl": ref,
        "scope": scope,
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"{ref}#sha256={digest}",
                "hashes": [{"alg": "SHA-256", "content": digest}],
            }
            for digest in sorted(package["hashes"])
        ],
    }
    licences = licence_of(package["name"])
    return {**told, "licenses": licences} if licences else told


def main() -> int:
    """Write it."""
    content = json.dumps(bill(LOCK.read_text(encoding="utf-8")), indent=2, ensure_ascii=False) + "\n"
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(content, encoding="utf-8")
    else:
        sys.stdout.write(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
