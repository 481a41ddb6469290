"""How long the properties are searched: `--hypothesis-profile=thorough` takes minutes."""

from hypothesis import settings

settings.register_profile("thorough", max_examples=3_000, deadline=None)
