"""Where the microseconds of a POST go."""
