"""The cache in this process: bounded in bytes, one maker a key, alive after a fork."""

import itertools
import random
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from stopping import Stop, stopped
from threaded import interleaved

from wsgi_placeholder.cache import memory
from wsgi_placeholder.cache.memory import MemoryCache
from wsgi_placeholder.errors import Busy

THREADS = 64


def cache_of(max_bytes):
    return MemoryCache(max_bytes, len, lambda key: 0)


def test_it_never_weighs_more_than_allowed():
    cache = cache_of(10_000)
    chance = random.Random(1)
    keys = range(500)
    for _ in range(20_000):
        key = chance.choice(keys)
        if chance.random() < 0.5:
            cache.put(key, bytes(chance.randrange(1250)))
        else:
            cache.get(key)
        assert cache.bytes <= 10_000
    kept = [value for key in keys if (value := cache.get(key)) is not None]
    assert sum(map(len, kept)) == cache.bytes
    assert len(kept) == len(cache) > 5


def test_a_value_put_again_weighs_once():
    cache = cache_of(10_000)
    for length in (100, 200, 50):
        cache.put("key", bytes(length))
        assert cache.bytes == length
    assert len(cache) == 1


def test_a_giant_is_handed_out_but_does_not_push_out_the_small_ones():
    cache = cache_of(8_000)
    cache.put("small", b"x")
    assert len(cache.get_or_make("giant", lambda: bytes(1_001))) == 1_001
    assert cache.get("giant") is None
    assert cache.get("small") == b"x"
    cache.put("largest", bytes(1_000))
    assert cache.get("largest") is not None


def test_nothing_is_kept_where_there_is_no_room():
    cache = cache_of(0)
    assert cache.get_or_make("key", lambda: b"value") == b"value"
    assert cache.get("key") is None
    assert cache.bytes == len(cache) == 0


def test_what_is_read_again_survives_a_flood_of_what_is_read_once():
    cache = cache_of(10_000)
    hot = [f"hot {i}" for i in range(20)]
    for key in hot:
        cache.put(key, bytes(100))
    for i in range(1_000):
        cache.put(i, bytes(100))
        cache.get(hot[i % 20])
    assert all(cache.get(key) is not None for key in hot)


def test_many_threads_that_want_one_value_make_it_once():
    """T-D10"""
    cache = cache_of(10_000)
    made = []
    together = threading.Barrier(THREADS)

    def make():
        made.append(threading.get_ident())
        time.sleep(0.05)
        return b"value"

    def want(_):
        together.wait()
        return cache.get_or_make("key", make)

    with ThreadPoolExecutor(THREADS) as pool:
        values = list(pool.map(want, range(THREADS)))
    assert len(made) == 1
    assert len({id(value) for value in values}) == 1


def test_different_keys_do_not_wait_for_each_other():
    cache = cache_of(10_000)
    release = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(cache.get_or_make, "slow", lambda: release.wait(10) and b"slow")
        assert cache.get_or_make("fast", lambda: b"fast") == b"fast"
        assert not slow.done()
        release.set()
        assert slow.result() == b"slow"


@pytest.mark.parametrize("mistake", [ValueError("no"), MemoryError(), SystemExit(1)])
def test_a_failure_wakes_all_who_wait_and_frees_the_key(mistake):
    """T-D10"""
    cache = cache_of(10_000)
    together = threading.Barrier(9)
    outcomes = []

    def want(make):
        try:
            outcomes.append(cache.get_or_make("key", make))
        except BaseException as error:
            outcomes.append(error)

    def fail():
        together.wait()
        time.sleep(0.3)  # for the others to reach the promise
        raise mistake

    def follow():
        together.wait()
        want(lambda: b"made by one who came too late")

    # Daemons, joined for a while only: where nobody wakes them, the test fails and does not hang.
    threads = [threading.Thread(target=want, args=(fail,), daemon=True)]
    threads[0].start()
    while not cache._coming:
        time.sleep(0.001)
    threads += [threading.Thread(target=follow, daemon=True) for _ in range(8)]
    for thread in threads[1:]:
        thread.start()
    end = time.monotonic() + 5
    for thread in threads:
        thread.join(max(0, end - time.monotonic()))
    assert len(outcomes) == 9
    assert mistake in outcomes
    assert all(isinstance(outcome, BaseException) for outcome in outcomes)
    assert cache.get_or_make("key", lambda: b"again") == b"again"


def test_what_fails_to_be_weighed_leaves_nobody_waiting():
    def unweighable(value):
        raise TypeError

    cache = MemoryCache(10_000, unweighable)
    for _ in range(2):
        with pytest.raises(TypeError):
            cache.get_or_make("key", lambda: b"value")


def test_threads_that_put_and_read_at_once_do_not_break_the_books():
    cache = cache_of(5_000)

    def work(seed):
        chance = random.Random(seed)
        for _ in range(2_000):
            key = chance.randrange(100)
            value = cache.get_or_make(key, lambda: bytes(chance.randrange(1, 600)))
            assert 0 < len(value) < 600
            cache.put(chance.randrange(100), bytes(50))

    interleaved(work, range(8))
    kept = [value for key in range(100) if (value := cache.get(key)) is not None]
    assert sum(map(len, kept)) == cache.bytes <= 5_000


