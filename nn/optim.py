"""Optimizers: how parameters move against their gradients.

The formulas and the defaults are those of PyTorch 2.13 (the boxed algorithms in the documentation of `torch.optim`),
and so are the results. Here theta is a parameter's number and g its gradient.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeAlias

from autograd import Value
from nn.arguments import as_list, at_least_zero, real
from nn.module import Module

State: TypeAlias = tuple[float, ...]
"""What an optimizer remembers of one parameter from step to step."""


class Optimizer:
    """The base of all optimizers: a subclass gives `initial_state` and `update`.

    Args:
        parameters: the Values to move, as from `model.parameters()`.
        lr: the learning rate; may be set between steps.

    states: what it remembers, one state for each parameter.

    Raises:
        TypeError: something among the parameters is not a Value, or a setting is not a number.
        ValueError: there are no parameters, one is listed twice or is the result of an operation, or `lr` is negative.
    """

    initial_state: State = ()

    def __init__(self, parameters: Iterable[Value], lr: float) -> None:
        self.parameters = _movable(parameters)
        self.lr = at_least_zero("lr", lr)
        self.states = [self.initial_state] * len(self.parameters)

    def update(self, number: float, gradient: float, state: State) -> tuple[float, State]:
        """The next number and state of one parameter.

        Compiled, `fit` calls it with NumPy arrays of all the numbers at once. So write a rule with operators (x ** 0.5
        for a square root), and change nothing in place. A rule that does not work on arrays, because it uses `math`,
        branches, or does something else at each call, is called for each parameter by itself.
        """
        raise NotImplementedError(f"{type(self).__name__} needs an update(self, number, gradient, state)")

    def step(self) -> None:
        """Moves every parameter once; those with `requires_grad=False` and their states stay as they are.

        Either all parameters move or none, even if Ctrl-C interrupts.

        Raises:
            FloatingPointError: a gradient, or a number that would follow from it, is not finite; the message names
                the parameter, and nothing was changed.
            TypeError, ValueError: `lr` was set to something other than a number of at least 0.
        """
        at_least_zero("lr", self.lr)
        numbers: list[float] = []
        states: list[State] = []
        for parameter, state in zip(self.parameters, self.states, strict=True):
            number, gradient = parameter.data, parameter.grad
            if parameter.requires_grad:
                if not math.isfinite(gradient):
                    raise FloatingPointError(
                        f"the gradient of {self._name(parameter)} is {gradient!r}; no parameter was changed"
                    )
                moved, state = self.update(number, gradient, state)
                if not all(map(math.isfinite, (moved, *state))):
                    raise FloatingPointError(
                        f"a step with the gradient {gradient!r} would take {self._name(parameter)} from {number!r} "
                        f"out of the range of a float; no parameter was changed; lower lr = {self.lr!r}"
                    )
                number = moved
            numbers.append(number)
            states.append(state)
        before, states_before = [parameter.data for parameter in self.parameters], self.states
        try:
            self.states = states
            for parameter, number in zip(self.parameters, numbers, strict=True):
                parameter.data = number
        except BaseException:  # Ctrl-C
            for parameter, number in zip(self.parameters, before, strict=True):
                parameter.data = number
            self.states = states_before
            raise

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0."""
        for parameter in self.parameters:
            parameter.zero_grad()

    def _name(self, parameter: Value) -> str:
        if parameter.label:
            return f"the parameter {parameter.label!r}"
        number = next(number for number, other in enumerate(self.parameters, start=1) if other is parameter)
        return f"parameter {number} of {len(self.parameters)} (it has no label)"


