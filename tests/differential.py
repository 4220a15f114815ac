"""Runs a history through the product and through the independent oracle, and compares what they say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from integration.audit.entry import text_of
from integration.audit.merkle import Tree
from integration.domain.agencies import Directory
from integration.domain.parameters import Parameters, charge_key
from integration.policy.pack import Pack, load
from integration.runners.replay import replay
from integration.services.desk import Desk
from integration.services.intake import Input, Tally
from integration.services.ports import FindingRow
from integration.services.recorder import Recorder, salts_of_content
from tests.memory_store import MemoryStore
from tests.oracle.histories import PARAMS

SECOND = 1_000_000


def test_pack() -> Pack:
    """A shipped pack with the oracle's parameters."""
    pack = load("ma-welcoming-community")
    ours: Parameters = replace(
        pack.parameters,
        release_processing_detainer=PARAMS["release_processing_detainer"] * SECOND,
        release_processing_other=PARAMS["release_processing_other"] * SECOND,
        warn_before=PARAMS["warn_before"] * SECOND,
        notice_within=PARAMS["notice_within"] * SECOND,
        require_warrant_verification=PARAMS["require_warrant_verification"],
        citation_offences=frozenset(map(charge_key, PARAMS["citation_offences"])),
        identification_bases=frozenset(map(charge_key, PARAMS["identification_bases"])),
        immigration_authorities=Directory(
            names=tuple(PARAMS["immigration_names"]), oris=frozenset(PARAMS["immigration_oris"])
        ),
    )
    return replace(pack, parameters=ours)


test_pack.__test__ = False  # type: ignore[attr-defined]


def run(events: list[dict[str, Any]], pack: Pack, *, until: int | None = None) -> tuple[MemoryStore, Tally]:
    """Replay a history over a store in memory."""
    store = MemoryStore()
    desk = Desk(store, Recorder(Tree(), salts_of_content), lambda _source, _at: pack, place="replay")
    inputs = [Input(f"history:{number}", orjson.dumps(event)) for number, event in enumerate(events, start=1)]
    return store, replay(inputs, desk, until=until)


def listed(rows: list[FindingRow]) -> list[dict[str, Any]]:
    """Open and resolved findings in the oracle's form."""
    found = [
        {
            "finding_id": row.finding_id,
            "rule": row.rule,
            "about": row.about,
            "source": row.source,
            "booking": row.booking,
            "since": text_of(row.since),
            "until": None if row.until is None else text_of(row.until),
            "status": row.status,
        }
        for row in rows
        if row.status != "withdrawn"
    ]
    return sorted(found, key=lambda row: (row["source"], row["booking"], row["rule"], row["since"], row["about"]))


def taken_by(store: MemoryStore, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events less the moves that the product has refused, as it may where moves go round; nothing else may be."""
    return [e for e in events if (e["source"], e["id"]) in store.inbox or e["type"] != "jail.booking.moved.v1"]


def moment(instant: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)
