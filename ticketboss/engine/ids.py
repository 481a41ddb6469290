"""Ids minted by the server."""

import os
import time


def new_id() -> str:
    """A UUID version 7 (RFC 9562 section 5.7): milliseconds first, then 74 random bits.

    In time order, so that rows are inserted at one edge of the primary key. Python has its own
    uuid.uuid7() only from 3.14 on.
    """
    unix_ms = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(os.urandom(10), "big")
    digits = (
        f"{unix_ms & 0xFFFFFFFFFFFF:012x}"
        f"7{random_bits & 0xFFF:03x}"
        f"{0x8000 | (random_bits >> 12 & 0x3FFF):04x}"
        f"{random_bits >> 26 & 0xFFFFFFFFFFFF:012x}"
    )
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
