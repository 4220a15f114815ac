"""Each law notices when what it speaks of is broken on purpose."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from integration.services import cabinet
from integration.services.casefile import CaseFile
from integration.services.desk import Desk
from tests.differential import test_pack
from tests.golden.histories.mutants import MUTANTS, broken
from tests.scenarios.laws import (
    LAWS,
    Law,
    broken_by,
    law_any_time,
    law_oracle,
    law_order,
    law_refusals,
    law_restart,
    law_served,
    law_told,
)

SEEDS = range(1, 200)
Breakage = Callable[[pytest.MonkeyPatch], AbstractContextManager[None] | None]
BY_NAME = {mutant.name: mutant for mutant in MUTANTS}
ADVANCE, FROM_ROW = Desk.advance, CaseFile.from_row


def mutant(name: str) -> Breakage:
    return lambda _patch: broken(BY_NAME[name])


def told_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Desk, "advance", lambda desk, to, *, at=None: ADVANCE(desk, to, at=to if at is None else at))


def never_refused(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cabinet, "_circle_closers", lambda *_: [])


def forgetful(patch: pytest.MonkeyPatch) -> None:
    def without_findings(row):
        case = FROM_ROW(row)
        case.findings = {}
        return case

    patch.setattr(CaseFile, "from_row", without_findings)


def deaf_to_time(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Desk, "advance", lambda desk, to, *, at=None: ADVANCE(desk, to) if at is None else None)


BREAKAGES: tuple[tuple[Law, Breakage, str], ...] = (
    (law_oracle, mutant("expiry-is-ignored"), "holds do not expire"),
    (law_any_time, mutant("open-at-the-end"), "a finding is open one instant too long"),
    (law_refusals, never_refused, "moves may go round"),
    (law_told, told_late, "a deadline is told with the next event, not at its instant"),
    (law_order, mutant("move-of-a-tie-is-any"), "of two moves at one time the first to arrive counts"),
    (law_restart, forgetful, "what was raised is forgotten at a restart"),
    (law_served, deaf_to_time, "the service does not let time pass"),
)


def test_every_law_is_broken_once():
    assert {law for law, _, _ in BREAKAGES} == set(LAWS)


@pytest.mark.parametrize(("law", "breakage", "because"), BREAKAGES, ids=lambda it: getattr(it, "__name__", None))
def test_a_law_is_broken_when_the_product_is_broken_on_purpose(law, breakage, because, monkeypatch):
    pack = test_pack()
    assert not any(broken_by(seed, pack, [law]) for seed in (1, 2, 3))
    within = breakage(monkeypatch)
    if within is None:
        assert any(broken_by(seed, pack, [law]) for seed in SEEDS), because
    else:
        with within:
            assert any(broken_by(seed, pack, [law]) for seed in SEEDS), because
