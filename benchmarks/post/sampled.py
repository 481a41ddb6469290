"""TicketBoss with a look at what it does whenever it has used some CPU; for gunicorn to serve.

The kernel counts CPU time alone, in system calls as well: who waits is not looked at. Python runs
the handler behind the instruction that the tick has met, so a call of C is seen at its caller.
"""

import atexit
import json
import os
import signal
from collections import Counter
from pathlib import Path
from types import FrameType

from wsgi import app as app

# Most kernels look at their own ticks only, 100 to 1,000 times a second.
CPU_SECONDS_BETWEEN_LOOKS = 0.001

stacks: Counter[str] = Counter()


def look(_: int, frame: FrameType | None) -> None:
    """Count the functions that are being called, the innermost first."""
    names = []
    while frame is not None:
        names.append(f"{frame.f_code.co_filename}:{frame.f_code.co_name}")
        frame = frame.f_back
    stacks[";".join(names)] += 1


def _write() -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)
    path = Path(os.environ["SAMPLES_FOLDER"]) / f"{os.getpid()}.samples"
    path.write_text(json.dumps(stacks))


atexit.register(_write)
signal.signal(signal.SIGPROF, look)
signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS_BETWEEN_LOOKS, CPU_SECONDS_BETWEEN_LOOKS)
