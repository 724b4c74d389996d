"""What a random program is answered with when it gives a wrong number."""

from __future__ import annotations

from typing import NamedTuple


class Failure(NamedTuple):
    """A random program on which two ways to compute the same thing differ.

    kind: the module that made the program: "scalar", "structured" or "bits".
    seed: the number it was made from; `check(seed)` of that module finds it again.
    message: what differs, with the numbers.
    program: a short Python program that reproduces it, shrunk.
    """

    kind: str
    seed: int
    message: str
    program: str

    def __str__(self) -> str:
        return f"# {self.kind} {self.seed}: {self.message}\n{self.program.rstrip()}"
