"""The collector of circular garbage is off while reports are counted, and afterwards as it was."""

import gc

import pytest

from integration.reports.collecting import uncollected


@pytest.fixture(params=[True, False], ids=["on before", "off before"])
def before(request):
    was = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if was else gc.disable)()


def test_the_collector_stays_off_when_one_of_two_reports_is_done(before):
    one, other = uncollected(), uncollected()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert not gc.isenabled()
    other.__exit__(None, None, None)
    assert gc.isenabled() is before


def test_the_collector_is_as_it_was_when_counting_fails(before):
    during = []

    @uncollected()
    def fail() -> None:
        during.append(gc.isenabled())
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert during == [False]
    assert gc.isenabled() is before
