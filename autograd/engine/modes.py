"""The settings of a block of code: whether operations are recorded, and which scope they belong to.

A setting holds for the thread, or the asynchronous task, that entered the block. An operation looks here only while
some thread is inside a block (`entered` tells), so code that uses none pays nothing.

Nothing is reset at the end of a block, since Ctrl-C could interrupt that. Instead a block is open as long as the object
that ends it is alive. A `with` statement asks for `__exit__` before it begins: it is given an object that nothing else
holds, and drops it when the block is over, however it ended. Lists hold a weak reference to that object, whose callback
removes it from them. The callback is C code, which no signal interrupts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, Never, NoReturn, ParamSpec, Protocol, TypeVar
from weakref import ref

from autograd.engine.entry import Entry

if TYPE_CHECKING:
    from autograd.engine.value import Value

# The flags of a generator, a coroutine and an asynchronous generator, as in `inspect`, which is slow to import.
_RUNS_LATER = 0x20 | 0x80 | 0x200

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class Scope:
    """A named part of a computation: drawings show it as a box.

    `name` is the text on the box, `parent` the scope around it (or None), and `members` are Values made elsewhere
    that belong in the box too, such as the weights of a neuron. `operations` is None, or the number of operations that
    were computed in it without being recorded, as in a compiled function: such a scope is always drawn as one box.
    """

    __slots__ = ("members", "name", "operations", "parent")

    def __init__(
        self, name: str, parent: Scope | None, members: Iterable[Value], operations: int | None = None
    ) -> None:
        self.name = name
        self.parent = parent
        self.members: Sequence[Value] = members if isinstance(members, (list, tuple)) else tuple(members)
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


class Recorder(Protocol):
    """What writes down the operations of a function that is being compiled, instead of computing them."""

    scope: Scope

    def recorded(self, operation: Any, x: Any, y: Any) -> Value:
        """The result of an operation on Values and numbers; `y` is None where it has one operand."""

    def compared(self, comparison: str, x: Any, y: Any) -> Any:
        """The condition `x < y`, `x <= y`, `x == y` or `x != y`."""

    def detached(self, value: Value) -> Value:
        """What `value.detach()` gives."""

    def require_constant(self, value: Value) -> None:
        """Raises the CompileError for reading a number that may differ at the next call."""

    def refuse_branch(self) -> NoReturn:
        """Raises the CompileError for a branch on a number."""


entered: Final[list[ref[Any]]] = []
"""One reference for each block that is open, in any thread."""


def _open(holder: object) -> list[ref[Any]]:
    """A list with one item as long as an object is alive, and empty afterwards."""
    alone: list[ref[Any]] = []
    alone.append(ref(holder, alone.remove))
    return alone


innermost: Final[ContextVar[Entry | None]] = ContextVar("innermost", default=None)
"""The block entered last in this thread or task. It may be over: ask `current()`."""


def current() -> Entry | None:
    """The innermost block that is open here, if any."""
    entry = innermost.get()
    while entry is not None and not entry.open:
        entry = entry.before
    if entry is not None and entry.decided_by is not None and not entry.decided_by.open:
        # The block that decides was left before one inside of it: a generator may do that, closed in the middle.
        decider = entry.before
        while decider is not None and not (decider.decides and decider.open):
            decider = decider.before
        entry.decided_by = decider
        entry.recording = decider is None or decider.recording
    return entry


def is_recording() -> bool:
    """Whether operations are recorded here."""
    entry = current() if entered else None
    return entry is None or entry.recording


def recorder() -> Recorder | None:
    """What writes down the operations of a function that is being compiled here; None outside of `compile`."""
    entry = current() if entered else None
    return None if entry is None else entry.recorder


def is_compiling() -> bool:
    """Whether `compile` is recording a function here."""
    return recorder() is not None


class _Offered(threading.local):
    """The `__exit__` that was asked for last in this thread, as a rule just before entering."""

    open: list[ref[Any]] | None = None


_offered = _Offered()


class _Exit:
    """`__exit__` of a block: a new object each time it is asked for."""

    def __get__(self, block: Block | None, kind: type) -> Callable[..., None]:
        if block is None:
            return Block.leave
        leave = block.leave
        _offered.open = _open(leave)
        return leave


def _is_of(block: Block, open: list[ref[Any]]) -> bool:  # noqa: A002
    """Whether what holds a block open is the `leave` of this one."""
    for holder in open:
        return getattr(holder(), "__self__", None) is block
    return False


class _Kept:
    """What a block keeps for an `__enter__` that no `with` statement called, until `__exit__` is called."""

    __slots__ = ("__weakref__",)


class Block:
    """What a `with` statement enters."""

    __slots__ = ("_kept",)

    _kept: list[_Kept] | None

    def enter(
        self, around: Entry | None, recording: bool | None, scope: Scope | None, recorder: Recorder | None
    ) -> None:
        """Begins the block inside the one `around` it. A setting that is None stays as it is around it."""
        offered = _offered.open
        _offered.open = None
        if not (offered and _is_of(self, offered)):  # called by hand, or by an ExitStack
            kept = _Kept()
            offered = _open(kept)
            self._kept = [*(self._kept or ()), kept]
        entry = Entry(offered, around)
        entry.scope = scope
        entry.recorder = recorder
        if recording is not None:
            entry.decides = True
            entry.recording = recording
        if around is not None:
            if recording is None:
                entry.recording = around.recording
                entry.decided_by = around if around.decides else around.decided_by
            if scope is None:
                entry.scope = around.scope
            if recorder is None:
                entry.recorder = around.recorder
        entered.append(ref(offered[0](), entered.remove))  # in no variable, which a traceback would keep alive
        innermost.set(entry)

    def leave(self, *exception: object) -> None:
        """Ends what was begun by hand. The block of a `with` statement ends when it drops this method."""
        if self._kept:
            del self._kept[-1]
        entry = innermost.get()
        if entry is not None and (not entry.open or _is_of(self, entry.open)):
            innermost.set(entry.before)  # so that nothing keeps its scope alive

    if TYPE_CHECKING:

        def __exit__(self, *exception: object) -> None: ...
    else:
        __exit__ = _Exit()


class _Recording(Block):
    """Sets whether operations are recorded."""

    __slots__ = ("_recording",)

    def __init__(self, recording: bool) -> None:
        self._kept = None
        self._recording = recording

    def __enter__(self) -> None:
        self.enter(current() if entered else None, self._recording, None, None)

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


def _require_nothing(name: str, given: tuple[object, ...]) -> None:
    """Raises the TypeError for a decorator without its parentheses, and for whatever else is given."""
    if given:
        raise TypeError(f"{name} takes no arguments: write `with {name}():`, or `@{name}()` above a function")


class no_grad(_Recording):  # noqa: N801 - written like a function, as PyTorch users know it
    """Computes without remembering: results inside are constants that hold no graph.

    A context manager and a decorator. It holds for the current thread (or asynchronous task) only, and may be nested.
    If `__enter__` is called by hand, it holds until `__exit__` is called or the object is freed.

    >>> from autograd import Value, no_grad
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.requires_grad, y.parents
    (9.0, False, ())
    """

    def __init__(self, *given: Never) -> None:
        _require_nothing("no_grad", given)
        super().__init__(recording=False)


class enable_grad(_Recording):  # noqa: N801
    """Remembers again inside a `no_grad` block.

    >>> from autograd import Value, enable_grad, no_grad
    >>> with no_grad(), enable_grad():
    ...     (Value(3.0) * 2.0).requires_grad
    True
    """

    def __init__(self, *given: Never) -> None:
        _require_nothing("enable_grad", given)
        super().__init__(recording=True)


class scope(Block):  # noqa: N801
    """Names the operations done inside a `with` block; drawings show them as a box, boxes nest.

    Args:
        name: the text on the box.
        members: Values made elsewhere that belong in the box (the weights of a neuron).
        operations: the number of operations that the box stands for, if they are not recorded.

    Raises:
        TypeError: the name is not a str.

    >>> from autograd import Value, scope
    >>> with scope("layer 1"), scope("neuron 2"):
    ...     y = Value(1.0) + 2.0
    >>> y.scope
    Scope('layer 1 / neuron 2')
    """

    __slots__ = ("_members", "_name", "_operations")

    def __init__(self, name: str, members: Iterable[Value] = (), operations: int | None = None) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of a scope is a str, not {type(name).__name__} {name!r}")
        self._kept = None
        self._name = name
        self._members = members if isinstance(members, (list, tuple)) else tuple(members)
        self._operations = operations

    def __enter__(self) -> Scope:
        around = current() if entered else None
        opened = Scope(self._name, None if around is None else around.scope, self._members, self._operations)
        self.enter(around, None, opened, None)
        return opened


class compiling(Block):  # noqa: N801
    """`compile` records a function inside, in a scope of its own."""

    __slots__ = ("_recorder",)

    def __init__(self, recorder: Recorder) -> None:
        self._kept = None
        self._recorder = recorder

    def __enter__(self) -> None:
        self.enter(current(), True, self._recorder.scope, self._recorder)
