"""Start a real server on a free port, talk to it by raw socket, and end it whatever happens.

Responses are read byte by byte as HTTP/1.1 says (RFC 9112), so that a byte too many or too few
shows up as a failure instead of being forgiven by a client library.
"""

import contextlib
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass

HOST = "127.0.0.1"
PATIENCE = 30  # seconds for a server to start or to answer, on a machine with much else to do


def free_port():
    """A port nobody listens on, below those the system gives to clients.

    Not from `random`: pytest-randomly gives parallel test processes the same seed.
    """
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port


def executable(name):
    """The console script (or python itself) of the environment that runs the tests."""
    if name == "python":
        return sys.executable
    return os.path.join(sysconfig.get_path("scripts"), name)


@contextlib.contextmanager
def serve(command, cwd):
    """Run `command` (a string, whose 8000 becomes a free port) in `cwd`; give the port.

    When the block is left, the server and all its children are gone.
    """
    for attempt in range(3):
        port = free_port()
        name, *arguments = shlex.split(command.replace("8000", str(port)))
        with tempfile.TemporaryFile() as log:
            process = subprocess.Popen(
                [executable(name), *arguments],
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                if _listens(process, port):
                    yield port
                    return
            finally:
                _end(process)
                log.seek(0)
                said = log.read().decode(errors="replace")
                print(f"{command}:\n{said}")  # pytest shows it when the test has failed
            if attempt == 2 or "in use" not in said:
                raise AssertionError(f"{command} did not listen on port {port}")


def _listens(process, port):
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection((HOST, port), PATIENCE).close()
            return True
        time.sleep(0.02)
    return False


def _end(process):
    """Ask the server to end, then see to it that nothing of its process group is left."""
    for kind, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, PATIENCE)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, kind)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


@dataclass
class Answer:
    """One response; `body` is without the sizes of chunks."""

    status: int
    headers: list
    body: bytes

    def header(self, name):
        """The value of a header that comes once, or None."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) < 2, f"{name} comes {len(values)} times"
        return values[0] if values else None


class Connection:
    """One connection: what is sent, and the responses on it, one after the other."""

    def __init__(self, port):
        self._socket = socket.create_connection((HOST, port), PATIENCE)
        self._reader = self._socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._reader.close()
        self._socket.close()

    def send(self, target, method="GET", headers=(), body=b""):
        """Send one request; `target` goes onto the request line as it is."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {HOST}", *headers, "", ""]
        self._socket.sendall("\r\n".join(lines).encode("latin-1") + body)

    def ended(self):
        """True when the server closed the connection and nothing was left on it."""
        try:
            left = self._reader.peek(1)
        except ConnectionResetError:
            return True
        return not left

    def head(self):
        """Read a status line and headers; the status line must be one."""
        line = self._reader.readline()
        version, _, rest = line.decode("latin-1").rstrip("\r\n").partition(" ")
        assert version in ("HTTP/1.0", "HTTP/1.1"), f"{line!r} is no status line"
        headers = []
        while (line := self._reader.readline().decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        return Answer(int(rest[:3]), headers, b"")

    def chunks(self, answer, method="GET"):
        """Yield the body of `answer` in the pieces in which it arrives."""
        if method == "HEAD" or answer.status in (204, 304):
            return
        if (length := answer.header("Content-Length")) is not None:
            yield self._exactly(int(length))
        elif answer.header("Transfer-Encoding") == "chunked":
            while size := int(self._reader.readline(), 16):
                yield self._exactly(size)
                assert self._reader.readline() == b"\r\n"
            assert self._reader.readline() == b"\r\n"
        else:
            while piece := self._reader.read1():
                yield piece

    def _exactly(self, size):
        data = self._reader.read(size)
        assert len(data) == size, f"{len(data)} bytes came, {size} were promised"
        return data

    def read(self, method="GET"):
        """Read one whole response to a request of `method`."""
        answer = self.head()
        answer.body = b"".join(self.chunks(answer, method))
        return answer


def fetch(port, target, method="GET", headers=()):
    """One request on a connection of its own."""
    with Connection(port) as connection:
        connection.send(target, method, ["Connection: close", *headers])
        answer = connection.read(method)
        assert connection.ended(), "the server sent more than its response"
        return answer


def assert_streams(port, target):
    """Each of three lines is the time it was made; one must be here before the last is made."""
    with Connection(port) as connection:
        connection.send(target, headers=["Connection: close"])
        answer = connection.head()
        pieces = connection.chunks(answer)
        body = next(pieces)
        arrived = time.time()
        body += b"".join(pieces)
    made = [float(line) for line in body.split()]
    assert answer.status == 200
    assert len(made) == 3
    assert made[0] <= arrived < made[2]
