"""Shared settings of the tests: helpers beside them can be imported by name."""
