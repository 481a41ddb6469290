"""What tests of the replica need."""

import os

import pytest

from tests.faults.replica.litestream import program

# On a fresh machine nothing may be left out.
needs_litestream = pytest.mark.skipif(
    program() is None and not os.environ.get("CI"), reason="litestream is not installed"
)
