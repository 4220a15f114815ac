"""One changed bit, anywhere in an exported folder or in any cell of a database: is it found, and found there?"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from integration.audit.merkle import Tile
from integration.audit.verify import Problem, What
from integration.cli.verifying import verify_folder
from integration.services.ports import DecisionRow
from integration.services.verification import Kept, verify_kept
from tests.audit.logs import KEY, log_of
from tests.tampering.sites import Database, write_export

WHOLE = {What.ROOT, What.SIZE, What.HISTORY}
"""Problems that only say that something is wrong somewhere."""
WIDTH = 256


class Outcome(NamedTuple):
    what: str
    found: bool
    located: bool
    told: str = ""


class Count:
    """Found and located of total, by class; and what was not."""

    def __init__(self) -> None:
        self.total: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.located: Counter[str] = Counter()
        self.missed: list[str] = []

    def add(self, outcome: Outcome) -> None:
        self.total[outcome.what] += 1
        self.found[outcome.what] += outcome.found
        self.located[outcome.what] += outcome.found and outcome.located
        if not (outcome.found and outcome.located):
            self.missed.append(f"{outcome.what}: {outcome.told}")

    def join(self, other: "Count") -> None:
        self.total += other.total
        self.found += other.found
        self.located += other.located
        self.missed += other.missed


def names(problems: Sequence[Problem], first: int, last: int) -> bool:
    """Whether any problem names a place in [first, last)."""
    exact = [each for each in problems if each.index is not None and each.what not in WHOLE]
    return any(each.index < last and first < (each.until or each.index + 1) for each in exact if each.index is not None)


# -- an exported folder ------------------------------------------------------------------------------------------------


def entries_at(folder: Path, name: str, position: int, data: bytes) -> tuple[int, int] | None:
    """The entries that a byte of a file of the export belongs to; None for the checkpoint."""
    if name == "checkpoint":
        return None
    if name == "audit.jsonl":
        row = data.count(b"\n", 0, position)
        return row, row + 1
    _, level, *rest = name.split("/")
    tile = int(rest[0].removesuffix(".p"))
    if level != "entries":
        span = WIDTH ** int(level)
        first = tile * WIDTH * span + position // 32 * span
        return first, first + span
    entry, at = tile * WIDTH, 0
    while at + 2 + int.from_bytes(data[at : at + 2], "big") <= position:
        at += 2 + int.from_bytes(data[at : at + 2], "big")
        entry += 1
    return entry, entry + 1


def flip_folder(folder: Path, files: Sequence[str], dice: random.Random) -> Outcome:
    """Change one bit, or one byte, of one file; verify; put it back."""
    sizes = [(folder / name).stat().st_size for name in files]
    name = dice.choices(files, sizes)[0] if dice.random() < 0.6 else dice.choice(files)
    path = folder / name
    before = path.read_bytes()
    position, mask = dice.randrange(len(before)), dice.choice((1 << dice.randrange(8), dice.randrange(1, 256)))
    after = bytearray(before)
    after[position] ^= mask
    path.write_bytes(after)
    report = verify_folder(folder, KEY.vkey, []).report
    path.write_bytes(before)
    place = entries_at(folder, name, position, before)
    if place is None:
        located = any(each.what is What.CHECKPOINT for each in report.problems)
    else:
        located = names(report.problems, *place)
    kind = "/".join(name.split("/")[:2]) if "/" in name else name
    return Outcome(kind, not report.ok, located, f"{name} byte {position} mask {mask} of {len(before)}")


def folder_flips(work: Path, seed: int, flips: int) -> Count:
    """Flips over exports of several sizes."""
    dice, count = random.Random(f"folder{seed}"), Count()
    sizes = (1, 7, 20, 40, 64, 300) if seed % 4 else (300, 520)
    for turn, size in enumerate(sizes):
        folder = work / f"export-{seed}-{size}"
        write_export(folder, log_of(size))
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
        files.remove("vkey")  # the published key is given: the one beside the log is not looked at
        for _ in range(flips // len(sizes) + (turn < flips % len(sizes))):
            count.add(flip_folder(folder, files, dice))
    return count


# -- a database --------------------------------------------------------------------------------------------------------


def flipped(value: Any, dice: random.Random) -> Any:
    """The value with one bit of it changed."""
    if value is None:
        return dice.choice((0, "x", b"\0"))
    if isinstance(value, int):
        return value ^ (1 << dice.randrange(48))
    if isinstance(value, bytes):
        data = bytearray(value or b"\0")
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        return bytes(data) if value else b"\1"
    raw = bytearray(value.encode() or b"x")
    while value:
        raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(7)
        text = raw.decode(errors="replace")
        if text != value:
            return text
    return "x"


def cells(kept: Kept) -> Iterator[tuple[str, int, int]]:
    """(table, row, column) of every cell that verification reads."""
    tables = {"entries": kept.entries, "findings": kept.findings, "decisions": kept.decisions, "tiles": kept.tiles}
    for name, rows in tables.items():
        for number, row in enumerate(rows):
            for column in range(len(row)):  # type: ignore[arg-type]
                yield name, number, column
    for index in kept.sealed_leaves:
        yield "sealed_leaves", index, 0
    yield "log_state", 0, 0


def flip_cell(site: Database, cell: tuple[str, int, int], dice: random.Random) -> Outcome:
    """Change one bit of one cell and verify as the command does."""
    table, number, column = cell
    kept, expected = CHANGES.get(table, _change_row)(site.kept, cell, dice)
    report = verify_kept(kept, site.checkpoint, KEY.vkey, earlier=site.earlier)
    return Outcome(f"database {table}", not report.ok, expected(report.problems), f"row {number} column {column}")


Expected = Callable[[Sequence[Problem]], bool]


def _with(site_rows: Any, number: int, row: Any) -> list[Any]:
    rows = list(site_rows)
    rows[number] = row
    return rows


def _change_row(kept: Kept, cell: tuple[str, int, int], dice: random.Random) -> tuple[Kept, Expected]:
    table, number, column = cell
    rows = list(getattr(kept, table))
    row = rows[number]
    new = row._replace(**{row._fields[column]: flipped(row[column], dice)})
    rows[number] = new
    changed = Database(kept, b"", ()).with_rows(**{table: _sorted(table, rows)})
    if table == "entries":
        return changed, lambda problems: names(problems, number, number + 1)
    if table == "tiles":
        return changed, lambda problems: _names_tile(problems, row)
    key = row.request_id if isinstance(row, DecisionRow) else row.finding_id
    new_key = new.request_id if isinstance(new, DecisionRow) else new.finding_id
    return changed, lambda problems: any(
        each.what is What.PROJECTION and (key in each.text or new_key in each.text) for each in problems
    )


def _sorted(table: str, rows: list[Any]) -> list[Any]:
    # The database hands entries out by their index, and replaces none: a double one cannot be there.
    return sorted(rows, key=lambda row: row[0]) if table == "entries" else rows


def _names_tile(problems: Sequence[Problem], tile: Tile) -> bool:
    first, span = tile.number * WIDTH ** (tile.level + 1), WIDTH ** (tile.level + 1)
    return any(each.what is What.TILE for each in problems) and names(problems, first, first + span)


def _change_sealed(kept: Kept, cell: tuple[str, int, int], dice: random.Random) -> tuple[Kept, Expected]:
    index = cell[1]
    leaves = dict(kept.sealed_leaves)
    leaves[index] = flipped(leaves[index], dice)
    changed = Database(kept, b"", ()).with_rows(sealed_leaves=leaves)
    return changed, lambda problems: names(problems, index, index + 1)


def _change_size(kept: Kept, _cell: tuple[str, int, int], dice: random.Random) -> tuple[Kept, Expected]:
    changed = Database(kept, b"", ()).with_rows(size=flipped(kept.size, dice))
    return changed, lambda problems: any(each.what is What.SIZE for each in problems)


CHANGES: dict[str, Callable[..., tuple[Kept, Expected]]] = {"sealed_leaves": _change_sealed, "log_state": _change_size}


def database_flips(sites: Sequence[Database], seed: int, flips: int) -> Count:
    """Flips over the cells of databases: each table gets its share, so that small ones are not forgotten."""
    dice, count = random.Random(f"database{seed}"), Count()
    for number in range(flips):
        # The larger database has full tiles; verifying it takes longer.
        site = sites[-1] if number % 5 == 0 else sites[number % (len(sites) - 1)]
        by_table = _cells_of(site)
        weights = {"entries": 6, "findings": 3, "decisions": 2, "tiles": 2, "sealed_leaves": 1, "log_state": 0.2}
        table = dice.choices(list(by_table), [weights[name] for name in by_table])[0]
        count.add(flip_cell(site, dice.choice(by_table[table]), dice))
    return count


_KNOWN: dict[int, dict[str, list[tuple[str, int, int]]]] = {}


def _cells_of(site: Database) -> dict[str, list[tuple[str, int, int]]]:
    if id(site) not in _KNOWN:
        known: dict[str, list[tuple[str, int, int]]] = {}
        for cell in cells(site.kept):
            known.setdefault(cell[0], []).append(cell)
        _KNOWN[id(site)] = known
    return _KNOWN[id(site)]
