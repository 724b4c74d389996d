"""The eigenvalues of a Hessian and the kind of point that they show, whatever the scales of the variables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

Kind = Literal["minimum", "maximum", "saddle", "degenerate"]

ROUNDING = 64 * 2.0**-52
"""How far an entry of a Hessian may be off by rounding, as a part of its size."""


def kind_of(hessian: Any, unsure: Any) -> Kind:
    """The kind of a point at which the gradient is zero.

    Scaling the variables does not change the signs of the eigenvalues (Sylvester's law of inertia). So they are
    computed in a scale in which all rows of the matrix have the same size: there even curvatures of very different
    sizes can be told from rounding.

    A positive and a negative eigenvalue make a saddle, whatever the others are: along their eigenvectors the function
    rises from the point and falls from it. One that is zero leaves open only whether all others decide.

    Args:
        hessian: the second derivatives, an array.
        unsure: how far off each of them may be.

    >>> import numpy as np
    >>> exact = np.zeros((3, 3))
    >>> kind_of(np.diag([1e300, 2.0, 1.0]), exact), kind_of(np.diag([1.0, 2.0, 0.0]), exact)
    ('minimum', 'degenerate')
    >>> kind_of(np.diag([1.0, -2.0, 0.0]), exact)
    'saddle'
    """
    import numpy as np

    unsure = unsure + ROUNDING * abs(hessian)
    scales = balancing(np.maximum(abs(hessian), unsure))
    zero = np.linalg.norm(scaled(unsure, scales), 2)
    signs = np.linalg.eigvalsh(scaled(hessian, scales))
    if signs.min() < -zero and signs.max() > zero:
        return "saddle"
    if (abs(signs) <= zero).any():
        return "degenerate"
    return "minimum" if signs.min() > 0.0 else "maximum"


def balancing(sizes: Any) -> Any:
    """A scale for each variable, with which the largest number in each row of `scaled(sizes, scales)` is near 1.

    A row of zeros keeps its scale (Ruiz 2001, "A scaling algorithm to equilibrate both rows and columns norms in
    matrices").

    >>> import numpy as np
    >>> balancing(np.array([[4.0, 0.0], [0.0, 0.0]])).tolist()
    [0.5, 1.0]
    """
    import numpy as np

    scales = np.ones(len(sizes))
    for _ in range(20):
        rows = scaled(sizes, scales).max(axis=1)
        rows[rows == 0.0] = 1.0
        if rows.max() < 2.0 and rows.min() > 0.5:
            break
        scales = scales / np.sqrt(rows)
    return scales


def scaled(matrix: Any, scales: Any) -> Any:
    """The second derivatives when each variable is measured in its scale.

    >>> import numpy as np
    >>> scaled(np.array([[1.0, 2.0], [2.0, 5.0]]), np.array([1.0, 10.0])).tolist()
    [[1.0, 20.0], [20.0, 500.0]]
    """
    return matrix * scales[:, None] * scales[None, :]


def eigenvalues(matrix: Sequence[Sequence[float]]) -> list[float]:
    """The eigenvalues of a symmetric matrix, from low to high, by Jacobi's rotations.

    Unlike LAPACK's method, they keep the digits of a small eigenvalue beside a very large one (Demmel and Veselic 1992,
    "Jacobi's method is more accurate than QR").

    >>> eigenvalues([[1e300, 1.0, 0.0], [1.0, 2.0, 0.0], [0.0, 0.0, 3.0]])
    [2.0, 3.0, 1e+300]
    """
    a = [list(row) for row in matrix]
    n = len(a)
    for _ in range(50):
        is_diagonal = True
        for p in range(n):
            for q in range(p + 1, n):
                between = a[p][q]
                if abs(between) <= 2.0**-53 * math.sqrt(abs(a[p][p])) * math.sqrt(abs(a[q][q])):
                    continue
                is_diagonal = False
                ratio = (a[q][q] - a[p][p]) / between / 2.0
                tangent = math.copysign(1.0, ratio) / (abs(ratio) + math.hypot(ratio, 1.0))
                cosine = 1.0 / math.hypot(tangent, 1.0)
                sine = tangent * cosine
                a[p][p] -= tangent * between
                a[q][q] += tangent * between
                a[p][q] = a[q][p] = 0.0
                for r in range(n):
                    if r not in (p, q):
                        a[r][p], a[r][q] = cosine * a[r][p] - sine * a[r][q], sine * a[r][p] + cosine * a[r][q]
                        a[p][r], a[q][r] = a[r][p], a[r][q]
        if is_diagonal:
            break
    return sorted(a[i][i] for i in range(n))
