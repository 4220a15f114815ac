"""A whole log, row by row: order, sealing, root, checkpoint and history, in memory that does not grow with it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from integration.audit.verify.model import Head, Problems, Report, What
from integration.audit.verify.note import read_checkpoint
from integration.audit.verify.order import Order
from integration.audit.verify.row import Checked, Row, check
from integration.audit.verify.seals import Seals
from integration.audit.verify.tree import HASH_BYTES, Stack

MAX_LINE_BYTES: Final = 16 * 1024 * 1024
_TILE: Final = 256
_UNREADABLE: Final = bytes(HASH_BYTES)

StoredTile = Callable[[int], bytes | None]
"""Gives the stored leaf hashes of the n-th 256 entries, concatenated, or None where there are none."""


class Walk:
    """Takes checked rows one after the other; `finish` compares them with the checkpoint.

    Args:
        head: The verified checkpoint, or None where there is none to compare with.
        earlier: Earlier verified checkpoints of the same log.
    """

    def __init__(self, head: Head | None, earlier: Sequence[Head] = ()) -> None:
        self.head = head
        self.earlier = sorted(earlier, key=lambda h: h.size)
        self.problems = Problems()
        self._marks = {h.size for h in (*earlier, head) if h is not None}
        self._stack = Stack()
        self._roots: dict[int, bytes] = {0: self._stack.root()}
        self._order = Order()
        self._seals = Seals()

    def copy(self) -> "Walk":
        """Return an independent walk at the same row."""
        twin = Walk(self.head, self.earlier)
        twin.problems, twin._stack, twin._roots = self.problems.copy(), self._stack.copy(), self._roots.copy()
        twin._order, twin._seals = self._order.copy(), self._seals.copy()
        return twin

    def add(self, row: Checked) -> None:
        """Take the next row."""
        index = self._order.place(row.index)
        for what, text in row.problems:
            self.problems.add(what, index, text)
        if row.sealed:
            self._seals.sealed.add(index)
        elif row.seals is not None:
            self._seals.name(row.seals, index, self.problems)
        self._stack.push(row.leaf_hash or _UNREADABLE)
        if self._stack.count in self._marks:
            self._roots[self._stack.count] = self._stack.root()

    def finish(self) -> Report:
        """Compare with the checkpoints, and say what was found."""
        problems, count = self.problems, self._stack.count
        notes: list[str] = []
        self._order.report(problems)
        anchored = count if self.head is None else self.head.size
        notes += self._seals.report(anchored, problems)
        self._history()
        root = None
        if self.head is not None:
            root = self._against(self.head)
            if count > self.head.size:
                notes.append(f"unanchored tail: {count - self.head.size} entries")
        return Report(count, root, self.head, problems.sorted(), problems.unlisted, tuple(notes))

    def _history(self) -> None:
        count = self._stack.count
        for head in self.earlier:
            if head.size > count:
                text = f"an earlier checkpoint covers {head.size} entries, {count} are here"
                self.problems.add(What.HISTORY, count, text, until=head.size)
            elif self._roots[head.size] != head.root:
                text = f"the first {head.size} entries are not those of an earlier checkpoint"
                self.problems.add(What.HISTORY, self._good_until(head.size), text, until=head.size)

    def _against(self, head: Head) -> bytes | None:
        count = self._stack.count
        if count < head.size:
            text = f"the checkpoint covers {head.size} entries, {count} are here"
            self.problems.add(What.SIZE, count, text, until=head.size)
            return None
        root = self._roots[head.size]
        if root != head.root:
            start = self._good_until(head.size)
            bad = [h.size for h in self.earlier if start < h.size < head.size and self._differs(h)]
            self.problems.add(What.ROOT, start, "the root is not the checkpoint's", until=min(bad, default=head.size))
        return root

    def _differs(self, head: Head) -> bool:
        return self._roots.get(head.size) != head.root

    def _good_until(self, size: int) -> int:
        """The largest earlier checkpoint below ``size`` whose root is right: the fault lies after it."""
        return max((h.size for h in self.earlier if h.size < size and not self._differs(h)), default=0)


def verify_rows(
    rows: Iterable[Row | bytes],
    checkpoint: bytes | None,
    vkey: str,
    *,
    earlier: Sequence[bytes] = (),
    others: Sequence[str] = (),
    stored: StoredTile | None = None,
) -> Report:
    """Verify a log given as lines of ``audit.jsonl`` or as stored rows.

    Args:
        rows: In log order.
        checkpoint: The signed checkpoint; None says that there is none, which is a problem.
        vkey: The log's verifier key.
        earlier: Signed checkpoints somebody kept: the log must still contain what they cover.
        others: Earlier keys of the log, one of which may have signed an earlier checkpoint.
        stored: The leaf hashes a store keeps in its tiles, to locate a changed leaf exactly.
    """
    early = Problems()
    head = _head(checkpoint, (vkey,), "checkpoint", early)
    keys = (vkey, *others)
    heads = [h for n, note in enumerate(earlier) if (h := _head(note, keys, f"earlier checkpoint {n}", early))]
    walk = Walk(head, heads)
    walk.problems = early
    checked = map(check, rows)
    for row in checked if stored is None else _compared(checked, stored):
        walk.add(row)
    return walk.finish()


def _head(note: bytes | None, keys: Sequence[str], name: str, problems: Problems) -> Head | None:
    if note is None:
        problems.add(What.CHECKPOINT, None, f"{name}: there is none")
        return None
    faults = []
    for key in keys:
        try:
            return read_checkpoint(note, key)
        except ValueError as fault:
            faults.append(fault)
    problems.add(What.CHECKPOINT, None, f"{name}: {faults[0]}")
    return None


def _compared(rows: Iterable[Checked], stored: StoredTile) -> Iterator[Checked]:
    tile = b""
    for position, row in enumerate(rows):
        number, offset = divmod(position, _TILE)
        if offset == 0:
            tile = stored(number) or b""
        expected = tile[offset * HASH_BYTES : (offset + 1) * HASH_BYTES]
        if expected and row.leaf_hash is not None and expected != row.leaf_hash:
            fault = (What.TILE, "the leaf is not the one whose hash is stored in the tree")
            yield replace(row, problems=(*row.problems, fault))
        else:
            yield row


def read_lines(path: Path) -> Iterator[bytes]:
    """Read the lines of ``audit.jsonl``; an endless one is cut, and then refused as a row."""
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE_BYTES):
            yield line


def verify_directory(
    directory: Path,
    *,
    vkey: str | None = None,
    earlier: Sequence[bytes] = (),
    others: Sequence[str] = (),
    stored: StoredTile | None = None,
) -> Report:
    """Verify ``audit.jsonl``, ``checkpoint`` and ``vkey`` of a directory.

    Args:
        directory: Where they lie.
        vkey: The log's verifier key from another place; without it the one in the directory is believed, which
            finds accidents but not a forger who wrote a key of his own there.
        earlier: See `verify_rows`.
        others: See `verify_rows`.
        stored: See `verify_rows`.
    """
    problems = Problems()
    files: dict[str, bytes] = {}
    for name in ("checkpoint", "vkey"):
        try:
            files[name] = (directory / name).read_bytes()
        except OSError:
            if name != "vkey" or vkey is None:
                problems.add(What.MISSING_FILE, None, f"{name} cannot be read")
    if not (directory / "audit.jsonl").is_file():
        problems.add(What.MISSING_FILE, None, "audit.jsonl cannot be read")
        return Report(0, None, None, problems.sorted())
    key = vkey if vkey is not None else files.get("vkey", b"").decode(errors="replace")
    report = verify_rows(
        read_lines(directory / "audit.jsonl"),
        files.get("checkpoint"),
        key,
        earlier=earlier,
        others=others,
        stored=stored,
    )
    notes = report.notes if vkey is not None else (*report.notes, "the key was taken from the log's own folder")
    return replace(report, problems=(*problems.sorted(), *report.problems), notes=notes)