class SGD(Optimizer):
    """Gradient descent, with momentum if wanted.

        g = g + weight_decay * theta
        v = momentum * v + g                  (v is 0 at first)
        theta = theta - lr * v                (with nesterov: - lr * (g + momentum * v))

    Sources: Polyak 1964 for momentum; Sutskever, Martens, Dahl and Hinton 2013 for Nesterov's kind.

    Raises:
        ValueError: as `Optimizer`, or `momentum` or `weight_decay` is negative, or `nesterov` is asked for
            without momentum.

    >>> x = Value(1.0)
    >>> optimizer = SGD([x], lr=0.1)
    >>> (x**2).backward()
    >>> optimizer.step()
    >>> x.data
    0.8
    """

    initial_state = (0.0,)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        self.momentum = at_least_zero("momentum", momentum)
        if nesterov and self.momentum == 0.0:
            raise ValueError("nesterov needs a momentum above 0, such as momentum=0.9")
        self.nesterov = bool(nesterov)
        self.weight_decay = at_least_zero("weight_decay", weight_decay)

    def update(self, number: float, gradient: float, state: State) -> tuple[float, State]:
        (velocity,) = state
        if self.weight_decay:
            gradient = gradient + self.weight_decay * number
        if not self.momentum:
            return gradient * -self.lr + number, state  # an array on the left is reused for the sum
        velocity = self.momentum * velocity + gradient
        direction = gradient + self.momentum * velocity if self.nesterov else velocity
        return direction * -self.lr + number, (velocity,)


class AdaGrad(Optimizer):
    """AdaGrad (Duchi, Hazan and Singer 2011): the more a parameter has moved, the smaller are its steps.

        g = g + weight_decay * theta
        s = s + g^2                               (s is 0 at first)
        theta = theta - lr * g / (sqrt(s) + eps)

    As s only grows, the steps only shrink.

    Raises:
        ValueError: as `Optimizer`, or `eps` is not above 0, or `weight_decay` is negative.

    >>> x = Value(1.0)
    >>> optimizer = AdaGrad([x], lr=0.1)
    >>> (x**2).backward()
    >>> optimizer.step()
    >>> round(x.data, 6)
    0.9
    """

    initial_state = (0.0,)

    def __init__(
        self, parameters: Iterable[Value], lr: float = 1e-2, eps: float = 1e-10, weight_decay: float = 0.0
    ) -> None:
        super().__init__(parameters, lr)
        self.eps = _eps(eps)
        self.weight_decay = at_least_zero("weight_decay", weight_decay)

    def update(self, number: float, gradient: float, state: State) -> tuple[float, State]:
        (square,) = state
        if self.weight_decay:
            gradient = gradient + self.weight_decay * number
        square = square + gradient * gradient
        return number - self.lr * gradient / (square**0.5 + self.eps), (square,)


