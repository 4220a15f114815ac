"""docker-compose.yml, held to what it promises. Docker is not needed: the file is read, not run."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from connectors.kafka.plans import Topic
from integration.cli.app import app
from integration.policy.pack import load
from integration.settings import load_settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("holdwatch:")}
DIGEST = re.compile(r"^[a-z/]+:[A-Za-z0-9._-]+@sha256:[0-9a-f]{64}$")
each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
each_of_ours = pytest.mark.parametrize("service", OURS.values(), ids=OURS)


def runs_once(service: Mapping[str, Any]) -> bool:
    return service.get("restart") == "no"


def test_the_parts_are_there():
    assert set(SERVICES) == {"kafka", "postgres", "topics", "sequencer", "worker-1", "worker-2"}
    assert [service["command"] for service in OURS.values()].count(["worker"]) == 2


@each_service
def test_a_service_cannot_harm_its_host(service):
    user = int(str(service["user"]).partition(":")[0])
    assert user > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "network_mode" not in service
    assert not any("docker.sock" in str(volume) for volume in service["volumes"])


@each_service
def test_an_image_is_the_one_that_was_tried(service):
    if "build" in service:
        build = service["build"]
        assert (ROOT / build["context"] / build["dockerfile"]).is_file()
        version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
        assert version is not None
        assert service["image"] == f"holdwatch:{version[1]}"
    else:
        assert DIGEST.match(service["image"])


@each_service
def test_a_service_tells_whether_it_is_well(service):
    if runs_once(service):
        assert service["healthcheck"] == {"disable": True}
    else:
        check = service["healthcheck"]
        assert check["test"][0] == "CMD"
        assert {"interval", "timeout", "start_period", "retries"} <= set(check)


@each_service
def test_published_ports_are_on_loopback_only(service):
    assert [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")] == []
    published = [port.split(":")[1] for other in SERVICES.values() for port in other.get("ports", [])]
    assert len(published) == len(set(published))


def test_the_networks_have_no_way_out():
    inner, metrics = COMPOSE["networks"]["inner"], COMPOSE["networks"]["metrics"]
    assert inner == {"internal": True}
    assert metrics["driver_opts"] == {"com.docker.network.bridge.enable_ip_masquerade": "false"}
    assert [name for name, service in SERVICES.items() if "metrics" in service["networks"] and name not in OURS] == []


@each_service
def test_what_a_service_waits_for_can_come_to_pass(service):
    for name, wait in service.get("depends_on", {}).items():
        expected = "service_completed_successfully" if runs_once(SERVICES[name]) else "service_healthy"
        assert wait == {"condition": expected}


def test_mounts_lead_from_files_of_ours_or_named_volumes():
    for service in SERVICES.values():
        for volume in service["volumes"]:
            source, target, *mode = volume.split(":")
            assert target.startswith("/")
            if source.startswith("./"):
                assert (ROOT / source).is_file()
                assert mode == ["ro"]
            else:
                assert source in COMPOSE["volumes"]


def test_a_program_is_executable_when_an_image_runs_it():
    for path in (
        "deploy/compose/database.sh",
        "deploy/compose/secrets.sh",
        "deploy/kafka/acls.sh",
        "deploy/kafka/broker",
    ):
        assert (ROOT / path).stat().st_mode & 0o111 == 0o111, path


def test_passwords_are_in_files_that_are_not_ours():
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert "/deploy/compose/secrets/" in ignored
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("deploy/compose/secrets/")
    for service in SERVICES.values():
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        for key, value in service.get("environment", {}).items():
            assert "PASSWORD" not in key or (key.endswith("_FILE") and value.startswith("/run/secrets/"))


@each_of_ours
def test_a_command_is_one_that_we_have(service):
    command = get_command(app)
    for word in service["command"]:
        command = command.commands[word]


@each_of_ours
def test_settings_load_when_a_container_reads_them(service, monkeypatch):
    mounted = dict(volume.split(":")[1::-1] for volume in service["volumes"])
    settings = load_settings(ROOT / mounted["/etc/holdwatch/holdwatch.toml"])
    assert str(settings.site.state_dir) in mounted
    assert f"@{'postgres'}/" in settings.database_url
    assert settings.kafka is not None
    host, port = settings.kafka.servers[0].split(":")
    assert f"PLAINTEXT://{host}:{port}" == SERVICES[host]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert settings.kafka.replication == 1  # there is one broker
    assert len(settings.kafka.plans) == len(Topic)
    assert settings.worker.metrics_address == "0.0.0.0"  # published on the host's loopback
    for facility in settings.facilities:
        for choice in facility.packs:
            load(choice.pack)
    for port in service.get("ports", []):
        assert port.endswith(f":{settings.worker.metrics_port}")
    if not runs_once(service):
        assert "passfile=/run/secrets/pgpass" in settings.database_url
        assert "pgpass" in service["secrets"]


def test_the_health_check_asks_where_the_metrics_are():
    text = (ROOT / "deploy/healthy.py").read_text()
    settings = load_settings(ROOT / "deploy/compose/holdwatch.toml")
    assert f"PORT = {settings.worker.metrics_port}\n" in text


def test_secrets_are_made_once_and_only_their_reader_may_read_them(tmp_path):
    folder = tmp_path / "compose"
    folder.mkdir()
    program = folder / "secrets.sh"
    # Only root may give files away; the test sees who would get them instead.
    text = (ROOT / "deploy/compose/secrets.sh").read_text().replace("chown ", f"echo >>{tmp_path}/owners ")
    program.write_text(text)
    for _ in range(2):
        subprocess.run(["sh", program], check=True, timeout=30)
    made = {path.name: path for path in (folder / "secrets").iterdir()}
    assert set(made) == set(COMPOSE["secrets"])
    assert {path.stat().st_mode & 0o777 for path in made.values()} == {0o400}
    owners = dict(reversed(line.split()) for line in (tmp_path / "owners").read_text().splitlines())
    assert len((tmp_path / "owners").read_text().splitlines()) == len(made)
    readers = {name: service["user"] for service in SERVICES.values() for name in service.get("secrets", [])}
    assert {Path(path).name: user for path, user in owners.items()} == readers
    password = made["holdwatch_password"].read_text()
    assert len(password) == 64
    assert made["pgpass"].read_text() == f"postgres:5432:holdwatch:holdwatch:{password}\n"
