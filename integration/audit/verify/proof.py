"""Proofs handed out for single entries: ``.tlog-proof`` (C2SP tlog-proof), inclusion and consistency."""

from collections.abc import Sequence
from typing import Final

from integration.audit.verify.model import Head, Problems, Report, What
from integration.audit.verify.note import NoteFault, exact_base64, exact_decimal, read_checkpoint
from integration.audit.verify.row import Row, check
from integration.audit.verify.tree import HASH_BYTES, consistency_holds, hash_leaf, inclusion_holds

_HEADER: Final = b"c2sp.org/tlog-proof@v1"
_MAX_PATH: Final = 63


def verify_inclusion(index: int, head: Head, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether leaf data is entry ``index`` of the checkpoint's tree."""
    return inclusion_holds(index, head.size, hash_leaf(leaf), proof, head.root)


def verify_consistency(old: Head, new: Head, proof: Sequence[bytes]) -> bool:
    """Say whether the tree of ``new`` extends that of ``old``."""
    return old.origin == new.origin and consistency_holds(old.size, new.size, old.root, new.root, proof)


def verify_proof(
    proof: bytes, vkey: str, leaf: bytes, *, salt: bytes | None = None, body: bytes | None = None
) -> Report:
    """Verify a ``.tlog-proof`` for leaf data and, where they are given, that salt and body are behind the leaf.

    Args:
        proof: The file's bytes.
        vkey: The log's verifier key.
        leaf: The leaf data.
        salt: The salt, for an entry that is not sealed.
        body: The entry's canonical JSON.
    """
    problems = Problems()
    index, head = None, None
    try:
        index, path, note = _parse(proof)
        head = read_checkpoint(note, vkey)
        if not verify_inclusion(index, head, leaf, path):
            problems.add(What.PROOF, index, "the proof does not lead from the leaf to the checkpoint's root")
    except NoteFault as fault:
        problems.add(What.PROOF, index, str(fault))
    for what, text in check(Row(index or 0, leaf, salt, body)).problems:
        problems.add(what, index, text)
    return Report(1, None, head, problems.sorted())


def _parse(proof: bytes) -> tuple[int, list[bytes], bytes]:
    first, gap, note = proof.partition(b"\n\n")
    lines = first.split(b"\n")
    if not gap or lines.pop(0) != _HEADER:
        raise NoteFault("this is not a tlog-proof of version 1")
    if lines and lines[0].startswith(b"extra "):
        exact_base64(lines.pop(0).removeprefix(b"extra "))
    if not lines or not lines[0].startswith(b"index "):
        raise NoteFault("the proof names no index")
    index = exact_decimal(lines.pop(0).removeprefix(b"index "))
    path = [exact_base64(line) for line in lines]
    if len(path) > _MAX_PATH or any(len(digest) != HASH_BYTES for digest in path):
        raise NoteFault("the proof's path is not made of SHA-256 hashes")
    return index, path, note
