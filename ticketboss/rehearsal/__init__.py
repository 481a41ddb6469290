"""The rehearsal: a drop against a running server, and whether it kept what it promises.

It sees what partners and operators see over HTTP, and nothing else.
"""
