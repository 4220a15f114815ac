import json
import re

import pytest
from jsonschema import Draft202012Validator

from schemas import export
from tests.contract.contract import EXPORTED, fits

DOCUMENTS = export.documents()
ASYNCAPI = json.loads(DOCUMENTS["asyncapi.json"])
CHANNELS = {"jail.events": "receive", "jail.findings": "send", "jail.decisions": "send"}
CHANNELS |= {"jail.alerts": "send", "jail.deadletters": "send"}


def _nodes(node):
    yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _nodes(inner)


def _resolve(document, reference):
    assert reference.startswith("#/"), reference
    for step in reference[2:].split("/"):
        document = document[step.replace("~1", "/").replace("~0", "~")]
    return document


def test_committed_files_equal_the_models_when_nothing_drifted():
    committed = {path.name: path.read_bytes() for path in EXPORTED.iterdir()}
    assert sorted(committed) == sorted(DOCUMENTS)
    drifted = [name for name, content in DOCUMENTS.items() if committed[name] != content]
    assert drifted == [], "run: python -m schemas.export"


def test_export_gives_equal_bytes_when_run_again():
    assert export.documents() == DOCUMENTS


def test_export_writes_the_documents_and_nothing_stale_when_folder_is_used(tmp_path):
    folder = tmp_path / "json"
    export.write(folder)
    (folder / "jail.meal.served.v1.schema.json").write_text("{}")
    assert export.write(folder) == len(DOCUMENTS)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == DOCUMENTS


@pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - {"asyncapi.json"}))
def test_schema_is_valid_and_self_contained_when_exported(name):
    schema = json.loads(DOCUMENTS[name])
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:holdwatch:schema:{name.removesuffix('.schema.json')}"
    for node in _nodes(schema):
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            _resolve(schema, node["$ref"])


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_no_host_is_named_when_exported(name):
    hosts = re.findall(rb"https?://[^/\"\s]+", DOCUMENTS[name])
    assert set(hosts) <= {b"https://json-schema.org"}


def test_asyncapi_references_resolve_when_followed():
    references = [node["$ref"] for node in _nodes(ASYNCAPI) if isinstance(node, dict) and "$ref" in node]
    assert references
    for reference in references:
        _resolve(ASYNCAPI, reference)


def test_asyncapi_has_the_channels_of_the_contract_when_read():
    assert ASYNCAPI["asyncapi"] == "3.0.0"
    told = {
        _resolve(ASYNCAPI, operation["channel"]["$ref"])["address"]: operation["action"]
        for operation in ASYNCAPI["operations"].values()
    }
    assert told == CHANNELS
    assert {channel["address"] for channel in ASYNCAPI["channels"].values()} == set(CHANNELS)


def test_asyncapi_operations_name_the_messages_of_their_channel_when_read():
    for operation in ASYNCAPI["operations"].values():
        channel = operation["channel"]["$ref"]
        prefix = f"{channel}/messages/"
        named = {message["$ref"].removeprefix(prefix) for message in operation["messages"]}
        assert named == set(_resolve(ASYNCAPI, channel)["messages"])
    on_events = set(ASYNCAPI["channels"]["events"]["messages"])
    assert on_events == set(export.event_models())


@pytest.mark.parametrize("name", sorted(ASYNCAPI["components"]["messages"]))
def test_asyncapi_examples_fit_when_message_is(name):
    message = ASYNCAPI["components"]["messages"][name]
    assert message["summary"]
    assert message["examples"]
    schema = {**message["payload"], "components": ASYNCAPI["components"]}
    for example in message["examples"]:
        assert fits(name, example["payload"])
        assert Draft202012Validator(schema).is_valid(example["payload"])
    assert not Draft202012Validator(schema).is_valid({})
