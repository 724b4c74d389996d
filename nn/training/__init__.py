"""What `nn.fit` and `nn.evaluate` run: examples, and a batch of them, eagerly or compiled.

`eager` is the training that one would write by hand, example by example. `compiled` does the same on arrays:
`compiled_loss` is the model and the loss as one compiled function, `parameter_array` holds what the optimizer moves.
"""
