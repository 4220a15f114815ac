"""A library's loop without an end is cut off, whatever happens to the first interruption."""

import sys
import threading
import time
import weakref
from pathlib import Path
from typing import Any

import pypdf
import pytest

from integration.contents import pdf
from integration.contents.pdf import _TooSlowError, _watched


def library(source: str, **names: Any) -> Any:
    """Code that stands where the library's own does."""
    space: dict[str, Any] = names
    exec(compile(source, str(Path(pypdf.__file__).parent / "invented.py"), "exec"), space)
    return space["loop"]


def test_loop_is_cut_off_when_the_first_interruptions_were_swallowed():
    swallowed = []
    loop = library(
        """
def loop():
    while True:
        try:
            while True:
                pass
        except BaseException as error:
            if len(swallowed) == 3:
                raise
            swallowed.append(error)
""",
        swallowed=swallowed,
    )
    with pytest.raises(_TooSlowError), _watched(0.01):
        loop()
    assert len(swallowed) == 3


def test_nothing_is_raised_in_a_callback_when_an_object_of_others_is_collected(monkeypatch):
    lost: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lost.append)

    class Collected:
        """Of somebody else: a database's event registry, say."""

    def callback(_: object) -> None:
        for _turn in range(10):
            pass

    def make() -> Any:
        made = Collected()
        return weakref.ref(made, callback)

    for _ in range(20):
        with pytest.raises(_TooSlowError), _watched(0.01):
            library(
                "def loop():\n    while True:\n        for _ in range(1000):\n            pass\n        make()\n",
                make=make,
            )()
    assert lost == []


def test_no_thread_is_left_when_the_reading_has_ended():
    before = threading.active_count()
    with _watched(60):
        pass
    for thread in threading.enumerate()[before:]:
        thread.join(60)
    assert threading.active_count() == before


def test_loop_is_cut_off_when_it_is_not_in_the_library_itself(monkeypatch):
    def forever(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(pdf, "_read", forever)
    with pytest.raises(_TooSlowError), _watched(0.01):
        pdf._interruptible(None, "", b"", [])


def test_nothing_is_raised_in_what_comes_after_when_it_ended_in_time():
    for _ in range(200):
        with _watched(0.001):
            pass
    ended = time.monotonic() + 0.2
    while time.monotonic() < ended:
        pass
