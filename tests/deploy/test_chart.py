"""The Helm chart: values fit their schema, templates use only what there is, pods are hardened; linted by hand."""

import json
import re
import shutil
import subprocess
import tomllib

import jsonschema
import pytest
import yaml
from typer.main import get_command

from integration.cli.app import app
from integration.settings import Settings
from tests.docs.pages import ROOT

CHART = ROOT / "deploy/helm/holdwatch"
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
TEMPLATES = sorted((CHART / "templates").iterdir())


def refused(**changed) -> bool:
    try:
        jsonschema.validate({**VALUES, **changed}, SCHEMA)
    except jsonschema.ValidationError:
        return True
    return False


def test_the_values_are_accepted_when_nothing_is_changed():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(VALUES, SCHEMA)


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ({"mode": "both"}, "there are two shapes"),
        ({"image": {**VALUES["image"], "tag": "latest"}}, "nobody could tell what runs"),
        ({"image": {**VALUES["image"], "digest": "sha256:abc"}}, "half a digest"),
        ({"network": {**VALUES["network"], "egress": [{"cidr": "0.0.0.0/0", "port": 443}]}}, "everybody"),
        ({"workers": {**VALUES["workers"], "replicas": 0}}, "nobody would work"),
        ({"replicas": 2}, "no such value: a second engine on one SQLite file"),
        ({"settings": ""}, "a service without settings"),
    ],
)
def test_values_are_refused_when_they_would_do_harm(changed, because):
    assert refused(**changed), because


def test_settings_load_when_they_are_those_of_the_values():
    settings = Settings(**tomllib.loads(VALUES["settings"]))
    assert str(settings.site.state_dir) == "/var/lib/holdwatch"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_value_exists_when_a_template_uses_it(template):
    for path in re.findall(r"\.Values\.([\w.]+)", template.read_text()):
        value = VALUES
        for key in path.split("."):
            assert isinstance(value, dict), path
            assert key in value, path
            value = value[key]


def test_command_exists_when_a_template_runs_it():
    text = "".join(path.read_text() for path in TEMPLATES)
    names = set(get_command(app).commands)
    assert set(re.findall(r"args: \[(\w+)\]", text)) <= names
    assert set(re.findall(r'dict "(\w+)" \S+ "(\w+)"', text)[0]) <= names


def test_every_pod_is_hardened_when_it_is_made():
    helpers = (CHART / "templates/_helpers.tpl").read_text()
    asked = ("runAsNonRoot: true", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false")
    asked += ("drop: [ALL]", "type: RuntimeDefault", "automountServiceAccountToken: false")
    assert [each for each in asked if each not in helpers] == []
    user = re.search(r"runAsUser: (\d+)", helpers)[1]
    assert f"USER {user}:{user}" in (ROOT / "deploy/Dockerfile").read_text()
    pods = [path for path in TEMPLATES if "containers:" in path.read_text()]
    for path in pods:
        text = path.read_text()
        assert 'include "holdwatch.pod"' in text
        assert text.count('include "holdwatch.container"') == len(re.findall(r"^ {8}- name: ", text, re.MULTILINE))


def test_versions_agree_when_the_chart_is_released():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert chart["version"] == chart["appVersion"] == VALUES["image"]["tag"] == version


SHAPES = {
    "embedded": ([], {"StatefulSet": 1}),
    "workers": (
        ["--set", "mode=workers,monitoring.podMonitor=true,monitoring.rules=true,secretName=s"],
        {"Deployment": 2, "PodMonitor": 1, "PrometheusRule": 1, "PodDisruptionBudget": 1},
    ),
}


@pytest.mark.by_hand
@pytest.mark.parametrize("shape", SHAPES)
def test_helm_has_no_objection_when_it_is_here(shape):
    helm = shutil.which("helm")
    assert helm is not None, "helm is not on the path"
    more, expected = SHAPES[shape]
    subprocess.run([helm, "lint", "--strict", CHART, *more], check=True, timeout=60)
    command = [helm, "template", "r", CHART, "--kube-version", "1.30", *more]
    made = [
        each
        for each in yaml.safe_load_all(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
        if each
    ]
    kinds = [each["kind"] for each in made]
    assert {kind: kinds.count(kind) for kind in expected} == expected
    assert {"NetworkPolicy", "ConfigMap", "PersistentVolumeClaim"} <= set(kinds)
