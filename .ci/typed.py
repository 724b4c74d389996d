"""What a user's program is told of its types, where the packages are installed: try_distributions.py runs mypy on it.

mypy has to agree with every line, and to find each of the marked mistakes.
"""

from typing import assert_type

import nn
from autograd import Number, Value, compile, grad, hessian, softmax, tanh, value_and_grad


def cube(x: Number) -> Number:
    return x * x * x


def square(x: Value) -> Value:
    return x * x


x = Value(2.0, label="x")
assert_type(x.data, float)
assert_type(tanh(x) * 2 + 1, Value)
assert_type(tanh(2.0), float)
assert_type(softmax([x, x]), list[Value])
assert_type(grad(cube)(2.0), float)
assert_type(value_and_grad(cube)(2.0), tuple[float, float])
assert_type(hessian(cube)(2.0), float)
assert_type(compile(square)(x), Value)

data = nn.moons(20, rng=0)
assert_type(data.X, list[list[float]])
assert_type(data.y, list[int])
assert_type(data.class_names, tuple[str, ...])
model = nn.MLP(2, [4, 1], rng=0)
assert_type(model.parameters(), list[Value])
assert_type(model.layers[0].neurons[0].w, list[Value])
optimizer = nn.Adam(model.parameters(), lr=0.1)
assert_type(optimizer.lr, float)
history = nn.fit(
    model,
    data.X,
    data.y,
    loss=nn.binary_cross_entropy_with_logits,
    optimizer=optimizer,
    epochs=1,
    batch_size=10,
    progress=False,
)
assert_type(history, nn.History)
assert_type(history.loss, list[float])

x.backwards()  # type: ignore[attr-defined]
x.backward("once")  # type: ignore[arg-type]
tanh("x")  # type: ignore[call-overload]
compile(cube)(1.0, 2.0)  # type: ignore[call-arg]
nn.MLP(2, "4")  # type: ignore[arg-type]
nn.Adam(model, lr=0.1)  # type: ignore[arg-type]
