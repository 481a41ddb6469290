"""The rules by which `decide` accepts or refuses, one module per kind of change."""
