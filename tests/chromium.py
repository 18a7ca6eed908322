"""A headless Chromium, started anew for each call, that loads a page and says what came of it."""

import contextlib
import os
import signal
import subprocess
import tempfile

from programs import installed

PATIENCE = 60  # seconds; a start takes one or two
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = [
    "--headless",
    "--no-sandbox",  # it refuses to be root's otherwise, as in a container
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--force-device-scale-factor=1",
]


def dom(url, *options):
    """Return the document as HTML, after its load event."""
    return _run(*options, "--dump-dom", url).decode()


def screenshot(url, path, width, height):
    """Write what a window of that size shows, after the load event, as PNG."""
    _run(f"--screenshot={path}", f"--window-size={width},{height}", "--hide-scrollbars", url)


def _run(*arguments):
    program = installed(*_NAMES)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [program, *_OPTIONS, f"--user-data-dir={profile}", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            out, said = process.communicate(timeout=PATIENCE)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # its children, whatever has happened
            process.wait()
        assert process.returncode == 0, said.decode(errors="replace")
        return out
