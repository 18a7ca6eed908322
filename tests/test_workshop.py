"""The thread for expensive pictures: one at a time, a short queue, and the rest goes on."""

import _thread
import concurrent.futures
import contextlib
import ctypes
import dataclasses
import gc
import itertools
import os
import queue
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
from asking import ask, checked, environ_for, page
from stopping import Stop, stopped

from wsgi_placeholder import PlaceholderMiddleware, Spec, formats, promise, workshop
from wsgi_placeholder.errors import Busy
from wsgi_placeholder.workshop import Workshop

PATIENCE = 10  # seconds, of a test that goes wrong


class Job:
    """One that runs until it is let go, and tells when and where."""

    def __init__(self, result="made"):
        self.result = result
        self.begun, self.go = threading.Event(), threading.Event()
        self.thread = None

    def __call__(self):
        self.thread = threading.current_thread()
        self.begun.set()
        assert self.go.wait(PATIENCE)
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


MOST_WAITING = workshop._MOST_WAITING  # before any test changes it


@pytest.fixture(autouse=True)
def eight_may_wait(monkeypatch):
    monkeypatch.setattr("wsgi_placeholder.workshop._MOST_WAITING", 8)


@pytest.fixture
def shop():
    return Workshop()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(40) as pool:
        yield pool


def until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def threads():
    return [thread for thread in threading.enumerate() if "placeholder" in thread.name]


def test_the_thread_starts_with_the_first_job_and_is_the_only_one(shop):
    before = _thread._count()
    assert not shop._alive.locked()
    ran_in = [shop.run(threading.current_thread, 1) for _ in range(5)]
    assert len(set(ran_in)) == 1
    assert ran_in[0] is not threading.current_thread()
    assert ran_in[0] in threads()
    assert ran_in[0].daemon
    assert _thread._count() <= before + 1


def test_construction_starts_no_thread():
    """gunicorn --preload forks afterwards"""
    before = _thread._count()
    app = PlaceholderMiddleware(page)
    assert ask(app, environ_for("/placeholder/600x400")).code == 200
    assert ask(app, environ_for("/placeholder/3000x3000.jpg")).code == 200
    assert _thread._count() <= before, "flat pictures need none either"
    assert not app.renderer._workshop._alive.locked()
    assert ask(app, environ_for("/placeholder/900.webp")).code == 200
    assert _thread._count() <= before + 1
    assert app.renderer._workshop._alive.locked()


def test_one_job_at_a_time(shop, pool):
    running, most = [], []

    def job():
        running.append(1)
        most.append(len(running))
        time.sleep(0.01)
        running.pop()

    list(pool.map(lambda _: shop.run(job, 1), range(8)))
    assert most == [1] * 8


def test_jobs_run_in_the_order_in_which_they_came(shop, pool):
    first, order = Job(), []
    futures = [pool.submit(shop.run, first, 1)]
    first.begun.wait(PATIENCE)
    for i in range(5):
        futures.append(pool.submit(shop.run, lambda i=i: order.append(i), 1))
        until(lambda i=i: len(shop._jobs) == i + 2)
    first.go.set()
    for future in futures:
        future.result(PATIENCE)
    assert order == [0, 1, 2, 3, 4]


def test_the_ninth_is_refused_at_once(shop, pool):
    first = Job()
    futures = [pool.submit(shop.run, first, 1)]
    first.begun.wait(PATIENCE)
    futures += [pool.submit(shop.run, lambda: "later", 1) for _ in range(7)]
    until(lambda: len(shop._jobs) == 8)
    ran = []
    for _ in range(3):
        begun = time.monotonic()
        with pytest.raises(Busy):
            shop.run(lambda: ran.append(1), 1)
        assert time.monotonic() - begun < 0.5
    assert len(shop._jobs) == 8
    first.go.set()
    assert [future.result(PATIENCE) for future in futures] == ["made"] + ["later"] * 7
    assert not ran
    assert len(shop._jobs) == 0
    assert shop.run(lambda: "again", 1) == "again"


