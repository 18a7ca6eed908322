"""Pages wait to be read until a picture is missing; that takes little memory, and little time."""

import itertools
import subprocess
import sys
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from stopping import stopped
from threaded import interleaved

from wsgi_placeholder.missing import Guess, _scan, pages
from wsgi_placeholder.missing.pages import Learner, Notes

KB = 1024
MB = 1024 * KB


def image(name, side=3):
    return b"<img src=/%b.jpg width=%d height=%d>" % (str(name).encode(), side, side)


def square(side=3):
    return Guess(side, side, "page")


def feed(learner, *chunks, path="/"):
    notes = Notes(learner, path)
    for chunk in chunks:
        notes.feed(chunk)
    return notes


def known(learner):
    learner.read()
    return dict(learner._guesses)


def assert_books_are_right(learner, is_bounded=True):
    assert learner._lock.acquire(timeout=1)
    learner._lock.release()
    assert learner.weight == sum(map(pages._weight, learner._guesses))
    assert learner._waiting_bytes == sum(notes.weight for notes in learner._waiting)
    if is_bounded:
        assert learner._waiting_bytes <= pages._MOST_WAITING
    assert all(notes.waiting for notes in learner._waiting)
    assert learner._being_read is None


@pytest.fixture
def reads(monkeypatch):
    """The pages that were looked through."""
    seen = []

    def read(self, piece, read=_scan.Scan.read):
        seen.append(piece)
        return read(self, piece)

    monkeypatch.setattr(_scan.Scan, "read", read)
    return seen


class Clock:
    """Seconds that pass only when told to: here, `each` time that a page is looked through."""

    def __init__(self, monkeypatch, each, credit=0.0):
        self.now = 1000.0
        monkeypatch.setattr(pages, "_CREDIT", credit)
        monkeypatch.setattr(pages, "monotonic", lambda: self.now)

        def read(scan, piece, read=_scan.Scan.read):
            self.now += each
            return read(scan, piece)

        monkeypatch.setattr(_scan.Scan, "read", read)


def test_nothing_is_read_before_a_picture_is_missing(reads):
    learner = Learner()
    b, c = b"<img src=/b.jpg width=3 height=3>", image("c")
    feed(learner, image("a"), b[:19], b[19:])
    feed(learner, c)
    assert (reads, len(learner)) == ([], 0)
    assert learner.size_of("/b.jpg") == square()
    assert reads == [image("a") + b, c]
    assert learner.size_of("/a.jpg") == learner.size_of("/c.jpg") == square()
    assert learner.size_of("/d.jpg") is None
    assert len(reads) == 2
    assert_books_are_right(learner)


def test_who_asks_while_another_thread_reads_waits_for_it(monkeypatch):
    """Browsers ask for several pictures at once."""
    learner = Learner()
    feed(learner, image("a") + image("b"))
    begun, goes_on = threading.Event(), threading.Event()

    def read(self, piece, read=_scan.Scan.read):
        begun.set()
        assert goes_on.wait(5)
        return read(self, piece)

    monkeypatch.setattr(_scan.Scan, "read", read)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(learner.size_of, "/a.jpg")
        assert begun.wait(5)
        second = pool.submit(learner.size_of, "/b.jpg")
        with pytest.raises(TimeoutError):
            second.result(0.05)
        goes_on.set()
        assert first.result(5) == second.result(5) == square()


def test_what_waits_are_the_chunks_themselves():
    learner, chunk = Learner(), bytes(100)
    feed(learner, chunk, b"")
    assert [x is chunk for notes in learner._waiting for x in notes.waiting] == [True]


def test_the_newest_page_wins():
    learner = Learner()
    first = feed(learner, image("a", 1))
    feed(learner, image("a", 2) + image("b", 2))
    assert learner.size_of("/a.jpg") == square(2)
    first.feed(image("a", 4) + image("b", 4))
    feed(learner, image("a", 5))
    assert (learner.size_of("/a.jpg"), learner.size_of("/b.jpg")) == (square(5), square(4))


