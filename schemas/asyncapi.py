"""The topics as an AsyncAPI 3.0 document: what is read, what is told, with an example of each message."""

from collections.abc import Mapping
from inspect import cleandoc
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from schemas import notices

EXAMPLES: Final = Path(__file__).parent / "examples"

_REF: Final = "#/components/schemas/{model}"
_TIME: Final = {"type": "string", "format": "date-time"}
_TIME_PATTERN: Final = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)

_INFO: Final = {
    "title": "holdwatch",
    "version": "1.0.0",
    "description": "Events of jail management systems in; findings, decisions, alerts and refused inputs out. "
    "What each field means is written in docs/events.md.",
    "license": {"name": "Apache-2.0"},
}

_OUT: Final[Mapping[str, tuple[str, str, dict[str, type[BaseModel]]]]] = {
    "findings": ("sendFindings", "What became of findings. At least once.", {"finding-notice": notices.FindingNotice}),
    "decisions": (
        "sendDecisions",
        "Decisions on messages, access and assistance. At least once; a message itself is sent at most once.",
        {
            "message-decision-notice": notices.MessageDecisionNotice,
            "access-decision-notice": notices.AccessDecisionNotice,
            "assistance-decision-notice": notices.AssistanceDecisionNotice,
        },
    ),
    "alerts": ("sendAlerts", "What staff have to look at. At least once.", {"alert-notice": notices.AlertNotice}),
    "deadletters": (
        "sendDeadLetters",
        "Inputs that were refused, and why. The inputs themselves stay in the store.",
        {"deadletter-notice": notices.DeadLetterNotice},
    ),
}
"""Channel to its operation, what it is, and its messages."""

_BOOKING_KEY: Final = "`source|subject`: one booking is one ordered stream."
_ENTRY_KEY: Final = "The channel's name, a hyphen and a leaf index. A key seen twice is the same message twice."


def document(events: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """Return the AsyncAPI document.

    Args:
        events: the model of each event type, by its ``type``.
    """
    told = notice_models()
    models = [(model, "validation") for model in (*events.values(), *told.values())]
    _, schemas = models_json_schema(models, ref_template=_REF)  # type: ignore[arg-type]  # the mode is that literal
    messages = {
        name: _message(name, model, "application/cloudevents+json", _BOOKING_KEY) for name, model in events.items()
    }
    messages |= {name: _message(name, model, "application/json", _ENTRY_KEY) for name, model in told.items()}
    channels = {"events": _channel("jail.events", "Everything that happens in custody.", list(events))}
    operations = {"receiveEvents": _operation("receive", "events", list(events))}
    for channel, (operation, said, sent) in _OUT.items():
        channels[channel] = _channel(f"jail.{channel}", said, list(sent))
        operations[operation] = _operation("send", channel, list(sent))
    return {
        "asyncapi": "3.0.0",
        "info": _INFO,
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": with_time_pattern(schemas["$defs"])},
    }


def notice_models() -> dict[str, type[BaseModel]]:
    """Return the model of each message that is told, by the message's name."""
    return {name: model for _, _, sent in _OUT.values() for name, model in sent.items()}


def examples_of(name: str) -> dict[str, Any]:
    """Return the examples of a document by their names: an event's ``type``, or the name of an output or notice."""
    found = sorted(EXAMPLES.glob(f"**/{name}.json")) + sorted(EXAMPLES.glob(f"**/{name}--*.json"))
    return {path.stem: orjson.loads(path.read_bytes()) for path in found}


def with_time_pattern(node: Any) -> Any:
    """Return a schema whose input times are held to an offset: many validators do not look at ``format``."""
    if isinstance(node, list):
        return [with_time_pattern(item) for item in node]
    if not isinstance(node, dict):
        return node
    inner = {key: with_time_pattern(value) for key, value in node.items()}
    return {**inner, "pattern": _TIME_PATTERN} if _TIME.items() <= node.items() else inner


def _channel(address: str, description: str, names: list[str]) -> dict[str, Any]:
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in names}
    return {"address": address, "description": description, "messages": messages}


def _operation(action: str, channel: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in names],
    }


def _message(name: str, model: type[BaseModel], content_type: str, key: str) -> dict[str, Any]:
    examples = [{"name": known, "payload": payload} for known, payload in examples_of(name).items()]
    return {
        "name": name,
        "title": model.__name__,
        "summary": cleandoc(model.__doc__ or ""),
        "contentType": content_type,
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": key}}},
        "examples": examples,
    }
