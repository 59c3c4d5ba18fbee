"""What a model of motion is: names, parameters, and the function that infers its maps."""

import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import update_wrapper
from types import MappingProxyType
from typing import Any

from tramway.arguments import checked
from tramway.errors import InvalidInputError
from tramway.tessellation import Partition, SummedPartition

from .maps import Maps
from .parameters import OF_CELLS, PARAMETERS, Parameter


@dataclass(frozen=True)
class Vector:
    """What moves molecules in a model: the vector of each cell.

    Attributes
    ----------
    name
        Feature of the maps.
    unit
        Its unit.
    """

    name: str
    unit: str


@dataclass(frozen=True)
class Model:
    """A model of motion that can be inferred from a partition.

    Attributes
    ----------
    name
        The plugin name.
    parameters
        What can be set, by name.
    infer
        Called as ``infer(partition, *, localization_precision, exposure_time=0.0, mode=name,
        **parameters)``.
    likelihood
        Name, in the numeric core, of the likelihood whose D, V and vectors its maps hold; None if
        they are of another kind.
    vector
        The force or drift that its maps hold; None if they hold none.
    has_potential
        Whether they hold a potential.
    of_tracks
        Whether the likelihood is, or may be, that of whole tracks, and not of displacements by
        themselves.

    Examples
    --------
    >>> from tramway.inference import get_model
    >>> get_model("df").vector.unit
    'kT/µm'
    """

    name: str
    parameters: Mapping[str, Parameter]
    infer: Callable[..., Maps]
    likelihood: str | None = None
    vector: Vector | None = None
    has_potential: bool = False
    of_tracks: bool = False

    @property
    def defaults(self) -> dict[str, Any]:
        """Value of each parameter where none is set."""
        return {name: parameter.default for name, parameter in self.parameters.items()}

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters, those that are not given by their defaults.

        Raises
        ------
        InvalidInputError
            If a value is not what its parameter takes.
        """
        return {
            name: parameter.check(name, given[name]) if name in given else parameter.default
            for name, parameter in self.parameters.items()
        }


def model(
    *names: str,
    parameters: Iterable[str],
    unsmoothed: tuple[str, ...] = (),
    likelihood: str | None = None,
    vector: Vector | None = None,
    has_potential: bool = False,
    of_tracks: bool = False,
) -> Callable[[Callable[..., Maps]], Callable[..., Maps]]:
    """Make the function that infers the maps of a model of one that computes them.

    The function that is decorated is called as ``function(partition, model=…, mode=…,
    localization_precision=…, exposure_time=…, **parameters)``, with every parameter, checked. The
    one that users call has its docstring, in which ``{parameters}`` stands for the section of
    parameters, and ``{attributes}``, a line of the text on maps, for how those of a maximum were
    made.

    Parameters
    ----------
    names
        Plugin names, the first of them the mode of the maps by default.
    parameters
        Names of what can be set: those of :data:`tramway.inference.parameters.PARAMETERS`.
    unsmoothed
        Further plugin names, under which only what concerns each cell by itself can be set.
    likelihood, vector, has_potential, of_tracks
        Those of :class:`Model`.
    """
    known = MappingProxyType({name: PARAMETERS[name] for name in parameters})
    alone = MappingProxyType({name: known[name] for name in known if name in OF_CELLS})

    def decorate(function: Callable[..., Maps]) -> Callable[..., Maps]:
        def call(
            partition: Partition | SummedPartition,
            *,
            localization_precision: float | str,
            exposure_time: float = 0.0,
            mode: str = names[0],
            **given: Any,
        ) -> Maps:
            for name in given:
                if name not in known:
                    raise TypeError(
                        f"{function.__name__}() got an unexpected keyword argument '{name}'"
                    )
            if mode not in models:
                raise InvalidInputError(
                    f"`mode` is {mode!r}, expected a name of this model: {', '.join(models)}"
                )
            return function(
                partition.in_active_cells(),
                localization_precision=localization_precision,
                exposure_time=exposure_time,
                mode=mode,
                model=models[mode],
                **own.checked(given),
            )

        call.__qualname__ = function.__qualname__  # which is said if an argument is missing
        infer = update_wrapper(checked(call), function)
        infer.__signature__ = _signature(known, names[0])  # type: ignore[attr-defined]
        infer.__doc__ = (
            inspect.cleandoc(function.__doc__ or "")
            .replace("{parameters}", _section(known))
            .replace("    {attributes}", _filled(_ATTRIBUTES))
        )
        own = Model(names[0], known, infer, likelihood, vector, has_potential, of_tracks)
        models = {name: replace(own, name=name) for name in names}
        models |= {name: replace(own, name=name, parameters=alone) for name in unsmoothed}
        infer.models = models  # type: ignore[attr-defined]
        return infer

    return decorate


_DATA = {
    "partition": "Translocations assigned to the cells of a tessellation, in d = 2 or 3 "
    "dimensions.",
    "localization_precision": "Standard deviation σ of one localized coordinate, µm, ≥ 0; "
    "``'column'``, where the model allows it: each localization has its own, and σ² is the mean of "
    "those of the two ends.",
    "exposure_time": "Time that a localization averages over, s, at most the shortest lag; a third "
    "of it is not seen in the variance (Berglund, Phys. Rev. E 82, 011917, 2010).",
}
_MODE = {"mode": "Plugin name that the maps carry."}
_ATTRIBUTES = (
    "Attributes: the parameters, with the weights that were chosen; ``resolution`` (how the solver "
    "ended), ``niter``, ``objective`` (the least negative log posterior), ``log_evidence`` (by "
    "Laplace's method, as a density with respect to the mean D of each connected set of cells; NaN "
    "unless every prior has a weight), ``evidence_curve`` (where a weight was chosen, one row per "
    "trial: the weights of all priors, and the log evidence), ``runtime`` (s)."
)


def _signature(known: Mapping[str, Parameter], mode: str) -> inspect.Signature:
    def by_keyword(name: str, default: Any) -> inspect.Parameter:
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)

    return inspect.Signature(
        [
            inspect.Parameter("partition", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            by_keyword("localization_precision", inspect.Parameter.empty),
            by_keyword("exposure_time", 0.0),
            *(by_keyword(parameter.name, parameter.default) for parameter in known.values()),
            by_keyword("mode", mode),
        ],
        return_annotation=Maps,
    )


def _section(known: Mapping[str, Parameter]) -> str:
    """Section of parameters of a docstring."""
    texts = _DATA | {parameter.name: parameter.text for parameter in known.values()} | _MODE
    entries = (f"{name}\n{_filled(text)}" for name, text in texts.items())
    return "\n".join(["Parameters", "----------", *entries])


def _filled(text: str) -> str:
    """Break a text into the lines of an entry of a docstring."""
    return textwrap.fill(
        text,
        width=96,
        initial_indent="    ",
        subsequent_indent="    ",
        break_on_hyphens=False,
        break_long_words=False,
    )
