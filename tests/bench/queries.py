"""A log of ten million entries: does intake stay as fast, and how long does a search in it take?

The log is built by the product's own writer, committed by its own store; only the events behind it are left out.
Queries are those that the commands and a console ask. One whose plan goes through the whole table is asked again
with the index that would serve it, and what the index costs is measured.
"""

import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text

from integration.audit.merkle import Tree
from integration.runners.memory import tune_collector
from integration.services.ports import Changes
from integration.services.recorder import Recorder, random_salts
from integration.store.queries import Records
from integration.store.sql_store import SqlStore
from tests.bench.desks import Served
from tests.bench.feed import event as line
from tests.bench.log_entries import entry, finding
from tests.bench.questions import Query, queries
from tests.bench.section import Options, Section, main, milliseconds, quantile, rate, table, tell

AT_ONCE = 20_000
OPEN_FINDINGS = 2_000
TOO_LONG = 0.1
"""Seconds."""
LONGEST = 15.0
"""Seconds that one query may be repeated."""


def grow(store: SqlStore, to: int) -> float:
    """Let the log grow to a size; returns entries per second."""
    size = store.tree_size()
    recorder = Recorder(Tree.restore(size, store.tile), random_salts)
    started, first = time.perf_counter(), size
    while size < to:
        last = min(size + AT_ONCE, to)
        changes = Changes()
        for number in range(size, last):
            written = entry(number)
            recorder.write(written)
            if written.kind == "finding.raised":
                changes.findings.append(finding(number, is_open=number > to - 33 * OPEN_FINDINGS))
        recorder.fill(changes)
        store.commit(changes)
        recorder.committed()
        if last // 1_000_000 > size // 1_000_000:
            tell(f"{last:,} entries")
        size = last
    return (to - first) / (time.perf_counter() - started)


def opened(first: int, count: int) -> Iterator[bytes]:
    at = datetime.now(UTC)
    for number in range(first, first + count):
        yield line(number, number, "booking.opened", at, {})


def intake_rate(folder: Path, first: int, count: int) -> float:
    """Return how many events per second a service takes in that continues this log."""
    with Served(folder) as served:
        return count / served.take(list(opened(first, count))).wall


def times(records: Records, query: Query, repeats: int) -> list[float]:
    chance = random.Random(3)
    taken: list[float] = []
    while len(taken) < repeats and (len(taken) < 3 or sum(taken) < LONGEST):
        started = time.perf_counter()
        query.ask(records, chance)
        taken.append(time.perf_counter() - started)
    return taken


def plan_of(engine: Engine, query: Query) -> str:
    """Say how SQLite goes about a query: its own words for the table that it reads."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        query.ask(Records(engine), random.Random(3))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {seen[-1][0]}", seen[-1][1]).all()
    return "; ".join(step[-1] for step in steps)


def needs_index(query: Query, plan: str, taken: list[float]) -> bool:
    """Tell whether a query goes through a whole table: by its plan, or because what it looks for is far away."""
    whole = plan.startswith("SCAN") and "USING INDEX" not in plan
    return bool(query.index) and (whole or quantile(taken, 0.95) > TOO_LONG)


def add_index(engine: Engine, columns: str) -> tuple[float, float]:
    """Build an index; returns seconds and MB."""
    name = "bench_" + "_".join(columns.replace("(", "").replace(")", "").replace(",", "").split())
    before = _pages(engine)
    started = time.perf_counter()
    with engine.begin() as connection:
        connection.execute(text(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}"))
    return time.perf_counter() - started, (_pages(engine) - before) * _page_size(engine) / 2**20


def _pages(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())


def _page_size(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())


def measure(options: Options) -> Section:
    sizes, count, repeats = ((2_000, 10_000), 500, 5) if options.quick else ((1_000_000, 10_000_000), 10_000, 100)
    tune_collector()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        rates = [("0", rate(intake_rate(folder, 0, count)))]
        for number, size in enumerate(sizes, start=1):
            with Served(folder) as served:
                grown = grow(served.store, size)
            tell("intake")
            rates.append((f"{size:,}", rate(intake_rate(folder, number * count, count))))
        file = sum(path.stat().st_size for path in folder.iterdir()) / 2**30
        with Served(folder) as served:
            searched, figures = _searched(served.store.engine, sizes[-1], repeats)
            slower = grow(served.store, sizes[-1] + 5 * count)
    words = (
        f"A log of {sizes[-1]:,} entries, {file:.1f} GB on SQLite, {OPEN_FINDINGS:,} of its findings open."
        f" It was written at {rate(grown)} entries/s (batches of {AT_ONCE:,}, no events behind them);"
        f" with the indexes below, at {rate(slower)}."
    )
    already = table(("entries already there", f"intake of {count:,} new bookings, events/s"), rates)
    return Section("A log of ten million entries", f"{words}\n\n{already}\n\n{searched}", figures)


def _searched(engine: Engine, size: int, repeats: int) -> tuple[str, dict[str, float]]:
    records = Records(engine)
    asked = queries(size)
    plans = {query.name: plan_of(engine, query) for query in asked}
    first = {}
    for query in asked:
        tell(query.name)
        first[query.name] = times(records, query, repeats)
    wanted = [query for query in asked if needs_index(query, plans[query.name], first[query.name])]
    costs = {}
    for columns in dict.fromkeys(query.index for query in wanted):
        tell(f"index on {columns}")
        costs[columns] = add_index(engine, columns)
    again = {query.name: times(records, query, repeats) for query in wanted}
    rows = []
    for query in asked:
        better = again.get(query.name)
        rows.append(
            (
                query.name,
                *(milliseconds(quantile(first[query.name], share)) for share in (0.5, 0.95)),
                f"`{plans[query.name]}`",
                *(milliseconds(quantile(better, share)) if better else "" for share in (0.5, 0.95)),
            )
        )
    headings = ("query", "p50, ms", "p95, ms", "plan today", "p50 with the index, ms", "p95, ms")
    answers = table(headings, rows)
    indexes = "\n\nNo query goes through a whole table."
    if costs:
        built = [(f"`{columns}`", f"{seconds:.1f}", f"{size:,.0f}") for columns, (seconds, size) in costs.items()]
        indexes = "\n\nIndexes that would serve what goes through the whole table:\n\n" + table(
            ("index", "seconds to build", "MB"), built
        )
    figures = {
        "search_p95": max(quantile(taken, 0.95) for taken in first.values()),
        "search_p95_indexed": max(quantile(again.get(name, taken), 0.95) for name, taken in first.items()),
        "board_p95": quantile(first["the board: open findings"], 0.95),
    }
    return answers + indexes, figures


if __name__ == "__main__":
    main(measure, __doc__)
