"""Ids minted by the server."""

import os
import time


def new_id() -> str:
    """A UUID version 7 (RFC 9562 section 5.7): the time first, then 62 random bits.

    In time order, so that rows are inserted at one edge of the primary key; 12 bits of fraction
    behind the milliseconds (section 6.2, method 3) keep the order of what follows quickly. Python
    has its own uuid.uuid7() only from 3.14 on.
    """
    unix_ms, nanoseconds = divmod(time.time_ns(), 1_000_000)
    random_bits = int.from_bytes(os.urandom(8), "big")
    digits = (
        f"{unix_ms & 0xFFFFFFFFFFFF:012x}"
        f"7{nanoseconds * 4096 // 1_000_000:03x}"
        f"{0x8000 | (random_bits & 0x3FFF):04x}"
        f"{random_bits >> 14 & 0xFFFFFFFFFFFF:012x}"
    )
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
