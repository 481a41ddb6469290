"""Where files are made that no power cut will meet, for a disk takes its time over each sync."""

from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108
# A parent of temporary folders; None, the usual one, where the system has no such thing.
IN_MEMORY = _SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None
