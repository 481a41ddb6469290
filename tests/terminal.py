"""Operator commands as somebody sees them who sits before them: in a terminal of 80 columns."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from tests.server import PROJECT

COLUMNS, LINES = 80, 24
# What moves the cursor, or hides it.
CONTROL = re.compile(r"\x1b\[[?0-9;]*[A-Za-z]")


def heed_ctrl_c() -> None:
    """Whoever runs the tests in the background of a shell ignores it, and so would the command."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def in_terminal(
    *arguments: str, **environment: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """An operator command in a terminal; gives its process and where to read what is seen."""
    screen, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "ticketboss", *arguments],
        cwd=PROJECT,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={
            "PATH": os.environ["PATH"],
            "TERM": "xterm",
            "TICKETBOSS_ENV_FILE": "",
            **environment,
        },
        preexec_fn=heed_ctrl_c,
    )
    os.close(terminal)
    try:
        yield process, screen
    finally:
        process.kill()
        process.wait()
        os.close(screen)


def seen_until(screen: int, text: str = "") -> list[str]:
    """What comes until this text or the command's end, as lines; those written over too."""
    seen = b""
    while not text or text.encode() not in seen:
        try:
            part = os.read(screen, 65_536)
        # What Linux answers when nobody is left who writes.
        except OSError:
            part = b""
        if not part:
            break
        seen += part
    return [line for line in re.split(r"[\r\n]+", CONTROL.sub("", seen.decode())) if line]
