"""What is done to whole rows of a log: runs deleted, rows swapped, inserted, chained anew, states rolled back."""

import random
from collections.abc import Sequence
from pathlib import Path

from integration.audit.checkpoint import sign_checkpoint
from integration.audit.entry import body, content_salt, jsonl_row, leaf
from integration.audit.note import SigningKey
from integration.audit.tiles import export
from integration.audit.verify import Checked, Problem, Report, Walk, What, check, read_checkpoint
from integration.cli.verifying import verify_folder
from tests.audit.logs import KEY, Log, entry, log_of, make_log
from tests.tampering.flips import Count, Outcome
from tests.tampering.sites import SPACING, write_export

SIZE = 200
STRANGER = SigningKey.generate(KEY.name)
"""Somebody else's key under the same name."""


def near(problems: Sequence[Problem], first: int, last: int) -> bool:
    """Whether a problem names [first, last), at most one distance between two kept checkpoints wide of it."""
    return any(
        each.index is not None
        and each.index < last
        and first < (each.until or each.index + 1)
        and (each.until or each.index + 1) - each.index <= last - first + SPACING
        for each in problems
    )


class Kept200:
    """A log of 200 entries, checked once, with the verifier's state before each row."""

    def __init__(self) -> None:
        self.log = log_of(SIZE)
        self.lines = self.log.lines()
        self.earlier = [self.log.head(at) for at in range(SPACING, SIZE, SPACING)]
        head = read_checkpoint(self.log.checkpoint, KEY.vkey)
        walk = Walk(head, [read_checkpoint(note, KEY.vkey) for note in self.earlier])
        self.checked = [check(line) for line in self.lines]
        self.states: list[Walk] = []
        for row in self.checked:
            self.states.append(walk.copy())
            walk.add(row)
        assert walk.finish().ok

    def report(self, first: int, rows: Sequence[Checked]) -> Report:
        """What the verifier says when the log goes on with other rows from ``first``."""
        walk = self.states[first].copy()
        for row in rows:
            walk.add(row)
        return walk.finish()


def deleted_runs(kept: Kept200, firsts: Sequence[int]) -> Count:
    """Every run of rows that starts at one of these."""
    count = Count()
    for first in firsts:
        for last in range(first, SIZE):
            problems = kept.report(first, kept.checked[last + 1 :]).problems
            places = {(each.index, each.until) for each in problems if each.what in (What.MISSING, What.SIZE)}
            count.add(Outcome("deleted run", bool(problems), (first, last + 1) in places, f"{first} to {last}"))
    return count


def forged(place: int, number: int = 5000) -> bytes:
    """A row that is right in itself, and was never logged."""
    text = body(entry(number))
    salt = content_salt(place, text)
    return jsonl_row(place, leaf(salt, text), salt, text)


def moved(kept: Kept200, dice: random.Random) -> Outcome:
    """Two rows exchanged as they are, or their contents under the old indexes."""
    first, second = sorted(dice.sample(range(SIZE), 2))
    rows, log = list(kept.checked), kept.log
    if dice.random() < 0.5:
        what = "swapped rows"
        rows[first], rows[second] = rows[second], rows[first]
    else:
        what = "swapped contents"
        for here, there in ((first, second), (second, first)):
            rows[here] = check(jsonl_row(here, log.leaves[there], log.salts[there], log.bodies[there]))
    problems = kept.report(first, rows[first:]).problems
    return Outcome(what, bool(problems), near(problems, first, second + 1), f"{first} {second}")


def inserted(kept: Kept200, dice: random.Random) -> Outcome:
    """A forged row, or one that stands elsewhere, put in; with the rows behind it numbered anew or not."""
    place = dice.randrange(SIZE)
    new = check(forged(place)) if dice.random() < 0.5 else kept.checked[dice.randrange(SIZE)]
    rest = kept.checked[place:]
    if dice.random() < 0.5:
        rows = enumerate(kept.lines[place:], start=place)
        rest = [check(line.replace(b'{"index":%d,' % at, b'{"index":%d,' % (at + 1))) for at, line in rows]
    problems = kept.report(place, [new, *rest]).problems
    return Outcome("inserted row", bool(problems), near(problems, place, place + 1), f"{place}")


