"""What everything with parameters has in common: their names, their gradients, their form on disk."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograd import Value
from autograd.tables import html_table, table

_NAMES_SHOWN = 10  # of each kind of problem, so that a wrong file for a big network stays one readable message
_FACTS = {"n_in": "inputs", "n_out": "outputs", "activation": "activation"}  # of a part, and what the table calls them
_NOT_FINITE: dict[str, Any] = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}  # JSON has no numbers for these


class Module:
    """Something with parameters: derive from it, and put Values (or Modules, or lists of them) into attributes.

    Its parameters are the leaf Values found in its attributes, in the order in which these were first set; a Value
    found twice counts once. Dots join the names of attributes; what stands in a list is numbered from 1, and the
    plural goes: the second weight `w[1]` in `neurons[2]` in `layers[0]` is `layer1.neuron3.w2`.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.shift = Value(2.0), Value(1.0)
    >>> Line().state_dict()
    {'slope': 2.0, 'shift': 1.0}

    Printed, and in a notebook, it is a table of its parts and how many parameters each has. The attributes `n_in`,
    `n_out` and `activation` of a part, where it has them, are in the table too.

    >>> print(Line())
    part   parameters
    -----  ----------
    slope           1
    shift           1
    total           2
    """

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Every parameter with its name, in a fixed order.

        Raises:
            ValueError: two parameters have the same name (a list `w` next to an attribute `w1`).
        """
        found: dict[str, Value] = {}
        seen: set[Value] = set()
        for attribute, held in vars(self).items():
            for name, parameter in _named(attribute, held):
                if parameter in seen:
                    continue
                if name in found:
                    raise ValueError(f"two parameters of this {type(self).__name__} are called {name!r}; rename one")
                seen.add(parameter)
                found[name] = parameter
        return list(found.items())

    def parameters(self) -> list[Value]:
        """Every parameter, in the order of `named_parameters()`."""
        return [parameter for _, parameter in self.named_parameters()]

    def label_parameters(self) -> None:
        """Labels every parameter with its name, for drawings and error messages."""
        for name, parameter in self.named_parameters():
            parameter.label = name

    def __str__(self) -> str:
        return table(*self._table())

    def _repr_html_(self) -> str:
        header, rows = self._table()
        name = type(self).__name__ if type(self).__repr__ is object.__repr__ else repr(self)
        return html_table(header, rows, lambda row: row, caption=name, rows_are="parts") + self._picture()

    def _picture(self) -> str:
        """What a notebook shows below the table, as HTML."""
        return ""

    def _table(self) -> tuple[Sequence[str], list[Sequence[str]]]:
        """The header and the rows: each part, and the total; columns of which no part has anything are left out."""
        rows, seen = [], set[Value]()
        for attribute, held in vars(self).items():
            for name, part in _parts(attribute, held):
                found = {parameter for _, parameter in _named(name, part)} - seen
                seen |= found
                facts = [getattr(part, fact, "") for fact in _FACTS] if isinstance(part, Module) else [""] * len(_FACTS)
                rows.append((name, *(str(fact) for fact in facts), f"{len(found):,}"))
        rows.append(("total", *("" for _ in _FACTS), f"{len(seen):,}"))
        header = ("part", *_FACTS.values(), "parameters")
        kept = [place for place in range(len(header)) if any(row[place] for row in rows)]
        return [header[place] for place in kept], [[row[place] for place in kept] for row in rows]

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to 0."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def state_dict(self) -> dict[str, float]:
        """The number of every parameter, by name."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Sets every parameter to its number in `state`, as `state_dict()` gives it.

        Raises:
            TypeError: `state` is not a mapping.
            ValueError: names are missing or left over, or something is not a number. The message lists everything
                that is wrong, and no parameter was changed.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"a state is a dict from names to numbers, not {type(state).__name__}")
        parameters = dict(self.named_parameters())
        numbers: dict[str, float] = {}
        not_numbers: list[str] = []
        for name in parameters.keys() & state.keys():
            try:
                numbers[name] = Value(state[name]).data
            except (TypeError, OverflowError) as error:
                not_numbers.append(f"{name} ({error})")
        problems = [
            _listed("missing", [name for name in parameters if name not in state]),
            _listed("left over", [repr(name) for name in state if name not in parameters]),
            _listed("not one number", sorted(not_numbers)),
        ]
        if any(problems):
            raise ValueError(
                f"the state of {len(state)} numbers does not fit this {type(self).__name__} of {len(parameters)} "
                f"parameters: {'; '.join(filter(None, problems))}"
            )
        for name, parameter in parameters.items():
            parameter.data = numbers[name]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the state to a JSON file, one line for each parameter; every float comes back exactly.

        The file appears complete or not at all, whatever interrupts the writing. NaN and the infinities, for which
        JSON has no number, are written as the strings "nan", "inf" and "-inf".
        """
        from pathlib import Path

        from autograd.files import whole_file

        state = {name: x if math.isfinite(x) else str(x) for name, x in self.state_dict().items()}
        with whole_file(Path(path)) as unfinished, unfinished.open("w", encoding="utf-8") as file:
            json.dump(state, file, indent=1, allow_nan=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())

    def load(self, path: str | os.PathLike[str]) -> None:
        """Sets every parameter to its number in a file that `save` wrote.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not JSON, or does not hold the state of such a module; the message names the file, and
                no parameter was changed.
        """
        from pathlib import Path

        path = Path(path)
        try:
            state = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path} is not a JSON file: {error}") from error
        if not isinstance(state, dict):
            raise ValueError(f"{path} does not hold a state, a JSON object of names and numbers, but a {_kind(state)}")
        numbers = {name: _NOT_FINITE.get(x, x) if isinstance(x, str) else x for name, x in state.items()}
        try:
            self.load_state_dict(numbers)
        except ValueError as error:
            raise ValueError(f"{path} cannot be loaded: {error}") from error


