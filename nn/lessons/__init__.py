"""Backpropagation by hand: small networks whose gradients are written out as formulas.

Nothing here is needed to train anything. It is the arithmetic that `backward()` does for us, done once on plain floats
so that it can be read, printed and drawn, and compared with the engine.
"""
