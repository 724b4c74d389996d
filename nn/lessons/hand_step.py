"""A number that is computed by hand, and how it is written: symbols in which _{...} is a subscript."""

from __future__ import annotations

from typing import Literal, NamedTuple

Phase = Literal["forward", "error", "update"]
"""What is computed: a signal on the way forward, an error signal on the way back, or a new weight."""


class HandStep(NamedTuple):
    """One number that is computed by hand.

    phase: "forward" for a signal, "error" for an error signal, "update" for a new weight.
    neuron: the neuron where it is computed, 1 to 6.
    symbol: what is computed, where _{...} is a subscript: "a_{1}".
    formula: how, in symbols.
    numbers: the same with numbers in place of the symbols.
    result: what comes out.
    """

    phase: Phase
    neuron: int
    symbol: str
    formula: str
    numbers: str
    result: float


def weight_symbol(source: str, neuron: int) -> str:
    """The symbol of a weight as in the classic pictures: w_{(x1)2} from an input, w_{14} from a neuron.

    >>> weight_symbol("x1", 2), weight_symbol("a1", 4)
    ('w_{(x1)2}', 'w_{14}')
    """
    return f"w_{{({source}){neuron}}}" if source[0] == "x" else f"w_{{{source[1:]}{neuron}}}"


def signal_symbol(source: str) -> str:
    """The symbol of an input or an output, its number as a subscript.

    >>> signal_symbol("a3")
    'a_{3}'
    """
    return f"{source[0]}_{{{source[1:]}}}"


def new_symbol(symbol: str) -> str:
    """The symbol of a weight after its update.

    >>> new_symbol("w_{14}")
    "w'_{14}"
    """
    return symbol.replace("w", "w'", 1)


def plain(symbols: str) -> str:
    """Symbols without subscripts, for plain text.

    >>> plain("w_{14} a_{1}")
    'w14 a1'
    """
    return symbols.replace("_{", "").replace("}", "")


def short(number: float) -> str:
    """A number with four significant digits; a negative one in brackets, as a factor or a term.

    >>> short(-0.123456)
    '(-0.1235)'
    """
    return f"({number:.4g})" if number < 0.0 else f"{number:.4g}"