def replaced(kept: Kept200, dice: random.Random) -> Outcome:
    """A row whose leaf was made anew for other contents, everything else left."""
    place = dice.randrange(SIZE)
    problems = kept.report(place, [check(forged(place)), *kept.checked[place + 1 :]]).problems
    return Outcome("replaced row", bool(problems), near(problems, place, place + 1), f"{place}")


# -- the whole folder written anew -------------------------------------------------------------------------------------


def chained_anew(work: Path, dice: random.Random, size: int) -> Outcome:
    """Every tile, bundle and row made again around one changed entry, by somebody without the key."""
    place = dice.randrange(size)
    old, new = log_of(size), make_log([entry(9000 if n == place else n) for n in range(size)])
    way = dice.choice(("old checkpoint", "old signature", "own key"))
    signatures = old.checkpoint.partition(b"\n\n")[2]
    if way == "old signature":
        new.checkpoint = new.checkpoint.partition(b"\n\n")[0] + b"\n\n" + signatures
    elif way == "own key":
        new.checkpoint = sign_checkpoint(KEY.name, size, new.tree.root(), STRANGER)
    folder = work / f"anew-{size}"
    write_export(folder, Log(new.bodies, new.salts, new.leaves, new.tree, _signed(new), KEY))
    (folder / "checkpoint").write_bytes(old.checkpoint if way == "old checkpoint" else new.checkpoint)
    earlier = [old.head(at) for at in range(SPACING, size, SPACING)]
    problems = verify_folder(folder, KEY.vkey, earlier).report.problems
    # An entry behind the last kept checkpoint is vouched for by nothing but the forged one, which is refused.
    located = near(problems, place, place + 1) or (
        place >= len(earlier) * SPACING and any(each.what is What.CHECKPOINT for each in problems)
    )
    return Outcome(f"chained anew, {way}", bool(problems), located, f"{place} of {size}")


def _signed(log: Log) -> bytes:
    return sign_checkpoint(KEY.name, log.tree.size, log.tree.root(), KEY)


def rolled_back(work: Path, dice: random.Random, size: int) -> Outcome:
    """An old state put back: with the newer checkpoint still there, or as a whole, against one kept elsewhere."""
    back, log = dice.randrange(1, size), log_of(size)
    old = log_of(back)
    folder = work / f"back-{size}-{back}"
    whole = dice.random() < 0.5
    old.checkpoint = log.head(back)
    folder.mkdir(parents=True, exist_ok=True)
    export(folder, old.leaves, old.checkpoint)
    (folder / "audit.jsonl").write_bytes(b"".join(old.lines()))
    earlier = [log.checkpoint] if whole else []
    if not whole:
        (folder / "checkpoint").write_bytes(log.checkpoint)
    problems = verify_folder(folder, KEY.vkey, earlier).report.problems
    kinds = (What.HISTORY, What.SIZE)
    located = any(each.what in kinds and (each.index, each.until) == (back, size) for each in problems)
    return Outcome("rolled back " + ("whole" if whole else "rows"), bool(problems), located, f"{back} of {size}")


def all_rows(work: Path, seed: int, times: int) -> Count:
    """Swaps, inserts, replacements, rebuilt and rolled-back folders, so many of each."""
    dice, count, kept = random.Random(f"rows{seed}"), Count(), Kept200()
    for _ in range(times):
        for damage in (moved, inserted, replaced):
            count.add(damage(kept, dice))
    for _ in range(times // 5):
        size = dice.choice((3, 40, 130, 300))
        count.add(chained_anew(work, dice, size))
        count.add(rolled_back(work, dice, size))
    return count
