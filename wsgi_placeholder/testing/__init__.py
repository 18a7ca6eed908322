"""For tests of sites: `assert_no_missing_images`. For those of plug-ins: contract suites.

The contracts are what the rest of the house relies on in formats, styles and dialects. Inherit
from one in a test module and give it the plug-in as a pytest fixture:

    class TestBmp(FormatContract):
        @pytest.fixture
        def format(self):
            return bmp.FORMAT

The methods take the plug-in as their only argument, so they can also be called without pytest.
For asserts that show their values, put `pytest.register_assert_rewrite("wsgi_placeholder.testing")`
before the import.
"""

from wsgi_placeholder.testing._given import HOSTILE_TEXTS
from wsgi_placeholder.testing.dialects import DialectContract
from wsgi_placeholder.testing.formats import FormatContract
from wsgi_placeholder.testing.missing import assert_no_missing_images
from wsgi_placeholder.testing.styles import StyleContract

__all__ = [
    "HOSTILE_TEXTS",
    "DialectContract",
    "FormatContract",
    "StyleContract",
    "assert_no_missing_images",
]
