"""The models: pure functions from frames to small results.

A model reads no file, draws nothing, formats nothing and knows no country. Every seed is an argument.
"""
