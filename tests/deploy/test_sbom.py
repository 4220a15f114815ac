"""The software bill of materials names every locked package, with its hashes, and says what an installation has."""

import json
import re
import subprocess
import sys
import tomllib

import pytest

from tests.docs.pages import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
PINS = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", LOCK, re.MULTILINE)


@pytest.fixture(scope="module")
def bill():
    command = [sys.executable, ROOT / ".ci/sbom.py"]
    told = [subprocess.run(command, capture_output=True, check=True, timeout=60).stdout for _ in range(2)]
    assert told[0] == told[1]  # the same lock, the same bytes
    return json.loads(told[0])


def test_every_package_is_named_once_when_it_is_locked(bill):
    named = sorted((each["name"], each["version"]) for each in bill["components"])
    assert named == sorted((re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in PINS)


def test_every_hash_is_told_when_the_lock_allows_it(bill):
    told = [
        reference["hashes"][0]["content"] for each in bill["components"] for reference in each["externalReferences"]
    ]
    assert sorted(told) == sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", LOCK))


def test_dependencies_lead_to_what_is_named_when_they_are_told(bill):
    refs = {each["bom-ref"] for each in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    assert {each["ref"] for each in bill["dependencies"]} == refs
    assert {ref for each in bill["dependencies"] for ref in each["dependsOn"]} <= refs


def test_scope_tells_what_an_installation_has_when_the_project_says_so(bill):
    scopes = {each["name"]: each["scope"] for each in bill["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for asked in project["dependencies"]:
        name = re.match(r"[A-Za-z0-9._-]+", asked)[0]
        if any(name == pin for pin, _ in PINS):
            assert scopes[name] == "required", name
    assert scopes["pytest"] == scopes["mypy"] == "excluded"
    assert scopes["faust-streaming"] == "optional"


def test_licences_are_told_when_packages_state_them(bill):
    without = [each["name"] for each in bill["components"] if not each.get("licenses")]
    assert len(without) <= len(PINS) // 20
