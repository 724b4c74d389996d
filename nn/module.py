"""The base of everything with parameters: their names, their gradients, their file."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import sys
from collections import UserDict, UserList, deque
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AnySet
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, MappingProxyType, MethodType, ModuleType, SimpleNamespace
from typing import Any

from autograd import Value
from autograd.support.files import atomic_write
from autograd.support.tables import html_table, table

_NAMES_SHOWN = 10  # of each kind of problem, so that a wrong file for a big network stays one readable message
_FACTS = {"n_in": "inputs", "n_out": "outputs", "activation": "activation"}  # of a part, and what the table calls them
_NOT_FINITE: dict[str, Any] = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}  # JSON has no numbers for these


class Module:
    """The base of everything with parameters: a subclass puts Values (or Modules, or lists of them) into attributes.

    Its parameters are the leaf Values found in its attributes, in the order in which these were first set, `__slots__`
    before the others; a Value found twice counts once. Dots join the names of attributes. The members of a list are
    numbered from 1, and its name loses the plural s: the second weight `w[1]` in `neurons[2]` in `layers[0]` is
    `layer1.neuron3.w2`.

    The search goes into Modules, lists, tuples, named tuples, deques, the values of dicts, NumPy arrays of Values, and
    data classes, however they are nested; a Module may refer back to the one that holds it. A Value to be trained that
    is anywhere else (in a set, among the keys of a dict, in an object that is not a Module, in the class itself) would
    get no name and never learn, so it is an error.

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
            TypeError: a Value that needs a gradient is held where it gets no name.
        """
        found: dict[str, Value] = {}
        search = _Search()
        for name, parameter in search.parameters("", self):
            if name in found:
                raise ValueError(f"two parameters of this {type(self).__name__} are called {name!r}; rename one")
            found[name] = parameter
        search.require_names_for_all()
        return list(found.items())

    def __init_subclass__(cls, **arguments: Any) -> None:
        """Refuses parameters in the body of the class, which all instances would share."""
        super().__init_subclass__(**arguments)
        for name, held in vars(cls).items():
            if any(parameter.requires_grad for _, parameter in _Search().parameters(name, held)):
                raise TypeError(
                    f"{cls.__name__}.{name} belongs to the class, one for all its instances, and would never be "
                    f"trained; set self.{name} in __init__ (or make a constant: Value(..., requires_grad=False))"
                )

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
        """The header and the rows: each part, and the total; empty columns are left out."""
        rows, total, search = [], 0, _Search()
        search.leave_out(self)  # a part that refers back to it does not contain it
        for attribute, held in _attributes(self):
            for name, part in _parts(attribute, held, {id(self)}):
                count = sum(1 for _ in search.parameters(name, part))
                total += count
                facts = [getattr(part, fact, "") for fact in _FACTS] if isinstance(part, Module) else [""] * len(_FACTS)
                rows.append((name, *(str(fact) for fact in facts), f"{count:,}"))
        rows.append(("total", *("" for _ in _FACTS), f"{total:,}"))
        header = ("part", *_FACTS.values(), "parameters")
        kept = [column for column in range(len(header)) if any(row[column] for row in rows)]
        return [header[column] for column in kept], [[row[column] for column in kept] for row in rows]

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
            raise TypeError(f"a state must be a dict from names to numbers, not {type(state).__name__}")
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
        before = self.state_dict()
        try:
            for name, parameter in parameters.items():
                parameter.data = numbers[name]
        except BaseException:  # Ctrl-C: all or nothing
            for name, parameter in parameters.items():
                parameter.data = before[name]
            raise

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the state to a JSON file, one line for each parameter; every float comes back exactly.

        The file appears complete or not at all, even if the writing is interrupted. NaN and the infinities, for which
        JSON has no number, are written as the strings "nan", "inf" and "-inf".
        """
        state = {name: x if math.isfinite(x) else str(x) for name, x in self.state_dict().items()}
        with atomic_write(Path(path)) as unfinished, unfinished.open("w", encoding="utf-8") as file:
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


class _Search:
    """Finds the parameters in whatever holds them, each once, also where references form a circle."""

    def __init__(self) -> None:
        self._met: dict[int, object] = {}  # by id, and kept alive: another object could get the id of a freed one
        self._nameless: list[tuple[str, str, object]] = []

    def leave_out(self, thing: object) -> None:
        self._met[id(thing)] = thing

    def parameters(self, name: str, held: object) -> Iterator[tuple[str, Value]]:
        """The parameters that were not found before, each with its name."""
        waiting = [iter([(name, held)])]
        while waiting:
            for inner, part in waiting[-1]:
                if type(part) in _SIMPLE or id(part) in self._met:
                    continue
                if isinstance(part, Value):
                    if part.is_leaf:
                        self._met[id(part)] = part
                        yield inner, part
                    continue
                self._met[id(part)] = part
                self._remember_nameless(inner, part)
                members = _members(inner, part)
                if members is not None:
                    waiting.append(members)
                    break
            else:
                waiting.pop()

    def _remember_nameless(self, name: str, held: object) -> None:
        """Remembers what may hold Values that get no name."""
        if isinstance(held, AnySet):
            self._nameless.append((f"the set {name}", "a set has no order to name them by; make it a list", list(held)))
        elif isinstance(held, _DICTS):
            keys = [key for key in held if isinstance(key, (Value, Module, tuple, frozenset))]
            if keys:
                self._nameless.append((f"the keys of {name}", "only the values of a dict are searched", keys))
        elif not (isinstance(held, (Module, *_LISTS, *_CODE)) or _is_record(held) or _is_array(held)):
            within = [part for _, part in _attributes(held) if _is_worth_a_look(part)]
            if within:
                kind = type(held).__name__
                advice = f"derive the class {kind} from Module, or make it a dataclass"
                self._nameless.append((f"{name}, an object of the class {kind} and not a Module,", advice, within))

    def require_names_for_all(self) -> None:
        """Raises the TypeError for a Value that needs a gradient and was met only where it gets no name."""
        while self._nameless:
            where, what_to_do, contents = self._nameless.pop()
            lost = sum(parameter.requires_grad for _, parameter in self.parameters(where, contents))
            if lost:
                raise TypeError(f"{lost} parameter{'s' * (lost > 1)} in {where} would never be trained: {what_to_do}")


