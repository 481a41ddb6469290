"""Litestream beside a server: how much is lost with the machine."""
