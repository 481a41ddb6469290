"""The application of `wsgi.py`, in workers that take long to import it."""

import os
import time

from wsgi import app

time.sleep(float(os.environ["BOOT_SECONDS"]))

__all__ = ["app"]