_SIMPLE = frozenset({float, int, bool, str, bytes, type(None), FunctionType, type, range, complex, bytearray})
_CODE = (type, ModuleType, FunctionType, MethodType, BuiltinFunctionType)
_LISTS = (list, tuple, deque, UserList)
_DICTS = (dict, UserDict, MappingProxyType)


def _members(name: str, held: object) -> Iterator[tuple[str, object]] | None:
    """The members of a Module, a list, a dict and so on, each with its name; None for what is not searched."""
    if isinstance(held, Module) or _is_record(held):
        before = f"{name}." if name else ""
        return ((f"{before}{attribute}", part) for attribute, part in _attributes(held))
    if isinstance(held, _DICTS):
        return ((f"{name}.{key}", part) for key, part in held.items())
    if isinstance(held, tuple) and hasattr(held, "_fields"):
        return ((f"{name}.{field}", part) for field, part in zip(held._fields, held, strict=True))
    if isinstance(held, _LISTS):
        return _numbered(name, held)
    if _is_array(held):
        array: Any = held
        return iter([(name, array.item())]) if array.ndim == 0 else _numbered(name, list(array))
    return None


def _numbered(name: str, parts: Sequence[object]) -> Iterator[tuple[str, object]]:
    stem = name.removesuffix("s") or name
    if stem[-1:].isdigit():  # keeps the 2 in the list w1 apart from the 12th in the list w
        stem += "."
    return ((f"{stem}{number}", part) for number, part in enumerate(parts, start=1))


def _attributes(thing: object) -> Iterator[tuple[str, object]]:
    """The attributes of an object itself, in the order in which they were first set; those in slots first."""
    for kind in reversed(type(thing).__mro__):
        slots = vars(kind).get("__slots__", ())
        for slot in [slots] if isinstance(slots, str) else slots:
            attribute = f"_{kind.__name__.lstrip('_')}{slot}" if slot[:2] == "__" and slot[-2:] != "__" else slot
            if attribute not in ("__dict__", "__weakref__") and hasattr(thing, attribute):
                yield attribute, getattr(thing, attribute)
    yield from list(getattr(thing, "__dict__", {}).items())


def _is_record(thing: object) -> bool:
    """Whether it is an object made to hold things by name."""
    return isinstance(thing, SimpleNamespace) or (dataclasses.is_dataclass(thing) and not isinstance(thing, type))


def _is_array(thing: object) -> bool:
    """Whether it is a NumPy array of objects."""
    numpy: Any = sys.modules.get("numpy")  # where there is such an array, NumPy has been imported
    return numpy is not None and isinstance(thing, numpy.ndarray) and thing.dtype == object


def _is_worth_a_look(part: object) -> bool:
    """Whether an attribute of an object other than a Module may hold parameters; the search ends there."""
    if type(part) in _SIMPLE:
        return False
    return isinstance(part, (Value, Module, AnySet, *_LISTS, *_DICTS)) or _is_array(part) or _is_record(part)


def _parts(name: str, held: object, around: set[int]) -> Iterator[tuple[str, object]]:
    """The rows of the table: every Module, wherever it is, and everything else with parameters as a whole."""
    if type(held) in _SIMPLE or id(held) in around:
        return
    around = around | {id(held)}
    if isinstance(held, Module) or not _holds_module(held, around):
        if next(_Search().parameters(name, held), None) is not None:
            yield name, held
    else:
        for inner, part in _members(name, held) or ():
            yield from _parts(inner, part, around)


def _holds_module(held: object, around: set[int]) -> bool:
    return any(
        isinstance(part, Module) or (id(part) not in around and _holds_module(part, around | {id(part)}))
        for _, part in _members("_", held) or ()
        if type(part) not in _SIMPLE
    )


def _listed(problem: str, names: list[str]) -> str:
    """A kind of problem with its cases, or nothing if there are none."""
    if not names:
        return ""
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"{len(names)} {problem}: {', '.join(names[:_NAMES_SHOWN])}{more}"


def _kind(json_value: object) -> str:
    return {list: "list", str: "string", bool: "true or false", type(None): "null"}.get(type(json_value), "number")
