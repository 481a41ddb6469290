"""The default backend: one SQLite file, written by several processes."""