def test_a_page_of_forty_pictures_may_wait_and_the_sixty_fifth_is_refused(shop, monkeypatch):
    monkeypatch.setattr(workshop, "_MOST_WAITING", MOST_WAITING)
    first = Job()
    with ThreadPoolExecutor(64) as pool:
        futures = [pool.submit(shop.run, first, 1) for _ in range(64)]
        until(lambda: len(shop._jobs) == 64)
        with pytest.raises(Busy):
            shop.run(lambda: "one more", 1)
        first.go.set()
        assert [future.result(PATIENCE) for future in futures] == ["made"] * 64


def in_time(work):
    """Return what `work` returns; where that hangs, the test fails and does not hang."""
    made = []
    thread = threading.Thread(target=lambda: made.append(work()), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert made
    return made[0]


@pytest.mark.parametrize("module", [workshop, promise, threading, queue, concurrent.futures._base])
def test_stopped_anywhere_nothing_is_left_behind(module):
    """No place in the queue is taken, and no lock held: neither ours nor any below."""
    for count in itertools.count(1):
        shop = Workshop()

        def work(shop=shop):
            return shop.run(lambda: time.sleep(0.002) or "made", 1)

        came = stopped(module, count, work)
        assert shop._lock.acquire(timeout=1), count
        shop._lock.release()
        for _ in range(2):
            assert in_time(lambda shop=shop: shop.run(lambda: "again", 1)) == "again", count
        assert not shop._jobs, count
        if not came:
            break
    assert count > 8 or module not in (workshop, promise)


def test_a_job_nobody_waits_for_any_more_is_not_done(shop, pool, monkeypatch):
    first, ran = Job(), []
    running = pool.submit(shop.run, first, 1)
    first.begun.wait(PATIENCE)

    def stop(job, seconds):
        raise Stop

    with monkeypatch.context() as patch:
        patch.setattr(workshop._Job, "wait", stop)
        for _ in range(20):  # more than may wait
            with pytest.raises(Stop):
                shop.run(lambda: ran.append(1), 1)
    assert len(shop._jobs) == 1
    first.go.set()
    assert running.result(PATIENCE) == "made"
    assert shop.run(lambda: "again", 1) == "again"
    assert not ran


def kill(thread):
    """Raise an exception in a thread that waits for work, as memory that ran out would."""
    stop = ctypes.py_object(SystemExit)  # the one that prints nothing
    assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), stop) == 1


def test_a_thread_that_died_is_replaced(shop):
    thread, native = shop.run(lambda: (threading.current_thread(), threading.get_native_id()), 1)
    kill(thread)
    shop._queue.put(workshop._Job(int, 1))  # wakes it
    until(lambda: not shop._alive.locked())
    other = shop.run(threading.get_native_id, 1)
    assert other != native
    assert other == shop.run(threading.get_native_id, 1)


def test_the_next_thread_does_what_the_last_left(shop, pool, monkeypatch):
    first = Job()
    running = pool.submit(shop.run, first, 1)
    first.begun.wait(PATIENCE)
    waiting = pool.submit(shop.run, lambda: "left", 1)
    until(lambda: len(shop._jobs) == 2)

    def die(queue):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(workshop, "_do_next", die)
        first.go.set()
        assert running.result(PATIENCE) == "made"
        until(lambda: not shop._alive.locked())
    assert shop.run(lambda: "again", 1) == "again"
    assert waiting.result(PATIENCE) == "left"


def test_who_waits_for_a_thread_that_died_is_told_to_come_back(shop, monkeypatch):
    def die(queue):
        queue.get()
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(workshop, "_LONGEST_WAIT", 0.1)
        patch.setattr(workshop, "_do_next", die)
        with pytest.raises(Busy):
            shop.run(lambda: "lost", 1)
        assert not shop._jobs
    assert shop.run(lambda: "again", 1) == "again"


