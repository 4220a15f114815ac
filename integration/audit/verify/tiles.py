"""An exported directory (C2SP tlog-tiles): every tile derived again from the entry bundles."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from integration.audit.verify.model import Head, Problems, Report, What
from integration.audit.verify.note import read_checkpoint
from integration.audit.verify.row import Row, check
from integration.audit.verify.tree import HASH_BYTES, Stack, hash_leaf

_WIDTH: Final = 256


def verify_tiles(directory: Path, vkey: str) -> Report:
    """Verify an exported directory: bundles against tiles, tiles against each other and against the checkpoint.

    Args:
        directory: Holds ``checkpoint`` and ``tile/``.
        vkey: The log's verifier key.
    """
    problems = Problems()
    try:
        head = read_checkpoint((directory / "checkpoint").read_bytes(), vkey)
    except OSError:
        problems.add(What.MISSING_FILE, None, "checkpoint cannot be read")
        return Report(0, None, None, problems.sorted())
    except ValueError as fault:
        problems.add(What.CHECKPOINT, None, f"checkpoint: {fault}")
        return Report(0, None, None, problems.sorted())
    stack = Stack()
    roots: list[bytes] = []
    for number in range(-(-head.size // _WIDTH)):
        hashes = _bundle(directory, number, head.size, problems)
        _compare(directory, 0, number, hashes, problems)
        for digest in hashes:
            stack.push(digest)
        if len(hashes) == _WIDTH:
            roots.append(_root(hashes))
    if stack.count == head.size:  # with a bundle missing, nothing above would lie where it belongs
        _upper(directory, roots, problems)
    root = _whole(stack, head, problems)
    return Report(stack.count, root, head, problems.sorted(), problems.unlisted)


def _upper(directory: Path, roots: list[bytes], problems: Problems) -> None:
    level = 1
    while roots:
        # A level's hashes are the roots of the full tiles below it; only full tiles go up again.
        tiles = [roots[i : i + _WIDTH] for i in range(0, len(roots), _WIDTH)]
        for number, hashes in enumerate(tiles):
            _compare(directory, level, number, hashes, problems)
        roots = [_root(hashes) for hashes in tiles if len(hashes) == _WIDTH]
        level += 1


def _whole(stack: Stack, head: Head, problems: Problems) -> bytes | None:
    if stack.count != head.size:
        problems.add(What.SIZE, None, f"the checkpoint covers {head.size} entries, {stack.count} can be read")
        return None
    root = stack.root()
    if root != head.root:
        problems.add(What.ROOT, 0, "the root is not the checkpoint's", until=head.size)
    return root


def _root(hashes: list[bytes]) -> bytes:
    stack = Stack()
    for digest in hashes:
        stack.push(digest)
    return stack.root()


def _file(directory: Path, level: str, number: int, width: int) -> Path:
    digits = str(number).zfill(-(-len(str(number)) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = directory.joinpath("tile", level, *(f"x{group}" for group in groups[:-1]), groups[-1])
    # A partial tile may be gone once the full one is there (tlog-tiles, "Partial Tiles").
    return path if width == _WIDTH or path.exists() else path.with_name(path.name + ".p") / str(width)


def _bundle(directory: Path, number: int, size: int, problems: Problems) -> list[bytes]:
    """Return the leaf hashes of a bundle."""
    start = number * _WIDTH
    width = min(_WIDTH, size - start)
    try:
        data = _file(directory, "entries", number, width).read_bytes()
    except OSError:
        problems.add(What.MISSING_FILE, start, f"entry bundle {number} cannot be read", until=start + width)
        return []
    leaves, rest = _leaves(data)
    if len(leaves) not in (width, _WIDTH) or rest:
        text = f"entry bundle {number} does not hold exactly {width} entries"
        problems.add(What.MALFORMED_ROW, start + min(len(leaves), width - 1), text, until=start + width)
    for offset, leaf in enumerate(leaves[:width]):
        for what, text in check(Row(start + offset, leaf, None, None)).problems:
            problems.add(what, start + offset, text)
    return [hash_leaf(leaf) for leaf in leaves[:width]]


def _leaves(data: bytes) -> tuple[list[bytes], bytes]:
    """Cut a bundle into leaf data; the second is what is left at its end and should be empty."""
    leaves: list[bytes] = []
    position = 0
    while position + 2 <= len(data):
        end = position + 2 + int.from_bytes(data[position : position + 2], "big")
        if end > len(data):
            break
        leaves.append(data[position + 2 : end])
        position = end
    return leaves, data[position:]


def _compare(directory: Path, level: int, number: int, hashes: list[bytes], problems: Problems) -> None:
    if not hashes:
        return
    span = _WIDTH**level
    start = number * _WIDTH * span
    try:
        stored = _file(directory, str(level), number, len(hashes)).read_bytes()
    except OSError:
        text = f"tile {level}/{number} cannot be read"
        problems.add(What.MISSING_FILE, start, text, until=start + len(hashes) * span)
        return
    for offset, digest in enumerate(hashes):
        if stored[offset * HASH_BYTES : (offset + 1) * HASH_BYTES] != digest:
            first = start + offset * span
            text = f"hash {offset} of tile {level}/{number} is not that of the entries below it"
            problems.add(What.TILE, first, text, until=first + span)
    if len(stored) not in (len(hashes) * HASH_BYTES, _WIDTH * HASH_BYTES):
        problems.add(What.TILE, start, f"tile {level}/{number} has the wrong length", until=start + span)


def stored_leaf_hashes(directory: Path, size: int) -> Callable[[int], bytes | None]:
    """Return what gives the leaf hashes an exported directory has for the n-th 256 entries (see `verify_rows`).

    Args:
        directory: Holds ``tile/``.
        size: How many entries the checkpoint covers.
    """

    def read(number: int) -> bytes | None:
        width = min(_WIDTH, size - number * _WIDTH)
        try:
            return _file(directory, "0", number, width).read_bytes() if width > 0 else None
        except OSError:
            return None

    return read
