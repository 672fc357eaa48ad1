"""Shared settings of the tests: modules beside them can be imported by name."""