def test_nobody_waits_for_ever_for_what_has_begun(shop, monkeypatch):
    monkeypatch.setattr(workshop, "_LONGEST_WAIT", 0.05)
    monkeypatch.setattr(workshop, "_PATIENCE", 0.05)
    slow = Job()
    with pytest.raises(Busy):
        shop.run(slow, 1)
    assert slow.begun.is_set()
    slow.go.set()


class SeenAsFree:
    """The lock of a thread's life, as seen by those that were started before it was taken."""

    def __init__(self):
        self.lock = threading.Lock()

    def locked(self):
        return False

    def __enter__(self):
        self.lock.acquire()

    def __exit__(self, *error):
        self.lock.release()


@pytest.mark.parametrize("alive", [threading.Lock, SeenAsFree])
def test_of_threads_that_started_at_once_one_works_and_all_end_with_the_workshop(alive):
    before = _thread._count()
    shop = Workshop()
    shop._alive = alive()
    for _ in range(5):
        shop._start()
    assert len({shop.run(threading.get_native_id, 1) for _ in range(10)}) == 1
    shop._start()
    if alive is threading.Lock:
        until(lambda: _thread._count() <= before + 1)
    del shop
    until(lambda: _thread._count() <= before)


class Picture:
    """What a job needs or makes."""


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_of_a_job_stays(shop, fails):
    def work(picture):
        if fails:
            raise ZeroDivisionError
        return picture

    def made():
        picture = Picture()
        with contextlib.suppress(ZeroDivisionError):
            shop.run(lambda: work(picture), 1)
        return weakref.ref(picture)

    gc.disable()
    try:
        watched = made()
        until(lambda: watched() is None)
    finally:
        gc.enable()


EXIT = """
import sys, threading, time
from wsgi_placeholder.workshop import Workshop
shop = Workshop()
assert shop.run(lambda: 1, 1) == 1
begun = threading.Event()
def never():
    begun.set()
    while True:
        time.sleep(0.001)
if "busy" in sys.argv:
    for _ in range(3):
        threading.Thread(target=shop.run, args=(never, 1), daemon=True).start()
    begun.wait()
"""


@pytest.mark.parametrize("how", ["idle", "busy"])
def test_the_process_ends_without_it(how):
    command = [sys.executable, "-X", "dev", "-c", EXIT, how]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, b"")


def test_who_waits_too_long_is_refused_and_never_drawn(shop, pool, monkeypatch):
    assert workshop._LONGEST_WAIT == 2
    monkeypatch.setattr(workshop, "_LONGEST_WAIT", 0.2)
    first, ran = Job(), []
    running = pool.submit(shop.run, first, 1)
    first.begun.wait(PATIENCE)
    begun = time.monotonic()
    with pytest.raises(Busy):
        shop.run(lambda: ran.append(1), 1)
    assert 0.15 < time.monotonic() - begun < 1.5
    assert len(shop._jobs) == 1
    first.go.set()
    assert running.result(PATIENCE) == "made"
    assert shop.run(lambda: "again", 1) == "again", "what came later is done"
    assert not ran
    assert len(shop._jobs) == 0


def test_what_has_begun_is_waited_for(shop, pool, monkeypatch):
    monkeypatch.setattr(workshop, "_LONGEST_WAIT", 0.05)
    slow = Job()
    running = pool.submit(shop.run, slow, 1)
    slow.begun.wait(PATIENCE)
    time.sleep(0.15)
    assert not running.done()
    slow.go.set()
    assert running.result(PATIENCE) == "made"


@pytest.mark.parametrize(
    "mistake",
    [ValueError("no"), MemoryError(), TimeoutError("its own"), Busy("full"), SystemExit()],
)
def test_what_a_job_raises_comes_out(shop, mistake):
    def fail():
        raise mistake

    for _ in range(10):  # more than may wait, were any not counted off again
        with pytest.raises(type(mistake)) as caught:
            shop.run(fail, 1)
        assert caught.value is mistake
        assert len(shop._jobs) == 0
    assert shop.run(lambda: "again", 1) == "again"