def test_some_time_may_be_taken_between_two_missing_pictures(monkeypatch):
    """A site is looked through, of which no picture is missing in the meantime."""
    Clock(monkeypatch, 0.001, credit=0.2)
    learner = Learner()
    waiting = pages._MOST_WAITING * 3 // 4 // (51 * KB)
    for first in (0, 300):
        for i in range(first, first + 300):
            feed(learner, image(i), b"x" * 50 * KB)
            assert_books_are_right(learner)
        read = [i for i in range(first, first + 300) if f"/{i}.jpg" in known(learner)]
        assert 199 <= len(read) - waiting <= 208
        assert read[:199] == list(range(first, first + 199))
        assert read[-waiting:] == list(range(first + 300 - waiting, first + 300))


def test_as_long_as_there_is_time_nothing_is_forgotten(monkeypatch):
    """A hundred pages of 50 KB, each read in 0.1 ms."""
    clock, learner = Clock(monkeypatch, 0.0001), Learner()
    for i in range(100):
        clock.now += 0.0001 / pages._SHARE * 1.01
        feed(learner, image(i), b"x" * 50 * KB)
        assert_books_are_right(learner)
    assert len(learner) > 70, "read because others came"
    assert list(known(learner)) == [f"/{i}.jpg" for i in range(100)]


def test_under_load_reading_takes_no_more_than_its_share(monkeypatch):
    """As many pages in ten seconds, each of which takes 10 ms to read."""
    clock, learner = Clock(monkeypatch, 0.01), Learner()
    begun = clock.now
    for i in range(1000):
        clock.now = max(clock.now, begun + i / 100)
        feed(learner, image(i), b"x" * 50 * KB)
        assert_books_are_right(learner)
    many = 10 * pages._SHARE / 0.01
    assert many / 2 <= len(learner) <= many + 2
    last = pages._MOST_WAITING * 3 // 4 // (51 * KB)
    assert {f"/{i}.jpg" for i in range(1000 - last, 1000)} <= set(known(learner))


@pytest.mark.parametrize("size", [50, 64 * KB, 5 * MB])
def test_a_page_that_is_larger_than_what_may_wait_is_read(monkeypatch, size):
    Clock(monkeypatch, 1.0)
    learner = Learner()
    data = b"".join(image(i) + b"x" * 40 * KB for i in range(125))
    assert len(data) > 4 * pages._MOST_WAITING
    notes = Notes(learner, "/")
    for i in range(0, len(data), size):
        notes.feed(data[i : i + size])
        assert learner._waiting_bytes <= pages._MOST_WAITING
    assert list(known(learner)) == [f"/{i}.jpg" for i in range(125)]
    assert_books_are_right(learner)


def test_of_a_page_that_was_forgotten_the_rest_is_not_looked_at(monkeypatch):
    """It may be in the middle of a script."""
    Clock(monkeypatch, 1.0)
    learner = Learner()
    feed(learner, b"x" * 600 * KB)
    half = feed(learner, image("a"), b"<script>'")
    feed(learner, image("b"), b"x" * 600 * KB)  # reads the first one, and then rests
    feed(learner, image("c"), b"x" * 600 * KB)
    half.feed(image("script") + b"'</script>" + image("d"))
    assert_books_are_right(learner)
    assert list(known(learner)) == ["/c.jpg"]
    assert half.waiting == []


def test_a_chunk_that_comes_while_its_page_is_given_up_is_not_looked_at():
    learner = Learner()
    notes = feed(learner, b"<script>")
    notes.give_up()
    learner.put_aside(notes, image("script"))  # as `feed` in another thread, which looked before
    assert known(learner) == {}


