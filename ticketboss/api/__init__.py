"""HTTP: parse strictly, build a command, render what came of it."""
