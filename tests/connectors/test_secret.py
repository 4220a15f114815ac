"""A secret is read from a file that is nobody else's: our own, or one of a volume that root mounted for our group."""

import os

import pytest

from connectors.secret import open_to_others

US, OUR_GROUP = 10001, 10001

CASES = [
    (0o100600, US, OUR_GROUP, False, "our own, and nobody else's"),
    (0o100400, US, OUR_GROUP, False, "nor may we write it"),
    (0o100640, US, OUR_GROUP, True, "a file of our own could be made private, so it has to be"),
    (0o100644, US, OUR_GROUP, True, "everybody may read it"),
    (0o100440, 0, OUR_GROUP, False, "a mounted secret: only root and our group have it"),
    (0o100444, 0, OUR_GROUP, True, "mounted, but for everybody"),
    (0o100460, 0, OUR_GROUP, True, "mounted, but the group may change it"),
    (0o100440, 0, 50, True, "of a group that we are not in"),
    (0o100440, 1000, OUR_GROUP, True, "of somebody else, who is not root"),
]


@pytest.mark.parametrize(("mode", "owner", "group", "told", "because"), CASES)
def test_secret_is_refused_when_others_can_get_at_it(monkeypatch, mode, owner, group, told, because):  # noqa: PLR0917
    monkeypatch.setattr(os, "geteuid", lambda: US)
    monkeypatch.setattr(os, "getegid", lambda: OUR_GROUP)
    monkeypatch.setattr(os, "getgroups", lambda: [OUR_GROUP])
    seen = os.stat_result((mode, 1, 1, 1, owner, group, 10, 0, 0, 0))
    assert open_to_others(seen) is told, because


def test_secret_is_refused_when_its_group_can_read_it_and_we_are_root(monkeypatch):
    """Root needs no group's leave, so nothing says that the group was meant to be ours."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert open_to_others(os.stat_result((0o100440, 1, 1, 1, 0, 0, 10, 0, 0, 0)))