def test_what_fails_late_comes_out_too(shop, pool, monkeypatch):
    monkeypatch.setattr(workshop, "_LONGEST_WAIT", 0.05)
    slow = Job(TimeoutError("its own"))
    running = pool.submit(shop.run, slow, 1)
    slow.begun.wait(PATIENCE)
    time.sleep(0.1)
    slow.go.set()
    assert running.exception(PATIENCE) is slow.result
    assert len(shop._jobs) == 0


def test_a_thread_that_cannot_start_is_not_counted(shop, monkeypatch):
    def refuse(work, arguments):
        raise RuntimeError("can't start new thread")

    ran = []
    with monkeypatch.context() as patch:
        patch.setattr(_thread, "start_new_thread", refuse)
        for _ in range(10):
            with pytest.raises(Busy):
                shop.run(lambda: ran.append(1), 1)
    assert len(shop._jobs) == 0
    assert shop.run(lambda: "again", 1) == "again"
    assert not ran


def test_memory_is_given_back_after_a_large_one_only(shop, monkeypatch):
    trimmed = []
    monkeypatch.setattr(workshop, "_trim", lambda: trimmed.append(threading.current_thread()))
    shop.run(lambda: 1, 32_000_000)
    assert not trimmed
    thread = shop.run(threading.current_thread, 32_000_001)
    assert trimmed == [thread], "in the thread whose memory it is"
    with pytest.raises(ZeroDivisionError):
        shop.run(lambda: 1 / 0, 32_000_001)
    assert len(trimmed) == 2


FORK = """
import os, signal, threading, warnings
from wsgi_placeholder.workshop import Workshop
warnings.simplefilter("ignore", DeprecationWarning)  # fork with threads is what is tested
shop = Workshop()
begun, go = threading.Event(), threading.Event()
def job():
    begun.set()
    go.wait(30)
busy = [threading.Thread(target=shop.run, args=(job, 1), daemon=True) for _ in range(8)]
for thread in busy:
    thread.start()
begun.wait()
while len(shop._jobs) < 8:
    pass
with shop._lock:
    child = os.fork()
    if not child:
        signal.alarm(5)  # a child that waits for ever is ended
        ran_in = shop.run(threading.current_thread, 1)
        fine = ran_in is not threading.current_thread() and len(shop._jobs) == 0
        os._exit(0 if fine else 1)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
os._exit(status if len(shop._jobs) == 8 else 2)
"""


def test_a_child_forked_while_the_queue_was_full_has_its_own():
    assert subprocess.run([sys.executable, "-c", FORK]).returncode == 0


# In the middleware


@pytest.fixture
def blocked(pool):
    """A middleware whose workshop is busy and whose queue is full, until the test is over."""
    app = PlaceholderMiddleware(page)
    for url in ("500.avif", "600x400"):
        assert ask(app, environ_for("/placeholder/" + url)).code == 200
    jobs = [Job() for _ in range(8)]
    running = [pool.submit(app.renderer._workshop.run, job, 1) for job in jobs]
    until(lambda: len(app.renderer._workshop._jobs) == 8)
    yield app
    for job in jobs:
        job.go.set()
    for future in running:
        future.result(PATIENCE)


def test_all_that_is_cheap_goes_on_while_the_workshop_is_blocked(blocked):
    def code(url, method="GET", **headers):
        begun = time.monotonic()
        answer = ask(blocked, environ_for(url, method, **headers))
        assert time.monotonic() - begun < 1
        return answer.code

    refused = ask(blocked, environ_for("/placeholder/901.avif"))
    assert (refused.code, refused["Retry-After"]) == (503, "2")
    assert refused["Cache-Control"] == "no-store"
    for picture in ("500.avif", "600x400"):
        assert code("/placeholder/" + picture) == 200, "a hit"
        assert code("/placeholder/" + picture, "HEAD") == 200
    assert code("/placeholder/901.avif", if_none_match="*") == 304
    for name in ("png", "jpeg"):
        assert code(f"/placeholder/2000x1500.{name}") == 200, "flat"
    for name in formats.installed():
        assert code(f"/placeholder/64x48.{name}") == 200, "small"
    assert code("/placeholder/901.avif", "OPTIONS") == 204
    assert code("/placeholder/nonsense") == 400
    assert code("/elsewhere") == 200
    assert code("/placeholder/902.webp") == 503


