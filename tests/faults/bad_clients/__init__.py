"""Clients that are slow, idle, broken or hostile, and what the others notice of them."""
