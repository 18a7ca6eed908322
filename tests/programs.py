"""Programs from outside Python, which a stranger's machine may lack and CI installs."""

import os
import shutil

import pytest


def installed(*names):
    """Return the path of the first that is there; without any, skip, but in CI fail."""
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        missing = f"not installed: {' or '.join(names)}"
        if "CI" in os.environ:
            pytest.fail(missing)
        pytest.skip(missing)
    return path
