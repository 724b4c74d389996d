"""The polynomial that `taylor` returns: it can be called, printed, and shown as a formula.

>>> print(Taylor(1.0, [1.0, -1.0, 0.5]))
1 - (x - 1) + 1/2 (x - 1)^2
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograd.composites import plain


class Taylor:
    """A Taylor polynomial: a function that can be called and printed; a notebook shows it as a formula.

    `coefficients[k]` is the factor of (x - x0)^k: the k-th derivative at `x0` divided by k!. If the coefficients
    depend on a Value that requires a gradient, they are Values that can be differentiated.
    """

    def __init__(self, x0: Any, coefficients: Sequence[Any]) -> None:
        self.x0 = x0
        self.coefficients = tuple(coefficients)

    @property
    def order(self) -> int:
        """The highest power, even if its coefficient is 0."""
        return len(self.coefficients) - 1

    def __call__(self, x: Any) -> Any:
        """The value at a number, a Value or an array, by Horner's scheme."""
        result: Any = self.coefficients[-1]
        for coefficient in self.coefficients[-2::-1]:
            result = result * (x - self.x0) + coefficient
        return result if self.order else result + 0.0 * x

    def __str__(self) -> str:
        return self._written("{}/{}", "{}^{}", " ")

    def __repr__(self) -> str:
        return f"Taylor({self})"

    def _repr_latex_(self) -> str:
        formula = self._written(r"\frac{{{}}}{{{}}}", "{}^{{{}}}", r"\,")
        return f"${formula}$"

    def _written(self, fraction: str, power: str, times: str) -> str:
        x0 = plain(self.x0)
        sign = "-" if x0 > 0.0 else "+"
        base = "x" if x0 == 0.0 else f"(x {sign} {abs(x0):g})"
        text = ""
        for exponent, coefficient in enumerate(map(plain, self.coefficients)):
            if coefficient == 0.0:
                continue
            factor = _as_fraction(abs(coefficient), fraction)
            term = base if exponent == 1 else power.format(base, exponent)
            if exponent == 0:
                term = factor
            elif factor != "1":
                term = factor + times + term
            minus = coefficient < 0.0
            text += (" - " if minus else " + ") + term if text else ("-" if minus else "") + term
        return text or "0"


def _as_fraction(number: float, pattern: str) -> str:
    """A positive number as a fraction of small whole numbers if it equals one up to rounding, else in decimals."""
    from fractions import Fraction  # it is slow to import

    simple = Fraction(number).limit_denominator(10**7) if math.isfinite(number) else Fraction(0)
    if simple.numerator >= 1000 or abs(float(simple) - number) > 1e-15 * number:
        return f"{number:.6g}"
    return str(simple) if simple.denominator == 1 else pattern.format(simple.numerator, simple.denominator)
