"""What the attributes of an analyzer have in common."""

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from tramway.attributes import StrictAttributes
from tramway.errors import InvalidInputError

if TYPE_CHECKING:
    from .analyzer import RWAnalyzer

Kind = TypeVar("Kind")


class AnalyzerAttribute(StrictAttributes):
    """Part of an analyzer: data, regions, tesseller, sampler, mapper or pipeline.

    It can be made on its own and be assigned to an analyzer, as often as wanted.
    """

    _analyzer: "RWAnalyzer | None" = None

    def _owner(self) -> "RWAnalyzer":
        if self._analyzer is None:
            name = type(self).__name__
            raise InvalidInputError(f"this {name} belongs to no analyzer: assign it to one first")
        return self._analyzer

    def __getstate__(self) -> dict[str, Any]:
        # Settings travel to other processes, the analyzer they belong to does not.
        return {name: value for name, value in vars(self).items() if name != "_analyzer"}


class Assignable(Generic[Kind]):
    """Attribute of the analyzer that is given as an instance, or as what makes one when called.

    So ``a.env = environments.LocalHost`` and ``a.env = environments.LocalHost()`` are the same.

    Parameters
    ----------
    kind
        What every value must be an instance of; a runtime-checkable protocol for environments.
    default
        What makes the first value, and the one that None stands for.
    """

    def __init__(self, kind: type[Kind], default: type[Any]) -> None:
        self._kind = kind
        self._default = default

    @property
    def kind(self) -> type[Kind]:
        """What every value is an instance of."""
        return self._kind

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, analyzer: None, owner: type) -> "Assignable[Kind]": ...
    @overload
    def __get__(self, analyzer: "RWAnalyzer", owner: type) -> Kind: ...
    def __get__(self, analyzer: "RWAnalyzer | None", owner: type) -> "Kind | Assignable[Kind]":
        if analyzer is None:
            return self
        value: Kind = analyzer.__dict__[f"_{self._name}"]
        return value

    def __set__(self, analyzer: "RWAnalyzer", value: Any) -> None:
        if value is None:
            value = self._default
        if isinstance(value, type) or (callable(value) and not isinstance(value, self._kind)):
            value = self._called(value)
        if not isinstance(value, self._kind):
            raise InvalidInputError(
                f"`{self._name}` is {value!r}, expected a {self._kind.__name__}: what the modules "
                "of `tramway.analyzer` make"
            )
        if isinstance(value, AnalyzerAttribute):
            value._analyzer = analyzer
        analyzer.__dict__[f"_{self._name}"] = value

    def _called(self, maker: Any) -> Any:
        try:
            return maker()
        except TypeError as error:
            name = getattr(maker, "__qualname__", repr(maker))
            raise InvalidInputError(
                f"`{self._name}` was given `{name}` itself, which needs arguments: "
                f"call it, {name}(...)"
            ) from error


def attributes_of(owner: type) -> dict[str, Assignable[Any]]:
    """List what is assignable on an analyzer, by name, in the order in which it is declared."""
    return {name: value for name, value in vars(owner).items() if isinstance(value, Assignable)}
