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
    fraction = nanoseconds * 4096 // 1_000_000
    random_bits = int.from_bytes(os.urandom(8), "big") >> 2
    value = unix_ms << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random_bits
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