def _named(name: str, held: object) -> Iterator[tuple[str, Value]]:
    """The parameters in what an attribute holds, each with its name."""
    if isinstance(held, Value):
        if held.is_leaf:
            yield name, held
    elif isinstance(held, Module):
        for inner, parameter in held.named_parameters():
            yield f"{name}.{inner}", parameter
    else:
        for inner, part in _members(name, held):
            yield from _named(inner, part)


def _members(name: str, held: object) -> Iterator[tuple[str, object]]:
    """What is in a list or a dict, each with its name."""
    if isinstance(held, dict):
        for key, part in held.items():
            yield f"{name}.{key}", part
    elif isinstance(held, (list, tuple)):
        stem = name.removesuffix("s") or name
        if stem[-1].isdigit():  # keeps the 2 in the list w1 apart from the 12th in the list w
            stem += "."
        for place, part in enumerate(held, start=1):
            yield f"{stem}{place}", part


def _parts(name: str, held: object) -> Iterator[tuple[str, object]]:
    """What the table has a row for: every Module, wherever it is, and all else with parameters as a whole."""
    if isinstance(held, Module) or not _holds_module(held):
        if next(_named(name, held), None) is not None:
            yield name, held
    else:
        for inner, part in _members(name, held):
            yield from _parts(inner, part)


def _holds_module(held: object) -> bool:
    return isinstance(held, Module) or any(_holds_module(part) for _, part in _members("_", held))


def _listed(problem: str, names: list[str]) -> str:
    """A kind of problem with its cases, or nothing if there are none."""
    if not names:
        return ""
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{len(names)} {problem}: {', '.join(names[:_NAMES_SHOWN])}{more}"


def _kind(json_value: object) -> str:
    return {list: "list", str: "string", bool: "true or false", type(None): "null"}.get(type(json_value), "number")