def test_what_waits_weighs_what_it_says():
    for chunks, path in (
        ([b"x" * 50 * KB], "/"),
        ([b"x" * 30] * 20, "/page"),
        ([b"x"], "/" + "p" * 2000),
        ([b"x"], "/" + "é日" * 500),
        ([b"x"] * 5000, "/"),
    ):
        learner = Learner()
        tracemalloc.start()
        try:
            for i in range(3000 // len(chunks) + 1):
                # New objects, as those of an app are.
                feed(
                    learner, *(bytes(bytearray(c + b"%d" % i)) for c in chunks), path=path + f"{i}"
                )
            used = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        assert learner._waiting_bytes / 3 < used < learner._waiting_bytes * 1.5
        assert_books_are_right(learner)


def test_one_missing_picture_does_not_wait_long():
    card = b"<article class=card><h2><a href=/x>Lorem</a></h2>%b<ul><li>a<li>b</ul></article>\n"
    learner = Learner()
    for i in itertools.count():
        data = b"".join(card % image(f"{i}-{j}") for j in range(200)) + b"x" * 40 * KB
        if learner._waiting_bytes + len(data) > pages._MOST_WAITING - 2 * KB:
            break
        feed(learner, data)
    assert i > 10
    begun = time.process_time()
    assert learner.size_of("/3-7.jpg") == square()
    assert time.process_time() - begun < 0.5  # for slow machines; here it is 0.03


@pytest.mark.parametrize("share", [pages._SHARE, 1e-9, 1e9])
def test_threads_do_not_break_the_books(monkeypatch, share):
    monkeypatch.setattr(pages, "_MOST_WAITING", 20 * KB)
    monkeypatch.setattr(pages, "_SHARE", share)
    monkeypatch.setattr(pages, "_CREDIT", 0)
    learner = Learner()
    together = threading.Barrier(8)

    def work(seed):
        together.wait()
        for i in range(100):
            side = 1 + (seed * i) % 89
            script = b"<script>%b</script>" % image(side, 99)
            notes = Notes(learner, f"/{seed}")
            for chunk in (image(side, side), script[:9], script[9:], b"x" * (i * 37 % KB)):
                notes.feed(chunk)
            if i % 7 == seed:
                learner.size_of("/1.jpg")

    interleaved(work, range(8))
    assert_books_are_right(learner)
    found = known(learner)
    right = {f"/{side}.jpg": square(side) for side in range(1, 90)}
    assert found.items() <= right.items()
    assert share < 1 or len(found) == len(right)
    assert not learner._waiting
    assert_books_are_right(learner)


def test_stopped_anywhere_its_books_are_right(monkeypatch):
    """What was being read then is given up, all else is as it was."""
    monkeypatch.setattr(pages, "_MOST_WAITING", 4 * KB)
    monkeypatch.setattr(pages, "_CREDIT", 0)
    for share, work in itertools.product((1e-9, 1e9), ("feed", "size_of")):
        monkeypatch.setattr(pages, "_SHARE", share)
        for count in itertools.count(1):
            learner = Learner()
            last = [feed(learner, image(i), b"x" * 800, path=f"/{i}") for i in range(20)][-1]
            works = {
                "feed": lambda x=learner: feed(x, b"x" * KB),
                "size_of": lambda x=learner: x.size_of("/19.jpg"),
            }
            came = stopped(pages, count, works[work])
            assert_books_are_right(learner, is_bounded=not came)  # what came last may be too much
            last.feed(image("last"))
            feed(learner, image("again"))
            assert learner.size_of("/again.jpg") == square()
            assert_books_are_right(learner)
            if last._is_over:
                assert learner.size_of("/last.jpg") is None, count
            if not came:
                assert learner.size_of("/last.jpg") == learner.size_of("/19.jpg") == square()
                break
        assert count > 10


FORK = """
import os, signal
from wsgi_placeholder.missing import Guess
from wsgi_placeholder.missing.pages import Learner, Notes
learner = Learner()
guess = Guess(300, 200, "page")
half, whole = Notes(learner, "/"), Notes(learner, "/")
half.feed(b"<script>")
learner.read()
half.feed(b"'<img src=/half.jpg width=300 height=200>")
whole.feed(b"<img src=/whole.jpg width=300 height=200>")
with learner._lock:
    # Another thread is just reading a page.
    learner._being_read = learner._waiting.popleft()
    learner._being_read.waiting = []
    child = os.fork()
    if not child:
        signal.alarm(5)  # a child that waits for ever is ended
        half.feed(b"'<img src=/half.jpg width=300 height=200>")
        Notes(learner, "/").feed(b"<img src=/new.jpg width=300 height=200>")
        kept = learner.size_of("/whole.jpg") == learner.size_of("/new.jpg") == guess
        os._exit(0 if kept and learner.size_of("/half.jpg") is None else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


def test_a_child_forked_while_it_was_reading_can_use_it():
    assert subprocess.run([sys.executable, "-c", FORK], timeout=20).returncode == 0
