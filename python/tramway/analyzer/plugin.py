"""Attributes that stand for a plugin, chosen by name, and its parameters."""

from collections.abc import Collection, Mapping
from html import escape
from typing import Any, ClassVar

from tramway.attributes import Check, did_you_mean
from tramway.display import html_table
from tramway.errors import InvalidInputError, UnknownAttributeError

from .attribute import AnalyzerAttribute


class PluginAttribute(AnalyzerAttribute):
    """A plugin and the values of its parameters, which are the attributes of this object.

    Parameters
    ----------
    name
        Plugin name; None leaves the choice to a later :meth:`from_plugin`.
    parameters
        Values that differ from the defaults.

    Raises
    ------
    InvalidInputError
        If the plugin is unknown, or a value is not what its parameter takes.
    UnknownAttributeError
        If the plugin has no such parameter; the message lists those it has.
    """

    _kind: ClassVar[str]
    """What plugins of this kind are called in messages."""
    _example: ClassVar[str]
    """How to choose one, for the message where none is."""

    _plugin: str | None = None

    def __init__(self, name: str | None = None, **parameters: Any) -> None:
        self._values: dict[str, Any] = {}
        if name is not None:
            self.from_plugin(name, **parameters)

    @classmethod
    def plugins(cls) -> list[str]:
        """Names of the plugins there are."""
        raise NotImplementedError

    @classmethod
    def _checks(cls, plugin: str) -> Mapping[str, Check]:
        """Parameters of a plugin, each with the check of its values."""
        raise NotImplementedError

    @classmethod
    def _defaults(cls, plugin: str) -> Mapping[str, Any]:
        """Default of each parameter of a plugin."""
        raise NotImplementedError

    def from_plugin(self, name: str, **parameters: Any) -> None:
        """Choose a plugin by its name; its parameters start from their defaults.

        Parameters
        ----------
        name
            One of :meth:`plugins`.
        parameters
            Values that differ from the defaults.

        Raises
        ------
        InvalidInputError
            If the plugin is unknown, or a value is not what its parameter takes.
        UnknownAttributeError
            If the plugin has no such parameter; the message lists those it has.
        """
        if name not in self.plugins():
            raise InvalidInputError(
                f"{self._kind} plugin {name!r} is unknown"
                f"{did_you_mean(str(name), self.plugins())}; "
                f"valid names: {', '.join(self.plugins())}"
            )
        values = {key: self._checked(name, key, value) for key, value in parameters.items()}
        self._plugin, self._values = name, values

    def _checked(self, plugin: str, parameter: str, value: object) -> Any:
        checks = self._checks(plugin)
        if parameter not in checks:
            raise UnknownAttributeError(self._refusal("set", parameter, list(checks)))
        return checks[parameter](parameter, value)

    @property
    def initialized(self) -> bool:
        """Whether a plugin is chosen."""
        return self._plugin is not None

    @property
    def plugin(self) -> str:
        """Name of the chosen plugin.

        Raises
        ------
        InvalidInputError
            If none is.
        """
        if self._plugin is None:
            raise InvalidInputError(f"no {self._kind} is chosen: {self._example}")
        return self._plugin

    @property
    def parameters(self) -> dict[str, Any]:
        """Value of every parameter of the plugin."""
        return {**self._defaults(self.plugin), **self._values}

    def identity(self) -> dict[str, Any]:
        """Name what determines its results: the plugin and the value of every parameter."""
        return {"plugin": self.plugin, **self.parameters}

    def _setting_names(self) -> Collection[str]:
        return list(self._checks(self._plugin)) if self._plugin is not None else []

    def settings(self) -> dict[str, Any]:
        """Everything that was set, for :meth:`from_settings`."""
        return {"plugin": self._plugin, "parameters": self._values}

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> "PluginAttribute":
        """Make the plugin that has these settings."""
        return cls(settings["plugin"], **settings["parameters"])

    def __setattr__(self, name: str, value: object) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        elif self._plugin is None:
            raise UnknownAttributeError(
                f"`{name}` cannot be set, no {self._kind} is chosen: {self._example}"
            )
        else:
            self._values[name] = self._checked(self._plugin, name, value)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._setting_names():
            return {**self._defaults(self.plugin), **self._values}[name]
        return super().__getattr__(name)

    def _shown(self) -> dict[str, Any]:
        """Give what was set, for display."""
        return self._values

    def __repr__(self) -> str:
        name = _general(type(self)).__name__
        if self._plugin is None:
            return f"<{name}: no {self._kind} is chosen>"
        values = "".join(f", {key}={value!r}" for key, value in self._shown().items())
        return f"{name}({self._plugin!r}{values})"

    def _repr_html_(self) -> str:
        if self._plugin is None:
            return f"<p>no {self._kind} is chosen: <code>{escape(self._example)}</code></p>"
        shown = self._shown()
        rows = [
            (key, repr(value), "" if key in shown else "default")
            for key, value in {**self.parameters, **shown}.items()
        ]
        return f"<p>{self._kind} <b>{escape(self.plugin)}</b></p>{html_table(rows)}"


def _general(kind: type) -> type:
    """Class of all plugins of a kind: it can be called with what their display shows."""
    return kind if PluginAttribute in kind.__bases__ else _general(kind.__bases__[0])
