"""What one thread makes and others wait for: nobody's end is another's."""

import gc
import itertools
import threading
import time
import weakref

import pytest
from stopping import stopped

from wsgi_placeholder import promise
from wsgi_placeholder.errors import Busy
from wsgi_placeholder.promise import Promise


def over(**outcome):
    made = Promise()
    for name, value in outcome.items():
        setattr(made, name, value)
    made.over = True
    made.done.release()
    return made


@pytest.mark.parametrize("value", ["made", None])
def test_a_value_is_there_for_all_who_ask(value):
    made = over(value=value)
    assert made.wait(0)
    assert [made.kept(0) for _ in range(3)] == [value] * 3


def test_an_error_is_raised_in_all_who_ask():
    mistake = SystemExit(3)
    made = over(error=mistake)
    for _ in range(3):
        with pytest.raises(SystemExit) as caught:
            made.kept(0)
        assert caught.value is mistake


def test_who_waits_for_what_was_stopped_is_told_to_come_back():
    with pytest.raises(Busy):
        over().kept(0)


def test_nobody_waits_longer_than_he_said():
    begun = time.monotonic()
    assert not Promise().wait(0.1)
    with pytest.raises(Busy):
        Promise().kept(0.1)
    assert 0.15 < time.monotonic() - begun < 2


def test_all_are_woken():
    made, woken = Promise(), []
    threads = [
        threading.Thread(target=lambda: woken.append(made.kept(10)), daemon=True) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    made.value = "made"
    made.over = True
    made.done.release()
    for thread in threads:
        thread.join(5)
    assert woken == ["made"] * 8


def test_who_is_stopped_while_he_waits_does_not_hold_the_others():
    """An exception that came meanwhile is raised as soon as the lock is his."""
    for count in itertools.count(1):
        made = over(value="made")
        came = stopped(promise, count, lambda made=made: made.kept(1))
        assert not made.done.locked(), count
        if not came:
            break
    assert count > 5


class Mistake(Exception):
    """One that can be watched."""


def test_an_error_keeps_nothing_alive():
    made = over(error=Mistake())
    watched = weakref.ref(made.error)
    gc.disable()
    try:
        with pytest.raises(Mistake):
            made.kept(0)
        del made
        assert watched() is None
    finally:
        gc.enable()
