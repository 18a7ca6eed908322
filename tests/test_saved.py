"""Pillow's encoders: other threads run meanwhile, and no file is cut short."""

import io
import subprocess
import sys
import threading
import time

import pytest
from PIL import Image

from wsgi_placeholder.formats._saved import saved


def longest_stop(work):
    """Seconds for which no other thread could run."""
    longest, over = 0.0, False

    def watch():
        nonlocal longest
        last = time.perf_counter()
        while not over:
            time.sleep(0.0005)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    work()
    over = True
    thread.join()
    return longest


def test_encoding_stops_no_other_thread():
    """Pillow holds the interpreter's lock for as long as it writes into memory."""
    picture = Image.new("P", (6000, 6000))
    plain = io.BytesIO()
    begun = time.perf_counter()
    picture.save(plain, "GIF", optimize=False)
    taken = time.perf_counter() - begun
    assert min(longest_stop(lambda: saved(picture, "GIF", optimize=False)) for _ in range(3)) < (
        taken / 3
    )
    assert saved(picture, "GIF", optimize=False) == plain.getvalue()


def test_where_the_system_has_no_file_in_memory_it_is_written_as_well(monkeypatch):
    picture = Image.new("P", (1000, 1000))
    usual = saved(picture, "GIF")

    def refuse(name):
        raise OSError("too many open files")

    monkeypatch.setattr("os.memfd_create", refuse, raising=False)
    assert saved(picture, "GIF") == usual
    monkeypatch.delattr("os.memfd_create")
    assert saved(picture, "GIF") == usual


LIMITED = """
import io, resource, signal, sys
from PIL import Image
from wsgi_placeholder.formats import _saved
if "unnoticed" in sys.argv:
    _saved._files_are_free = lambda: True
else:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # as where a server embeds the interpreter
for limit in (0, 1000, 100_000, 600_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for format in ("JPEG", "GIF"):
        for picture in (Image.effect_noise((1000, 1000), 100), Image.new("L", (1000, 1000))):
            usual = io.BytesIO()
            picture.save(usual, format)
            assert _saved.saved(picture, format) == usual.getvalue(), (format, limit)
"""


@pytest.mark.parametrize("how", ["known", "unnoticed"])
def test_a_limit_of_the_size_of_files_cuts_nothing_short(how):
    """It holds for files in memory too; the error is lost in Pillow, or it ends the process."""
    assert subprocess.run([sys.executable, "-c", LIMITED, how]).returncode == 0
