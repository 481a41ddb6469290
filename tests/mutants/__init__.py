"""`make mutants`: what its tests run with, and its result."""
