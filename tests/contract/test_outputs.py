"""What a replay of the examples writes fits the models and the exported schemas, and names nobody."""

import hashlib
import json
from copy import deepcopy

import pytest
from pydantic import TypeAdapter, ValidationError

from integration.domain.findings import finding_id
from integration.policy.pack import load, shipped_packs
from integration.runners.replay_files import replay_to
from integration.services.intake import Input
from schemas import entries, export, outputs
from schemas.base import instant_of
from schemas.kinds import Rule
from tests.contract.contract import INVALID, OUTPUTS, VALID, base_name, fits

_LINES = {
    "findings.jsonl": ("finding-line", outputs.FindingLine),
    "decisions.jsonl": ("decision-line", outputs.DecisionLine),
    "rejected.jsonl": ("rejected-line", outputs.RejectedLine),
    "audit.jsonl": ("audit-line", entries.AuditLine),
    "summary.json": ("summary", outputs.Summary),
}
# What the invented events say of people, and what no output but a dead letter may repeat.
_PRIVATE = ["Quillfeather", "Rosalind", "1991-04-17", "Marrowby", "sally port", "this afternoon", "Kept two hours"]


@pytest.fixture(scope="module", params=shipped_packs())
def written(request, tmp_path_factory):
    """The files that a replay of every example, valid and invalid, and of one of them twice, writes."""
    events = sorted((path.read_bytes() for path in VALID), key=lambda content: json.loads(content)["id"])
    every = [*events, *(path.read_bytes() for path in INVALID), events[0]]
    inputs = [Input(f"examples:{number}", content) for number, content in enumerate(every, 1)]
    out = tmp_path_factory.mktemp("replay")
    replay_to(out, inputs, load(request.param))
    return {name: (out / name).read_bytes() for name in _LINES}


@pytest.mark.parametrize("name", _LINES)
def test_every_line_fits_model_and_exported_schema_when_written_by_a_replay(written, name):
    document, model = _LINES[name]
    reader = TypeAdapter(model)
    lines = [written[name]] if name == "summary.json" else written[name].splitlines()
    assert lines
    for line in lines:
        reader.validate_json(line)
        assert fits(document, json.loads(line)), line


def test_counts_are_those_of_the_inputs_when_summed_up(written):
    summary = outputs.Summary.model_validate_json(written["summary.json"])
    assert summary.accepted == len(VALID)
    assert summary.duplicates == 1
    assert summary.refused == len(INVALID) == len(written["rejected.jsonl"].splitlines())
    assert summary.entries == len(written["audit.jsonl"].splitlines())


def test_rejected_input_is_whole_when_it_is_text(written):
    kept = [json.loads(line) for line in written["rejected.jsonl"].splitlines()]
    assert [each["input"].encode() for each in kept if "input" in each] == [
        path.read_bytes() for path in INVALID if base_name(path) != "invalid_utf8"
    ]


@pytest.mark.parametrize("name", ["findings.jsonl", "decisions.jsonl", "audit.jsonl", "summary.json"])
def test_nobody_is_named_when_outcomes_are_written(written, name):
    sent = b"".join(path.read_bytes() for path in VALID).decode()
    for private in _PRIVATE:
        assert private in sent
        assert private not in written[name].decode()


def test_finding_id_is_the_documented_hash_when_recomputed(written):
    for line in written["findings.jsonl"].splitlines():
        told = json.loads(line)
        named = [told["source"], told["booking"], told["rule"], instant_of(told["since"]), told["about"]]
        assert told["finding_id"] == _documented_hash(named)


def _documented_hash(named):
    """Rule 8 as docs/events.md states it; the page's own example is checked in test_docs.py."""
    written = json.dumps(named, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:32]


def test_finding_id_is_the_documented_hash_when_text_needs_escaping():
    source, booking, about = "/jms/ñ", 'b"\\\t\x01\x7f', "h-ü"
    told = finding_id(source, booking, Rule.MISLABELLED_DOCUMENT, 1, about)
    written = '["/jms/ñ","b\\"\\\\\\t\\u0001\x7f","mislabelled_document",1,"h-ü"]'
    assert told == hashlib.sha256(written.encode()).hexdigest()[:32]


def _example(name):
    return json.loads(next(path for path in OUTPUTS if path.stem == name).read_bytes())


_SPOILT = [
    ("finding-line--open", {"since": "2026-03-05T12:00:00Z"}),
    ("finding-line--open", {"status": "closed"}),
    ("finding-line--open", {"finding_id": "0" * 31}),
    ("finding-line--open", {"person": "P-1"}),
    ("decision-line--message", {"decision": "allow"}),
    ("decision-line--message", {"access_id": "AC-1"}),
    ("decision-line--message", {"reasons": []}),
    ("rejected-line--text", {"input_base64": "AAAA"}),
    ("rejected-line--bytes", {"input_base64": "A"}),
    ("audit-line--sealed", {"leaf": "{}"}),
    ("audit-entry--entry-sealed", {"booking": "LPD-1"}),
    ("audit-entry--event-accepted", {"v": 2}),
    ("audit-entry--event-accepted", {"kind": "event.lost"}),
    ("audit-entry--event-accepted", {"outcome": "refused"}),
    ("summary", {"read": -1}),
]


@pytest.mark.parametrize(("name", "change"), _SPOILT, ids=lambda part: part if isinstance(part, str) else str(part))
def test_output_is_refused_by_model_and_exported_schema_when_spoilt(name, change):
    document = name.partition("--")[0]
    spoilt = {**_example(name), **change}
    assert not fits(document, spoilt)
    with pytest.raises(ValidationError):
        TypeAdapter(export.FILES[document]).validate_json(json.dumps(spoilt))


@pytest.mark.parametrize("count", ["read", "accepted", "duplicates", "refused"])
def test_summary_is_refused_when_counts_do_not_add_up(count):
    spoilt = _example("summary")
    spoilt[count] += 1
    with pytest.raises(ValidationError, match="do not add up"):
        outputs.Summary.model_validate_json(json.dumps(spoilt))


@pytest.mark.parametrize("part", ["refused_by_reason", "findings", "findings_by_rule"])
def test_summary_is_refused_when_its_parts_do_not_add_up(part):
    spoilt = deepcopy(_example("summary"))
    first = next(iter(spoilt[part]))
    spoilt[part][first] += 1
    with pytest.raises(ValidationError, match="do not add up"):
        outputs.Summary.model_validate_json(json.dumps(spoilt))


@pytest.mark.parametrize("missing", ["salt", "entry"])
def test_audit_line_is_refused_when_only_one_of_salt_and_entry_is_there(missing):
    with pytest.raises(ValidationError, match="both salt and entry"):
        entries.AuditLine.model_validate_json(json.dumps({**_example("audit-line--event"), missing: None}))
