"""What an alert tells staff to do comes from the pack, and a pack that leaves them without an answer does not load."""

import shutil
from pathlib import Path

import pytest

from integration.policy.pack import PolicyPackError, load, shipped_packs
from integration.services.alertwords.gsm import septets
from schemas.kinds import Rule

SHIPPED = Path(__file__).parents[2] / "integration" / "policy" / "packs"
SHORT = 'short = "Release now, or file a judge\'s warrant."\n'


@pytest.fixture
def copy(tmp_path) -> Path:
    return Path(shutil.copytree(SHIPPED / "lansing-eo-2017-01", tmp_path / "lansing-eo-2017-01"))


def faults(folder: Path, old: str, new: str) -> list[tuple[str, str]]:
    path = folder / "pack.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(PolicyPackError) as caught:
        load(folder)
    return [(fault.key, fault.message) for fault in caught.value.faults]


@pytest.mark.parametrize("pack", shipped_packs())
def test_every_rule_says_what_to_do_when_a_pack_ships(pack):
    steps = load(pack).steps
    assert set(steps) == set(Rule)
    for rule in Rule:
        first = steps[rule][0]
        assert first.short
        assert septets(first.short) is not None
        # Whatever is missing, an alert has a step.
        assert first.when is None


@pytest.mark.parametrize("pack", shipped_packs())
def test_a_step_rests_on_binding_law_when_its_rule_does(pack):
    loaded = load(pack)
    for rule, terms in loaded.parameters.terms.items():
        cited = {number for step in loaded.steps[rule] for number in step.provisions}
        binding = {number for number in cited if not loaded.provisions[number].guidance}
        assert bool(terms.provisions) <= bool(binding)


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("[[steps.overdue_release]]", "[[steps.held_for_identification]]", "steps.overdue_release", "is missing"),
        (SHORT, "", "steps.overdue_detainer_hold.0", "has a short form and no condition"),
        (SHORT, SHORT + 'when = "judicial_warrant"\n', "steps.overdue_detainer_hold.0", "no condition"),
        (SHORT, SHORT + 'when = "moonlight"\n', "steps.overdue_detainer_hold.0.when", "Input should be"),
        (SHORT, 'short = "\u4e2d"\n', "steps.overdue_detainer_hold.0.short", "pattern"),
        (SHORT, SHORT + 'unless = "x"\n', "steps.overdue_detainer_hold.0.unless", "Extra inputs"),
    ],
)
def test_a_pack_does_not_load_when_a_step_is_no_help(copy, old, new, key, says):
    found = faults(copy, old, new)
    assert any(key == place and says in message for place, message in found)


def test_a_pack_does_not_load_when_a_step_cites_what_is_not_listed(copy):
    old = 'provisions = ["L5"]\n' + SHORT
    assert ("steps.overdue_detainer_hold.0", "cites L77, which is not in the provisions table") in faults(
        copy, old, old.replace("L5", "L77")
    )
