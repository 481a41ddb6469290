"""What tests of the nemeses need."""

import os

import pytest

from tests.faults.nemeses.clock import PROGRAM, is_installed

# On a fresh machine nothing may be left out.
needs_faketime = pytest.mark.skipif(
    not is_installed() and not os.environ.get("CI"), reason=f"{PROGRAM} is not installed"
)