def test_a_refused_picture_is_drawn_when_there_is_room_again(pool):
    app = PlaceholderMiddleware(page)
    jobs = [Job() for _ in range(8)]
    running = [pool.submit(app.renderer._workshop.run, job, 1) for job in jobs]
    until(lambda: len(app.renderer._workshop._jobs) == 8)
    assert ask(app, environ_for("/placeholder/700.webp")).code == 503
    for job in jobs:
        job.go.set()
    for future in running:
        future.result(PATIENCE)
    assert ask(app, environ_for("/placeholder/700.webp")).code == 200


@pytest.mark.parametrize("url", ["64x48.png", "900.webp"])
@pytest.mark.parametrize("where", ["composing", "encoding"])
def test_memory_that_runs_out_is_a_503(monkeypatch, url, where):
    app = PlaceholderMiddleware(page)

    def fail(*args):
        raise MemoryError

    with monkeypatch.context() as patch:
        if where == "composing":
            patch.setattr("wsgi_placeholder.registry.load", lambda kind, name: fail)
        else:
            name = url.rpartition(".")[2]
            broken = dataclasses.replace(formats.installed()[name], encode=fail)
            patch.setitem(formats.installed(), name, broken)
        with pytest.raises(Busy):
            app.renderer.render(Spec.of(64 if "64" in url else 900, format=url[-4:].strip(".")))
        if where == "encoding":
            answer = ask(app, environ_for("/placeholder/" + url))
            assert (answer.code, answer["Retry-After"]) == (503, "2")
            assert answer["Cache-Control"] == "no-store"
    assert ask(app, environ_for("/placeholder/" + url)).code == 200, "nothing of it is kept"


MEMORY = """
import sys
from concurrent.futures import ThreadPoolExecutor
from wsgi_placeholder import PlaceholderMiddleware
from wsgi_placeholder.workshop import Workshop
if sys.argv[1] == "naive":
    Workshop.run = lambda self, job, bytes_needed: job()
else:
    import wsgi_placeholder.workshop
    wsgi_placeholder.workshop._LONGEST_WAIT = 60
    wsgi_placeholder.workshop._MOST_WAITING = 99
app = PlaceholderMiddleware(print)
def get(i):
    path = f"/placeholder/1500x{1500 - i}.avif"
    environ = {"PATH_INFO": path, "QUERY_STRING": "", "REQUEST_METHOD": "GET"}
    [body] = app(environ, lambda status, headers: status == "200 OK" or 1 / 0)
    return len(body)
def kilobytes(field):
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])
before = kilobytes("VmRSS")
with ThreadPoolExecutor(16) as pool:
    assert all(pool.map(get, range(16)))
print(kilobytes("VmHWM") - before, kilobytes("VmRSS") - before)
"""


def megabytes(how):
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MALLOC_")}
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, how], capture_output=True, text=True, check=True, env=environ
    )
    return [int(number) / 1000 for number in done.stdout.split()]


def test_sixteen_threads_take_the_memory_of_one():
    """R-4: the peak is that of one picture, and little of it stays"""
    peak, left = megabytes("workshop")
    assert peak < 1500 * 1500 * 40 / 1e6
    assert left < 40
    naive, _ = megabytes("naive")
    assert naive > 2 * peak, "or there is no need for a workshop"


def test_where_no_memory_is_left_even_an_error_for_an_img_is_a_503(monkeypatch):
    def encode(scene, quality=None):
        raise MemoryError

    app = PlaceholderMiddleware(page)
    monkeypatch.setitem(
        formats.installed(), "png", dataclasses.replace(formats.installed()["png"], encode=encode)
    )
    answer = ask(checked(app), environ_for("/placeholder/60x40", sec_fetch_dest="image"))
    assert answer.code == 503
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert b"no memory" in answer.body
