"""What several tests of the benchmarks need."""

import os
import shutil

import pytest

# Where a machine has it all, nothing may be left out.
needs_wrk = pytest.mark.skipif(
    not shutil.which("wrk") and not os.environ.get("CI"), reason="wrk is not installed"
)