class RMSprop(Optimizer):
    """RMSprop (Hinton 2012, lecture 6 of "Neural Networks for Machine Learning"): AdaGrad with a memory that fades.

        g = g + weight_decay * theta
        s = alpha * s + (1 - alpha) * g^2         (s and v are 0 at first)
        v = momentum * v + g / (sqrt(s) + eps)
        theta = theta - lr * v

    Raises:
        ValueError: as `Optimizer`, or `alpha` is not in [0, 1), `eps` is not above 0, or `weight_decay` or
            `momentum` is negative.

    >>> x = Value(1.0)
    >>> optimizer = RMSprop([x], lr=0.1, alpha=0.75)
    >>> (x**2).backward()
    >>> optimizer.step()
    >>> round(x.data, 6)
    0.8
    """

    initial_state = (0.0, 0.0)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        self.alpha = real("alpha", alpha)
        if not 0.0 <= self.alpha < 1.0:
            raise ValueError(f"alpha must be at least 0 and below 1, not {alpha!r}")
        self.eps = _eps(eps)
        self.weight_decay = at_least_zero("weight_decay", weight_decay)
        self.momentum = at_least_zero("momentum", momentum)

    def update(self, number: float, gradient: float, state: State) -> tuple[float, State]:
        square, velocity = state
        if self.weight_decay:
            gradient = gradient + self.weight_decay * number
        square = self.alpha * square + (1.0 - self.alpha) * gradient * gradient
        velocity = self.momentum * velocity + gradient / (square**0.5 + self.eps)
        return number - self.lr * velocity, (square, velocity)


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015, algorithm 1): steps of about the size `lr`, whatever the size of the gradients.

        g = g + weight_decay * theta
        m = beta_1 * m + (1 - beta_1) * g         (m and v are 0 at first)
        v = beta_2 * v + (1 - beta_2) * g^2
        theta = theta - lr * (m / (1 - beta_1^t)) / (sqrt(v / (1 - beta_2^t)) + eps)    in step t = 1, 2, ...

    betas: beta_1 and beta_2.

    Raises:
        ValueError: as `Optimizer`, or a beta is not in [0, 1), `eps` is not above 0, or `weight_decay` is
            negative.

    >>> x = Value(1.0)
    >>> optimizer = Adam([x], lr=0.1)
    >>> (x**2).backward()
    >>> optimizer.step()
    >>> round(x.data, 6)
    0.9
    """

    initial_state = (0.0, 0.0, 0.0)

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        both = [real("a beta", beta) for beta in as_list(betas) or ()]
        if len(both) != 2:
            raise TypeError(f"betas must be two numbers, such as (0.9, 0.999), not {betas!r}")
        if not all(0.0 <= beta < 1.0 for beta in both):
            raise ValueError(f"betas must be at least 0 and below 1, not {betas!r}")
        self.betas = both[0], both[1]
        self.eps = _eps(eps)
        self.weight_decay = at_least_zero("weight_decay", weight_decay)

    def update(self, number: float, gradient: float, state: State) -> tuple[float, State]:
        if self.weight_decay:
            gradient = gradient + self.weight_decay * number
        return self._adapted(number, gradient, state)

    def _adapted(self, number: float, gradient: float, state: State) -> tuple[float, State]:
        """The step without weight decay; AdamW takes it too."""
        mean, square, steps = state
        beta_1, beta_2 = self.betas
        steps += 1.0
        mean = beta_1 * mean + (1.0 - beta_1) * gradient
        square = beta_2 * square + (1.0 - beta_2) * gradient * gradient
        unbiased_mean = mean / (1.0 - beta_1**steps)
        unbiased_square = square / (1.0 - beta_2**steps)
        return unbiased_mean * -self.lr / (unbiased_square**0.5 + self.eps) + number, (mean, square, steps)


class AdamW(Adam):
    """Adam with weight decay apart from the gradient (Loshchilov and Hutter 2019, algorithm 2).

        theta = theta - lr * weight_decay * theta

    and then the step of Adam without weight decay. So all weights decay at one rate; in Adam, where the decay is
    divided by sqrt(v) as well, those with large gradients decay less.

    Raises:
        ValueError: as Adam.

    >>> x = Value(1.0)
    >>> optimizer = AdamW([x], lr=0.1, weight_decay=0.5)
    >>> (x**2).backward()
    >>> optimizer.step()
    >>> round(x.data, 6)
    0.85
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def update(self, number: float, gradient: float, state: State) -> tuple[float, State]:
        return self._adapted(number * (1.0 - self.lr * self.weight_decay), gradient, state)


def _movable(parameters: Iterable[Value]) -> list[Value]:
    """The parameters as a list, if an optimizer can move them."""
    if isinstance(parameters, (Value, Module)):
        wanted = "[x]" if isinstance(parameters, Value) else "model.parameters()"
        raise TypeError(f"an optimizer takes a list of parameters, {wanted}, not a {type(parameters).__name__} itself")
    if callable(parameters) or not hasattr(parameters, "__iter__"):
        called = "; call it: model.parameters()" * callable(parameters)
        raise TypeError(f"an optimizer takes a list of parameters, model.parameters(), not {parameters!r:.80}{called}")
    parameters = list(parameters.ravel() if hasattr(parameters, "ravel") else parameters)  # an array of any shape
    if not parameters:
        raise ValueError("an optimizer needs at least 1 parameter, and was given an empty list")
    seen: set[Value] = set()
    for number, parameter in enumerate(parameters, start=1):
        if not isinstance(parameter, Value):
            raise TypeError(f"parameter {number} is not a Value but a {type(parameter).__name__}: {parameter!r}")
        if not parameter.is_leaf:
            raise ValueError(
                f"parameter {number} is the result of an operation, {parameter!r}; only leaves can be moved"
            )
        if parameter in seen:
            raise ValueError(f"parameter {number}, {parameter!r}, is in the list twice; it would move twice as far")
        seen.add(parameter)
    return parameters


def _eps(eps: float) -> float:
    number = real("eps", eps)
    if not (number > 0.0 and math.isfinite(number)):
        raise ValueError(f"eps must be above 0, not {eps!r}; it keeps a zero gradient from dividing by zero")
    return number
