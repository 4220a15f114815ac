"""From one key of a log to the next, step by step: which entries name a step, and which steps a verifier takes."""

import json
from typing import Any

import pytest

from integration.audit.note import SigningKey
from integration.audit.verify.handover import Followed, Rotation, follow, read_rotations

NAME = "audit.example/test"
A, B, C, D = (SigningKey.generate(NAME) for _ in range(4))
STEPS = [Rotation(3, A.vkey, B.vkey), Rotation(7, B.vkey, C.vkey), Rotation(9, C.vkey, D.vkey)]


def note(size: int, *signers: SigningKey) -> bytes:
    """A checkpoint of some tree of this size."""
    text = f"{NAME}\n{size}\n{'A' * 43}=\n"
    return f"{text}\n".encode() + b"".join(key.sign(text).rpartition(b"\n\n")[2] for key in signers)


FIRST, SECOND, THIRD = note(4, A, B), note(8, B, C), note(10, C, D)


def line(**changes: Any) -> bytes:
    return json.dumps({"kind": "key.rotated", "detail": {"old_vkey": "o", "new_vkey": "n"}} | changes).encode()


@pytest.mark.parametrize(
    ("body", "because"),
    [
        (None, "a sealed entry tells nothing"),
        (b'{"kind":"audit.read","detail":{}}', "of another kind"),
        (line(kind="audit.read", detail={"old_vkey": "o", "new_vkey": "n", "of": "key.rotated"}), "only speaks of one"),
        (b'"key.rotated" and no JSON', "no JSON"),
        (b'["key.rotated"]', "no entry"),
        (b'{"key.rotated":1}', "no kind"),
        (line(detail={"old_vkey": "o"}), "names no new key"),
        (line(detail={"new_vkey": "n"}), "names no old key"),
        (line(detail=["old_vkey"]), "a list"),
        (line(detail=None), "nothing"),
    ],
)
def test_an_entry_names_no_step_when_it_says_none_and_hides_none_behind_it(body, because):
    assert read_rotations([(4, body), (5, line())]) == [Rotation(5, "o", "n")], because


def test_entries_name_their_steps_in_the_order_of_the_log():
    assert read_rotations([(1, line()), (8, line(detail={"old_vkey": "n", "new_vkey": "p"}))]) == [
        Rotation(1, "o", "n"),
        Rotation(8, "n", "p"),
    ]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
@pytest.mark.parametrize(
    ("trusted", "notes", "led_to", "because"),
    [
        (A, (FIRST, SECOND, THIRD), Followed(D.vkey, (A.vkey, B.vkey, C.vkey), (FIRST, SECOND, THIRD)), "all the way"),
        (A, (THIRD, SECOND, FIRST), Followed(D.vkey, (A.vkey, B.vkey, C.vkey), (FIRST, SECOND, THIRD)), "in any order"),
        (A, (FIRST, THIRD), Followed(B.vkey, (A.vkey,), (FIRST,)), "a step that nobody signed is not passed over"),
        (A, (SECOND, THIRD), Followed(A.vkey, (), ()), "nor is the first"),
        (B, (SECOND, THIRD), Followed(D.vkey, (B.vkey, C.vkey, A.vkey), (SECOND, THIRD)), "from the middle"),
        (B, (), Followed(B.vkey, (A.vkey,), ()), "earlier keys are known without a signature"),
        (D, (FIRST,), Followed(D.vkey, (C.vkey, B.vkey, A.vkey), ()), "the newest first"),
    ],
)
def test_a_verifier_is_led_as_far_as_each_step_was_signed_by_both_keys(order, trusted, notes, led_to, because):
    assert follow(trusted.vkey, [STEPS[each] for each in order], notes) == led_to, because


def test_a_second_step_from_one_key_is_not_taken_when_the_first_was_not_signed():
    # because a log has one history: whoever took the old key later must not choose another way
    forged = Rotation(5, A.vkey, D.vkey)
    assert follow(A.vkey, [STEPS[0], forged], [note(6, A, D)]) == Followed(A.vkey, (), ())
    assert follow(A.vkey, [STEPS[0], forged], [FIRST, note(6, A, D)]).key == B.vkey


@pytest.mark.parametrize(
    ("handed", "taken", "because"),
    [
        (note(4, A, B), True, "it covers entry 3 and no more"),
        (note(4, B, A), True, "in another order"),
        (note(4, A, B, D), True, "a third signed too"),
        (note(99, A, B), True, "much later"),
        (note(3, A, B), False, "it does not cover the entry"),
        (note(4, A), False, "the new key did not sign"),
        (note(4, B), False, "the old key did not sign"),
        (note(4, A, D), False, "another key signed in the place of the new"),
        (b"", False, "nothing"),
    ],
)
def test_a_step_is_taken_when_both_keys_signed_what_covers_its_entry(handed, taken, because):
    assert (follow(A.vkey, STEPS[:1], [handed]).key == B.vkey) is taken, because
    # What is no handover hides none that stands behind it.
    assert follow(A.vkey, STEPS[:1], [handed, FIRST]).key == B.vkey
