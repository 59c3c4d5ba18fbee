"""A function of the user's: how it gets to other processes, and how to tell whether it changed."""

import dis
import functools
import hashlib
import inspect
import pickle
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, Self

from tramway.errors import InvalidInputError

_INSTALLED = sys.stdlib_module_names | {"tramway"}


class UserFunction:
    """A function that travels by value, with what it refers to in the module that defines it.

    The processes that do the work do not run the user's script, and may not find its modules. What
    the function uses of other modules is found there by name.

    Parameters
    ----------
    function
        What to call.

    Raises
    ------
    InvalidInputError
        If it cannot be called with an argument by position.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        if not callable(function):
            raise InvalidInputError(f"`function` is {function!r}, expected a function")
        self.function = function
        innermost = _innermost(function)
        self.name: str = getattr(innermost, "__name__", type(innermost).__name__)
        self.arguments = self._arguments()

    def _arguments(self) -> dict[str, inspect.Parameter]:
        """Arguments after the first one."""
        try:
            arguments = dict(inspect.signature(self.function).parameters)
        except ValueError:  # some of the functions written in C do not tell
            return {}
        first = next(iter(arguments.values()), None)
        if first is None or first.kind in (first.KEYWORD_ONLY, first.VAR_KEYWORD):
            raise InvalidInputError(
                f"`{self.name}` takes no argument by position, expected a function of the "
                "partition: def f(partition, ...)"
            )
        if first.kind is not first.VAR_POSITIONAL:
            del arguments[first.name]
        return arguments

    @property
    def takes_partition(self) -> bool:
        """Whether it asks for a partition: by the name or the annotation of its first argument."""
        try:
            first = next(iter(inspect.signature(self.function).parameters.values()), None)
        except ValueError:
            return False
        if first is None:
            return False
        annotation = getattr(first.annotation, "__name__", str(first.annotation))
        is_partition = annotation.rpartition(".")[2] == "Partition"
        return is_partition or first.name in ("partition", "sampling")

    def digest(self) -> str:
        """Hash what the function does: its code, and what this refers to in its own module.

        It is the same in every session, until one of these changes. Changes in other modules do not
        count.
        """
        digest = hashlib.sha256()
        for part in _parts(self.function, _innermost(self.function), set()):
            digest.update(b"%d:" % len(part) + part)
        return digest.hexdigest()

    def __deepcopy__(self, memo: object) -> Self:
        return self  # as functions are

    def __reduce__(self) -> tuple[Callable[[bytes, str], "UserFunction"], tuple[bytes, str]]:
        return _unpickled, (self._pickled(), self.name)

    def _pickled(self) -> bytes:
        import cloudpickle

        module = sys.modules.get(_innermost(self.function).__module__ or "")
        # The script itself travels by value anyhow; what was installed is everywhere.
        by_value = (
            module is not None
            and _is_of_the_user(module)
            and module.__name__ != "__main__"
            and module.__name__ not in cloudpickle.list_registry_pickle_by_value()
        )
        if by_value:
            cloudpickle.register_pickle_by_value(module)
        try:
            pickled: bytes = cloudpickle.dumps(self.function)
        except Exception as error:
            raise InvalidInputError(
                f"`{self.name}` cannot be sent to other processes, because of something that it "
                f"refers to ({error}): give it what it needs as parameters, or set a.env to None"
            ) from error
        finally:
            if by_value:
                cloudpickle.unregister_pickle_by_value(module)
        return pickled


def _unpickled(pickled: bytes, name: str) -> UserFunction:
    try:
        return UserFunction(pickle.loads(pickled))
    except Exception as error:  # noqa: BLE001 - told by each task; here it would end the process
        message = f"`{name}` cannot be used in this process: {error}"

        def refuse(partition: object, **_: object) -> None:
            raise InvalidInputError(message)

        return UserFunction(refuse)


def _innermost(function: Any) -> Any:
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _is_of_the_user(module: types.ModuleType) -> bool:
    """Whether a module is the user's own, rather than installed."""
    path = getattr(module, "__file__", None) or ""
    is_installed = any(place in path for place in ("site-packages", "dist-packages"))
    return not is_installed and module.__name__.partition(".")[0] not in _INSTALLED


# --- identity -------------------------------------------------------------------------------------


def _parts(value: Any, root: Any, met: set[int]) -> Iterator[bytes]:
    """Bytes that tell one value from another, the same in every session.

    Functions and classes of the module that defines `root` are followed, others are known by name.
    """
    yield type(value).__qualname__.encode()
    if isinstance(value, types.FunctionType | type | types.ModuleType):
        is_own = getattr(value, "__module__", None) == root.__module__
        yield value.__name__.encode()
        if not is_own:
            yield str(getattr(value, "__module__", "")).encode()
        elif id(value) not in met:  # or it refers to itself
            met.add(id(value))
            yield from _parts(_inside(value), root, met)
    elif isinstance(value, types.CodeType):
        yield from _parts(
            [value.co_code, value.co_exceptiontable, value.co_names, value.co_consts], root, met
        )
    elif isinstance(value, functools.partial):
        yield from _parts([value.func, value.args, value.keywords], root, met)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _parts(item, root, met)
    elif isinstance(value, dict):
        yield from _parts(list(value.items()), root, met)
    elif isinstance(value, set | frozenset):
        yield repr(sorted(map(repr, value))).encode()
    elif type(value).__module__ == root.__module__:
        names = getattr(value, "__name__", None), getattr(value, "__dict__", None)
        yield from _parts([type(value), *names], root, met)
    else:
        yield _image(value)


def _inside(owner: Any) -> list[Any]:
    """List what a function or a class is made of."""
    if isinstance(owner, types.FunctionType):
        names = set(_global_names(owner.__code__)) & owner.__globals__.keys()
        return [
            owner.__code__,
            owner.__defaults__,
            owner.__kwdefaults__,
            [cell.cell_contents for cell in owner.__closure__ or ()],
            {name: owner.__globals__[name] for name in sorted(names)},
        ]
    members = {
        name: getattr(member, "__func__", getattr(member, "fget", member))
        for name, member in sorted(vars(owner).items())
        if not name.startswith("__") or isinstance(member, types.FunctionType)
    }
    return [owner.__bases__, members]


def _global_names(code: types.CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _global_names(constant)


def _image(value: Any) -> bytes:
    if type(value).__module__ == "builtins":
        return repr(value).encode()
    try:
        return pickle.dumps(value, protocol=5)
    except Exception:  # noqa: BLE001 - whatever it is: taken for changed, it is inferred anew
        return repr(value).encode()
