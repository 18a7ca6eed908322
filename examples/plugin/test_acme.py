"""The contract suites that ship with wsgi-placeholder, run over this plug-in: `pytest`."""

import pytest
from acme_placeholders import acme, bmp, stripes

from wsgi_placeholder.testing import DialectContract, FormatContract, StyleContract


class TestBmp(FormatContract):
    @pytest.fixture
    def format(self):
        return bmp.FORMAT


class TestStripes(StyleContract):
    @pytest.fixture
    def style(self):
        return stripes.STYLE


class TestAcme(DialectContract):
    # Good URLs of the dialect; most hostile ones are made by damaging these.
    urls = ("/300x200-red", "/400", "/300x200-red?say=Hello", "/16:9x1080-09f")

    @pytest.fixture
    def dialect(self):
        return acme.DIALECT
