"""A pytest plugin whose fixture is made as pytest-django's of that name, which is not needed."""

import django
import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from django.test.utils import override_settings

django.setup()


class LiveServer:
    def __init__(self):
        self.thread = LiveServerThread("localhost", static_handler=StaticFilesHandler)
        self.thread.daemon = True
        self.thread.start()
        self.thread.is_ready.wait()

    @property
    def url(self):
        return f"http://{self.thread.host}:{self.thread.port}"


@pytest.fixture(scope="session")
def live_server():
    with override_settings(ALLOWED_HOSTS=["localhost"]):
        server = LiveServer()
        yield server
        server.thread.terminate()
