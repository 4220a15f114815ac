"""Twenty faults, always the same, each with the test file that has to find it: ``python -m tests.mutation.sample``.

They show within seconds that a changed module really is what the tests run, and that they still see it.
"""

import sys
from typing import NamedTuple

from tests.mutation.killer import Fate, try_mutant, warm_up
from tests.mutation.suites import ROOT

LIMIT = 60.0
"""Processor seconds for a file."""


class Fault(NamedTuple):
    module: str
    right: str
    """Stands once in the module."""
    wrong: str
    file: str


UNIT, POLICY, AUDIT = "tests/unit/test_", "tests/policy/test_", "tests/audit/test_"
DOMAIN, PACKS, LOG = "integration/domain/", "integration/policy/", "integration/audit/"
SAMPLE = (
    Fault(f"{DOMAIN}custody.py", "if lifted.time < start:", "if lifted.time <= start:", f"{UNIT}custody.py"),
    Fault(f"{DOMAIN}custody.py", "due.due_at < end", "due.due_at > end", f"{UNIT}custody.py"),
    Fault(f"{DOMAIN}findings.py", "if candidate.raise_at > now:", "if False:", f"{UNIT}rules.py"),
    Fault(f"{DOMAIN}facts.py", '"StatusReceived", "MessageAsked"}', '"MessageAsked"}', f"{UNIT}facts.py"),
    Fault(f"{DOMAIN}groups.py", "while subject in onward:", "if subject in onward:", f"{UNIT}groups.py"),
    Fault(f"{DOMAIN}instants.py", "start <= joined[-1][1]", "start < joined[-1][1]", f"{UNIT}instants.py"),
    Fault(f"{DOMAIN}papers.py", "parole asylum immig", "parole immig", f"{UNIT}papers.py"),
    Fault(f"{DOMAIN}agencies.py", "return size > 0 and any(", "return any(", f"{UNIT}agencies.py"),
    Fault(f"{DOMAIN}stretches.py", "hold.end > since", "hold.end >= since", f"{UNIT}evidence.py"),
    Fault(f"{PACKS}cases.py", "if name not in self.context and", "if False and", f"{POLICY}cases.py"),
    Fault(f"{PACKS}contexts.py", "(None, *listed)", "(*listed, None)", f"{POLICY}contexts.py"),
    Fault(f"{PACKS}engine.py", "if not answer.failed)", "if True)", f"{POLICY}contexts.py"),
    Fault(f"{PACKS}manifest.py", "Field(ge=1)", "Field(ge=0)", f"{POLICY}manifest.py"),
    Fault(f"{PACKS}proof.py", "decision.permit and not court", "decision.permit and court", f"{POLICY}proof.py"),
    Fault(f"{LOG}merkle.py", 'sha256(b"\\x00" + data)', "sha256(data)", f"{AUDIT}verify_parts.py"),
    Fault(f"{LOG}proofs.py", "if old <= middle:", "if old < middle:", f"{AUDIT}verify_parts.py"),
    Fault(f"{LOG}sealing.py", "salt=None, body=None)", "body=None)", f"{AUDIT}sealing.py"),
    Fault(f"{LOG}verify/tree.py", "if not 0 <= index < size:", "if False:", f"{AUDIT}verify_parts.py"),
    Fault(f"{LOG}verify/order.py", "covered = max(covered, end)", "covered = end", f"{AUDIT}verify_parts.py"),
    Fault(f"{LOG}verify/row.py", "target < 0", "target < -1", f"{AUDIT}verify_rows.py"),
)


def main() -> int:
    warm_up()
    failed = 0
    for fault in SAMPLE:
        source = (ROOT / fault.module).read_text(encoding="utf-8")
        if source.count(fault.right) != 1:
            print(f"{fault.module} reads otherwise now: {fault.right}")
            failed += 1
            continue
        wrong = source.replace(fault.right, fault.wrong)
        trial = try_mutant(fault.module, wrong, [fault.file], limits={fault.file: LIMIT}, prove=False)
        print(f"{trial.fate}: {fault.module}: {fault.wrong}")
        failed += trial.fate is not Fate.KILLED
    for file in sorted({fault.file for fault in SAMPLE}):
        whole = next(fault.module for fault in SAMPLE if fault.file == file)
        text = (ROOT / whole).read_text(encoding="utf-8")
        if try_mutant(whole, text, [file], limits={file: LIMIT}, prove=False).fate is not Fate.SURVIVED:
            print(f"{file} fails without a fault")
            failed += 1
    print(f"{len(SAMPLE)} tried, {failed} wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
