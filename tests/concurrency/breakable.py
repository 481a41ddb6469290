"""The application of `wsgi.py`, which cannot be imported while the file named BROKEN exists."""

import os
from pathlib import Path

from wsgi import app

if Path(os.environ["BROKEN"]).exists():
    raise ImportError("half of an upgrade")

__all__ = ["app"]
