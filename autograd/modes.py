"""What holds for a stretch of code: whether operations are recorded, and which scope they belong to.

Both are per thread. An operation looks here only while some thread is inside one of them (`entered` tells), so that
ordinary code pays nothing for what it does not use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from autograd.value import Value

# The flags of a generator, a coroutine and an asynchronous generator; `inspect` knows them, and is slow to import.
_RUNS_LATER = 0x20 | 0x80 | 0x200

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Scope:
    """A named part of a computation: drawings show it as a box.

    `name` is the text on the box, `parent` the scope around it (or None), and `members` are Values made elsewhere
    that belong in the box all the same, such as the weights of a neuron. `operations` is None, or how many operations
    were done in it without a trace, as in a compiled function: such a scope is always drawn as one box.
    """

    __slots__ = ("members", "name", "operations", "parent")

    def __init__(
        self, name: str, parent: Scope | None, members: Sequence[Value], operations: int | None = None
    ) -> None:
        self.name = name
        self.parent = parent
        self.members = members
        self.operations = operations

    def path(self) -> list[Scope]:
        """The scopes from the outermost to this one."""
        scopes: list[Scope] = []
        scope: Scope | None = self
        while scope is not None:
            scopes.append(scope)
            scope = scope.parent
        return scopes[::-1]

    def __reduce__(self) -> tuple[object, ...]:
        return Scope, (self.name, self.parent, self.members, self.operations)

    def __repr__(self) -> str:
        return f"Scope({' / '.join(scope.name for scope in self.path())!r})"


class Mode:
    """Whether operations are recorded, and the innermost scope."""

    __slots__ = ("recording", "scope")

    def __init__(self, recording: bool, scope: Scope | None) -> None:
        self.recording = recording
        self.scope = scope


class _Current(threading.local):
    """The mode of the current thread."""

    mode: Mode = Mode(recording=True, scope=None)


current = _Current()
entered: list[None] = []
"""An entry for each `no_grad` and `scope` block that is open in any thread: a list, because adding to one and taking
from it cannot be interrupted by another thread."""


class _Recording:
    """Sets whether operations are recorded in this thread, and puts back what was there."""

    __slots__ = ("_before", "_recording")

    def __init__(self, recording: bool) -> None:
        self._recording = recording
        self._before: list[Mode] = []

    def __enter__(self) -> None:
        entered.append(None)
        before = current.mode
        self._before.append(before)
        current.mode = Mode(self._recording, before.scope)

    def __exit__(self, *exception: object) -> None:
        current.mode = self._before.pop()
        entered.pop()

    def __call__(self, function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        """As a decorator: the whole function runs inside the block, in whichever thread calls it.

        Raises:
            TypeError: it is a generator or a coroutine, whose body runs when the call is long over.
        """
        code = getattr(function, "__code__", None)
        if code is not None and code.co_flags & _RUNS_LATER:
            raise TypeError(
                f"{type(self).__name__}() cannot decorate {function!r}: its body runs only after the call; write "
                f"`with {type(self).__name__}():` inside it"
            )

        @wraps(function)
        def wrapped(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
            with _Recording(self._recording):
                return function(*args, **kwargs)

        return wrapped


class no_grad(_Recording):  # noqa: N801 - written like a function, as PyTorch users know it
    """Computes without remembering: results inside are constants that hold no graph.

    A context manager and a decorator; it holds for the current thread only and may be nested.

    >>> from autograd import Value, no_grad
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.requires_grad, y.parents
    (9.0, False, ())
    """

    def __init__(self) -> None:
        super().__init__(recording=False)


class enable_grad(_Recording):  # noqa: N801
    """Remembers again inside a `no_grad` block.

    >>> from autograd import Value, enable_grad, no_grad
    >>> with no_grad(), enable_grad():
    ...     (Value(3.0) * 2.0).requires_grad
    True
    """

    def __init__(self) -> None:
        super().__init__(recording=True)


class scope:  # noqa: N801
    """Names the operations done inside a `with` block; drawings show them as a box, boxes nest.

    Args:
        name: the text on the box.
        members: Values made elsewhere that belong in the box (the weights of a neuron).
        operations: for something that computes without a trace: how many operations the box stands for.

    Raises:
        TypeError: the name is not a str.

    >>> from autograd import Value, scope
    >>> with scope("layer 1"), scope("neuron 2"):
    ...     y = Value(1.0) + 2.0
    >>> y.scope
    Scope('layer 1 / neuron 2')
    """

    __slots__ = ("_before", "_members", "_name", "_operations")

    def __init__(self, name: str, members: Sequence[Value] = (), operations: int | None = None) -> None:
        if not isinstance(name, str):
            raise TypeError(f"a scope is named by a str, not {type(name).__name__} {name!r}")
        self._name = name
        self._members = members
        self._operations = operations
        self._before: list[Mode] = []

    def __enter__(self) -> Scope:
        entered.append(None)
        before = current.mode
        self._before.append(before)
        opened = Scope(self._name, before.scope, self._members, self._operations)
        current.mode = Mode(before.recording, opened)
        return opened

    def __exit__(self, *exception: object) -> None:
        current.mode = self._before.pop()
        entered.pop()