FORK = """
import os, signal, threading, time, warnings
from wsgi_placeholder.cache import memory
from wsgi_placeholder.cache.memory import MemoryCache
from wsgi_placeholder.errors import Busy
warnings.simplefilter("ignore", DeprecationWarning)  # fork with threads is what is tested
cache = MemoryCache(10_000, len)
cache.put("old", b"kept")
begun = threading.Event()
def never():
    begun.set()
    time.sleep(30)
threading.Thread(target=cache.get_or_make, args=("key", never), daemon=True).start()
begun.wait()
with cache._lock:
    child = os.fork()
    if not child:
        signal.alarm(5)  # a child that waits for ever is ended
        cache.put("new", b"value")
        kept = cache.get("old") == b"kept" and cache.get_or_make("key", lambda: b"made") == b"made"
        os._exit(0 if kept else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
os._exit(0)
"""


def test_a_child_forked_while_the_cache_was_busy_can_use_it():
    begun = time.perf_counter()
    assert subprocess.run([sys.executable, "-c", FORK]).returncode == 0
    assert time.perf_counter() - begun < 5


# What an attacker may do


def test_the_key_weighs_too():
    """Long URLs of small pictures held twice what is allowed."""
    cache = MemoryCache(100_000, len)
    for i in range(200):
        cache.put(("/placeholder/300", f"text={i}&" + "v" * 5_000), bytes(10))
    assert cache.bytes <= 100_000
    assert 10 < len(cache) < 20
    cache.put(("/" + "x" * 20_000,), b"")
    assert cache.get(("/" + "x" * 20_000,)) is None, "too heavy by its key alone"


def test_stopped_anywhere_it_can_be_asked_again(monkeypatch):
    """No lock is left held, no key claimed, and the books are right."""
    monkeypatch.setattr("wsgi_placeholder.cache.memory._PATIENCE", 0.1)
    for count in itertools.count(1):
        cache = cache_of(8_000)
        for i in range(8):  # full, and all of them read: it goes round to make room
            cache.put(i, bytes(950))
            cache.get(i)
        came = stopped(memory, count, lambda c=cache: c.get_or_make("key", lambda: bytes(900)))
        kept = [cache.get(key) or b"" for key in [*range(8), "key"]]
        assert cache.bytes == sum(map(len, kept)), count
        assert cache._lock.acquire(timeout=1), count
        cache._lock.release()
        assert cache.get_or_make("key", lambda: bytes(900)) == bytes(900), count
        if not came:
            break
    assert count > 20


def test_stopped_while_it_fails_it_can_be_asked_again():
    def fail():
        raise ValueError

    def ask(cache):
        with pytest.raises(ValueError):
            cache.get_or_make("key", fail)

    for count in itertools.count(1):
        cache = cache_of(8_000)
        came = stopped(memory, count, lambda c=cache: ask(c))
        assert cache.get_or_make("key", lambda: b"again") == b"again", count
        if not came:
            break
    assert count > 8


def test_a_promise_whose_maker_was_stopped_right_after_the_claim_holds_nobody():
    """The lock's release is the last that can be interrupted before the value is made."""
    cache = cache_of(10_000)

    class Interrupting:
        def __init__(self, lock):
            self.lock = lock

        def __enter__(self):
            self.lock.acquire()

        def __exit__(self, *error):
            self.lock.release()
            raise Stop

    lock, cache._lock = cache._lock, Interrupting(cache._lock)
    with pytest.raises(Stop):
        cache.get_or_make("key", lambda: b"value")
    cache._lock = lock
    assert not cache._coming
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(cache.get_or_make, "key", lambda: b"value").result(5) == b"value"


def test_who_waits_for_one_that_was_stopped_is_told_to_come_back():
    cache = cache_of(10_000)
    go = threading.Event()

    def stop():
        assert go.wait(5)
        raise Stop

    with ThreadPoolExecutor(2) as pool:
        maker = pool.submit(cache.get_or_make, "key", stop)
        while not cache._coming:
            time.sleep(0.001)
        follower = pool.submit(cache.get_or_make, "key", lambda: b"too late")
        time.sleep(0.1)
        go.set()
        with pytest.raises(Busy):
            follower.result(5)
        assert isinstance(maker.exception(5), Stop)
    assert cache.get_or_make("key", lambda: b"again") == b"again"


def test_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr("wsgi_placeholder.cache.memory._PATIENCE", 0.1)
    cache = cache_of(10_000)
    go = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        maker = pool.submit(cache.get_or_make, "key", lambda: go.wait(5) and b"late")
        while not cache._coming:
            time.sleep(0.001)
        with pytest.raises(Busy):
            cache.get_or_make("key", lambda: b"too late")
        go.set()
        assert maker.result(5) == b"late"
