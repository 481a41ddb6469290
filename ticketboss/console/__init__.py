"""The operators' page: what they look at during a drop, and what they do then."""
