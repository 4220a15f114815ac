"""Writes the golden files anew: ``python -m tests.connectors.jms_niem.write_golden``. Read the difference first."""

import json
from pathlib import Path

from tests.connectors.jms_niem.documents import Charge, Document, riverton
from tests.connectors.jms_niem.reading import mapped

HERE = Path(__file__).parent

SPRINGFIELD_BOOKING = Document(
    flag="true",
    eligible="2026-04-01",
    charges=[
        Charge("DUI", "42-4-1301", amount="500.00", bond_type="CASH/SURETY", bond_status="Active"),
        Charge("HOLD IMMIGRAT", "", agency="IMMIGRATION CUSTOMS ENFORCEMENT"),
        Charge("HOLD US MARSHAL", "", agency="UNITED STATES MARSHALL"),
    ],
)
SPRINGFIELD_STATUS = Document(
    root="CustodyStatusChangeReport",
    created="2026-03-03T16:00:00Z",
    flag="false",
    charges=[Charge("DUI", "42-4-1301", amount="500.00", bond_type="CASH/SURETY", bond_status="Posted Bond")],
)
RIVERTON_RELEASE = Document(root="CustodyReleaseReport", created="", charges=[], arrest="")

CASES = {
    "springfield-booking": SPRINGFIELD_BOOKING.xml(),
    "springfield-status": SPRINGFIELD_STATUS.xml(),
    "riverton-release": riverton(RIVERTON_RELEASE),
}


def main() -> None:
    for name, document in CASES.items():
        (HERE / "fixtures" / f"{name}.xml").write_bytes(document)
        events = "".join(json.dumps(event) + "\n" for event in mapped(document).events)
        (HERE / "golden" / f"{name}.jsonl").write_text(events, encoding="utf-8")


if __name__ == "__main__":
    main()
