"""Prometheus rules and the Grafana dashboard: every metric exists, every alert has a runbook."""

import json
import re
import shutil
import subprocess

import pytest
import yaml
from prometheus_client import CollectorRegistry

from integration.metrics import AlertMetrics, WorkerMetrics
from tests.docs.pages import ROOT, anchors

RULES = ROOT / "deploy/prometheus/holdwatch.rules.yml"
DASHBOARD = ROOT / "deploy/grafana/holdwatch.json"
[GROUP] = yaml.safe_load(RULES.read_text())["groups"]
ALERTS = GROUP["rules"]
PANELS = json.loads(DASHBOARD.read_text())["panels"]
EXPRESSIONS = [rule["expr"] for rule in ALERTS] + [target["expr"] for panel in PANELS for target in panel["targets"]]
OTHERS_OWN = {"up"}
"""What Prometheus itself makes."""
WORDS = {
    "sum", "max", "by", "rate", "increase", "absent", "time", "histogram_quantile", "max_over_time", "le", "reason",
    "source", "outcome", "topic", "why", "job", "severity", "channel", "stage", "kind", "state",
}  # fmt: skip
"""Functions, keywords and labels that the expressions use."""


def metrics() -> dict[str, set[str]]:
    """Every sample name that a worker or alerting serves, with its labels."""
    registry = CollectorRegistry()
    WorkerMetrics(registry)
    AlertMetrics(registry)
    found: dict[str, set[str]] = {}
    for collector in registry._collector_to_names:
        labels = set(getattr(collector, "_labelnames", ()))
        for name in registry._collector_to_names[collector]:
            found[name] = labels | ({"le"} if name.endswith("_bucket") else set())
    return found


def names_in(expression: str) -> set[str]:
    plain = re.sub(r'"[^"]*"', "", expression)
    plain = re.sub(r"\[[^\]]*\]", "", plain)
    return set(re.findall(r"[a-z_]{2,}", plain)) - WORDS


@pytest.mark.parametrize("expression", sorted(set(EXPRESSIONS)))
def test_metric_exists_when_an_expression_names_it(expression):
    assert names_in(expression) - OTHERS_OWN <= set(metrics())
    assert names_in(expression)  # because an expression in which nothing is found would pass for ever


@pytest.mark.parametrize("expression", sorted(set(EXPRESSIONS)))
def test_label_exists_when_an_expression_groups_or_selects_by_it(expression):
    grouped = (each.split(", ") for each in re.findall(r"by \(([\w, ]+)\)", expression))
    used = {label for each in grouped for label in each} | set(re.findall(r'(\w+)="', expression)) - {"job"}
    known = set().union(*(metrics().get(name, set()) for name in names_in(expression)))
    assert used <= known


def test_every_metric_is_shown_somewhere_when_it_exists():
    shown = set().union(*map(names_in, EXPRESSIONS))
    families = {re.sub(r"_(total|bucket|count|sum|created)$", "", name) for name in metrics()}
    assert {each for each in families if not any(name.startswith(each) for name in shown)} == set()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_somebody_knows_what_to_do_when_an_alert_rings(rule):
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert anchor == rule["alert"].lower()
    assert anchor in anchors(ROOT / page)
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"]["summary"]


def test_each_alert_and_panel_has_a_name_of_its_own():
    for names in ([rule["alert"] for rule in ALERTS], [panel["id"] for panel in PANELS]):
        assert len(set(names)) == len(names)


def test_panels_do_not_cover_each_other_when_they_are_drawn():
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in PANELS)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


def test_the_chart_has_the_same_rules_when_it_ships_a_copy():
    # because a chart can only read files of its own folder
    assert (ROOT / "deploy/helm/holdwatch/files/holdwatch.rules.yml").read_bytes() == RULES.read_bytes()


@pytest.mark.by_hand
def test_prometheus_own_tool_has_no_objection_when_it_is_here():
    tool = shutil.which("promtool")
    assert tool is not None, "promtool is not on the path"
    subprocess.run([tool, "check", "rules", RULES], check=True, timeout=60)
