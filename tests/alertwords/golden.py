"""A notice as its golden files have it: title, short form and text in one, the page in the other."""

from pathlib import Path

from integration.services.alertwords.gsm import segments, septets
from integration.services.notice import Notice

FOLDER = Path(__file__).parents[1] / "golden" / "alerts"


def plain(notice: Notice) -> str:
    head = f"{notice.title}\n{notice.short}\n({septets(notice.short)} septets, {segments(notice.short)} message(s))\n"
    return f"{head}{notice.act.value}, {notice.severity.value}\n{'-' * 80}\n{notice.text}"
