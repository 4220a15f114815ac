"""The table [kafka]: what it refuses, and that the example says all of it."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors.kafka.config import Kafka, Retention, Security
from connectors.kafka.plans import Topic

EXAMPLE = Path(__file__).parents[2] / "holdwatch.example.toml"
FILE = {"password_file": "/etc/p"}
SASL = {"protocol": "sasl_ssl", "user": "u", **FILE}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        pytest.param({"servers": []}, "at least 1 item", id="nobody to talk to"),
        pytest.param({"servers": ["broker"]}, "match pattern", id="no port"),
        pytest.param({"servers": ["kafka://broker:9092"]}, "match pattern", id="a URL is another library's form"),
        pytest.param({"topic_prefix": "a b"}, "match pattern", id="no topic may be called so"),
        pytest.param({"replication": 1, "min_insync": 2}, "nothing could ever be written", id="more than there are"),
        pytest.param({"session_timeout_seconds": 5}, "greater than or equal to 6", id="brokers refuse it"),
        pytest.param({"session_timeout_seconds": 60}, "less than or equal to 10", id="a minute of silence"),
        pytest.param({"retention_days": {"events": 0}}, "greater than 0", id="kept for no time"),
        pytest.param({"retention_days": {"event": 7}}, "Extra inputs", id="a typing error"),
        pytest.param({"password": "canary"}, "Extra inputs", id="no password in settings"),
        pytest.param({"security": {"password": "canary"}}, "Extra inputs", id="nor here"),
        pytest.param({"security": {"protocol": "sasl_ssl"}}, "needs user and password_file", id="who, and how"),
        pytest.param({"security": FILE}, "mean nothing", id="a password that is not asked for: TLS was forgotten"),
        pytest.param({"security": {"ca_file": "/ca"}}, "mean nothing", id="a certificate in plain text"),
        pytest.param({"security": SASL | {"cert_file": "/c"}}, "go together", id="no key to the certificate"),
        pytest.param(
            {"security": SASL | {"protocol": "sasl_plaintext", "mechanism": "PLAIN"}}, "in clear", id="readable by all"
        ),
    ],
)
def test_a_table_is_refused_when_it_makes_no_sense(table, words):
    with pytest.raises(ValidationError, match=words) as raised:
        Kafka(**{"servers": ["broker:9092"]} | table)
    told = [fault["msg"] for fault in raised.value.errors()]  # what load_settings prints: never a value
    assert "canary" not in str(told)


def test_every_topic_has_a_retention_of_its_own():
    days = {name: float(number) for number, name in enumerate(Retention.model_fields, start=1)}
    kept = Retention(**days)
    assert {topic.name.lower(): kept.of(topic).days for topic in Topic} == {
        name: int(day) for name, day in days.items()
    }


def test_the_example_is_a_table_when_its_marks_are_taken_away():
    _, _, block = EXAMPLE.read_text(encoding="utf-8").partition("# [kafka]\n")
    block, _, _ = block.partition("# [worker]\n")
    settings = [line[2:] for line in block.splitlines() if re.match(r"# (\[kafka|\w+ = )", line)]
    read = tomllib.loads("[kafka]\n" + "\n".join(settings))["kafka"]
    kafka = Kafka(**read)
    assert set(read) == set(Kafka.model_fields)
    assert set(read["retention_days"]) == set(Retention.model_fields)
    assert set(read["security"]) == set(Security.model_fields)
    defaults = Kafka(servers=kafka.servers)
    assert kafka.model_copy(update={"security": Security()}) == defaults  # it shows what holds without it
