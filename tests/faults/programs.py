"""Programs of Debian that the fault tests need, and one sentence where one is missing."""

import shutil

import click


def lacking(program: str) -> str | None:
    """What to say where a program is missing that is in Debian's package of the same name."""
    if shutil.which(program):
        return None
    return f"This needs {program}, which is not installed: apt install {program}"


def need(program: str) -> None:
    """End with that sentence where the program is missing."""
    if (sentence := lacking(program)) is not None:
        raise click.ClickException(sentence)
