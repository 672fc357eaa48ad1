"""A war that never was: the generator of `examples/demo-war`, in parts.

`truth` draws what happens, `losses`, `people`, `money` and `arms` let speakers tell of it with their own biases and
delays, `tables` writes a data room. Nothing here is real, and every table says so.
"""
