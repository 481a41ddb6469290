"""How the long forms say what plays their findings again."""

import shlex


def again(program: str, *options: object) -> str:
    """The command that does once more what has found something, to be pasted into a shell."""
    words = ["python", "-m", f"tests.faults.{program}", *map(str, options)]
    return f"Again: {shlex.join(words)}"
