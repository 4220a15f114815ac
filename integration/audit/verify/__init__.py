"""The verifier: shares no code with the writer, so that one mistake cannot hide in both.

It uses the standard library and Ed25519 from cryptography, and nothing of this product outside this folder.
"""

from integration.audit.verify.handover import Followed, Rotation, follow, read_rotations
from integration.audit.verify.log import Walk, read_lines, verify_directory, verify_rows
from integration.audit.verify.model import Head, Problem, Report, What
from integration.audit.verify.note import read_checkpoint
from integration.audit.verify.proof import verify_consistency, verify_inclusion, verify_proof
from integration.audit.verify.row import Checked, Row, check
from integration.audit.verify.tiles import stored_leaf_hashes, verify_tiles

__all__ = [
    "Checked",
    "Followed",
    "Head",
    "Problem",
    "Report",
    "Rotation",
    "Row",
    "Walk",
    "What",
    "check",
    "follow",
    "read_checkpoint",
    "read_lines",
    "read_rotations",
    "stored_leaf_hashes",
    "verify_consistency",
    "verify_directory",
    "verify_inclusion",
    "verify_proof",
    "verify_rows",
    "verify_tiles",
]
