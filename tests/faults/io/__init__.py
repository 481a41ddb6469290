"""I/O errors: system calls that fail, one after the other, and what clients are told meanwhile."""
