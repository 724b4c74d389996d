"""The rules of the primitives in other languages, made from the text of their classes.

A rule is written once, in the class of its primitive. `translate` reads it; each of the modules `numpy_language`,
`numba_language` and `javascript_language` writes it again, by a table of names and a template. `python -m
autograd.rules` makes the files that hold the library's own primitives. A primitive that a user wrote is translated when
it is compiled, or played in a page.
"""
