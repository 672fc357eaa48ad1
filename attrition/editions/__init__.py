"""Editions of the book: their files, what is kept of the published ones, what moved between two and why."""
