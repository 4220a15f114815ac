"""Compares the topics on the brokers with the plans, and creates what is missing.

A topic that exists is never lowered, altered or deleted from here.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from connectors.kafka.connection import Connection
from connectors.kafka.plans import Plan
from integration.errors import TransientError, UsageError

_ANSWER_SECONDS = 30
_SEEN_SECONDS = 30
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Difference:
    """Something on the brokers that is not as planned. ``found`` is None where the topic is missing."""

    topic: str
    what: str
    asked: str
    found: str | None

    def __str__(self) -> str:
        """Tell it in one line."""
        if self.found is None:
            return f"{self.topic}: missing"
        return f"{self.topic}: {self.what} is {self.found}, {self.asked} is asked for"


@dataclass(frozen=True, slots=True)
class Applied:
    """What ``apply`` did, and what it left as it was."""

    created: list[str]
    left: list[Difference]


class TopicConflictError(UsageError):
    """A topic exists in a form that would lose or misplace events."""


_PARTITIONS = "partitions"
_REPLICATION = "replication"
_CONFLICTS = frozenset({_PARTITIONS, "cleanup.policy"})


async def check(connection: Connection, plans: Sequence[Plan]) -> list[Difference]:
    """Compare the brokers with the plans.

    Raises:
        TransientError: no broker answers, or it refuses.
        UsageError: the connection's files cannot be used.
    """
    async with _Admin(connection) as admin:
        return await admin.differences(plans)


async def apply(connection: Connection, plans: Sequence[Plan]) -> Applied:
    """Create the topics that are missing. Nothing that exists is changed.

    Raises:
        TopicConflictError: a topic exists with another number of partitions, or one that throws old keys away; with
            unequal numbers Faust loses events. Nothing was created.
        TransientError: no broker answers, or it refuses. Topics may have been created; the call can be repeated.
        UsageError: the connection's files cannot be used.
    """
    async with _Admin(connection) as admin:
        differences = await admin.differences(plans)
        _refuse_conflicts(differences, "nothing was created")
        missing = {it.topic for it in differences if it.found is None}
        await admin.create([plan for plan in plans if plan.name in missing])
        left = await admin.settled(plans)
        # Once more: somebody else may have made a topic in between.
        _refuse_conflicts(left, "topics that were missing have been created")
        return Applied([plan.name for plan in plans if plan.name in missing], left)


def _refuse_conflicts(differences: Sequence[Difference], what_happened: str) -> None:
    conflicts = [it for it in differences if it.found is not None and it.what in _CONFLICTS]
    if conflicts:
        raise TopicConflictError(f"{'; '.join(map(str, conflicts))}; {what_happened}")


class _Admin:
    """The admin client, with its answers checked: it returns error codes and raises nothing."""

    def __init__(self, connection: Connection) -> None:
        self._servers = ", ".join(connection.servers)
        self._client = AIOKafkaAdminClient(
            **connection.aiokafka(), client_id="holdwatch-topics", request_timeout_ms=_ANSWER_SECONDS * 1000
        )

    async def __aenter__(self) -> Self:
        try:
            await self._client.start()
        except KafkaError as error:
            await self._client.close()
            raise TransientError(
                f"kafka: no broker answers at {self._servers}, or it refuses this user or certificate"
            ) from error
        return self

    async def __aexit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        await self._client.close()
        if isinstance(error, KafkaError):
            raise TransientError(f"kafka: {type(error).__name__}: {error}") from error

    async def differences(self, plans: Sequence[Plan]) -> list[Difference]:
        """Return what is not as planned, in the order of the plans."""
        shapes = await self._shapes([plan.name for plan in plans])
        settings = await self._settings(list(shapes))
        found: list[Difference] = []
        for plan in plans:
            if plan.name not in shapes:
                found.append(Difference(plan.name, "topic", "present", None))
                continue
            partitions, replication = shapes[plan.name]
            pairs: list[tuple[str, object, object]] = [
                (_PARTITIONS, plan.partitions, partitions),
                (_REPLICATION, plan.replication, replication),
            ]
            pairs += [(key, asked, settings[plan.name].get(key)) for key, asked in plan.settings.items()]
            found += [Difference(plan.name, what, str(a), str(f)) for what, a, f in pairs if str(a) != str(f)]
        return found

    async def settled(self, plans: Sequence[Plan]) -> list[Difference]:
        """Return what is not as planned once all topics are seen: a broker learns of a new one a little later.

        Raises:
            TransientError: a topic that was created is still not seen after half a minute.
        """
        until = asyncio.get_running_loop().time() + _SEEN_SECONDS
        left = await self.differences(plans)
        while any(it.found is None for it in left):
            if asyncio.get_running_loop().time() > until:
                raise TransientError("kafka: topics were created and are not seen yet")
            await asyncio.sleep(_LOOK_SECONDS)
            left = await self.differences(plans)
        return left

    async def create(self, plans: Iterable[Plan]) -> None:
        """Create topics. Somebody else creating the same one meanwhile is no error: it is compared afterwards."""
        asked = [NewTopic(plan.name, plan.partitions, plan.replication, topic_configs=plan.settings) for plan in plans]
        if not asked:
            return
        answer = await self._client.create_topics(asked)
        for name, code, message in answer.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise TransientError(f"kafka: {name} was not created: {error.__name__}: {message or 'no reason given'}")

    async def _shapes(self, names: list[str]) -> dict[str, tuple[int, int]]:
        """Return partitions and least replication of those topics that exist."""
        shapes = {}
        for topic in await self._client.describe_topics(names):
            error = for_code(topic["error_code"])
            if error is UnknownTopicOrPartitionError:
                continue
            if topic["error_code"]:
                raise TransientError(f"kafka: {topic['topic']}: {error.__name__}")
            partitions = topic["partitions"]
            shapes[topic["topic"]] = (len(partitions), min(len(part["replicas"]) for part in partitions))
        return shapes

    async def _settings(self, names: list[str]) -> dict[str, dict[str, str]]:
        """Return the settings in force, defaults included."""
        if not names:
            return {}
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        settings: dict[str, dict[str, str]] = {}
        for answer in await self._client.describe_configs(asked):
            for resource in answer.to_object()["resources"]:
                if resource["error_code"]:
                    raise TransientError(
                        f"kafka: {resource['resource_name']}: {for_code(resource['error_code']).__name__}"
                    )
                entries: list[dict[str, Any]] = resource["config_entries"]
                settings[resource["resource_name"]] = {it["config_names"]: it["config_value"] for it in entries}
        return settings
