"""An analysis as plain JSON: what a run directory says of it, and an analyzer made again of that.

Functions of the user's (labels, stages, mappers) have no JSON: they travel beside it, as
:mod:`cloudpickle` writes them, and are referred to by number.
"""

import dataclasses
import hashlib
import json
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tramway.analyzer import RWAnalyzer, roi, stages
from tramway.analyzer.attribute import attributes_of
from tramway.analyzer.plugin import PluginAttribute
from tramway.analyzer.source import RWAFile, Source, SPTAsciiFile, SPTFile
from tramway.analyzer.spt_data import SPTData
from tramway.analyzer.user_function import UserFunction
from tramway.data import Box, Polygon
from tramway.errors import InvalidInputError
from tramway.files import decode_artefact
from tramway.runs import Part, RunDirectory

_SOURCES_KEPT = 2  # tasks of one source follow each other

_PLUGINS = {
    name: attribute.kind
    for name, attribute in attributes_of(RWAnalyzer).items()
    if issubclass(attribute.kind, PluginAttribute)
}

# Classes whose objects are settings, by the name that stands for them in JSON.
_RECORDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        roi.Collections,
        roi.GivenAreas,
        roi.RecordedRegions,
        roi.RegionFile,
        roi.RegionFilesBesideData,
        stages.Infer,
        stages.Reload,
        stages.Tessellate,
        stages.TessellateThenInfer,
        Box,
    )
}
_SOURCES: dict[str, type[Source]] = {
    kind.__name__: kind for kind in (SPTAsciiFile, SPTFile, RWAFile)
}


class Description:
    """Plain form of everything that decides what a run makes.

    Parameters
    ----------
    analyzer
        Whose data and settings are described.
    chosen
        Stages that the run consists of.

    Attributes
    ----------
    content
        What :mod:`json` can write.
    callables
        Functions of the user's that it refers to.
    """

    def __init__(self, analyzer: RWAnalyzer, chosen: Sequence[object]) -> None:
        self.callables: list[UserFunction] = []
        data = analyzer.spt_data
        self.content: dict[str, Any] = {
            "spt_data": {
                "settings": self._plain(data.common_settings),
                "sources": [self._source(item) for item in data],
            },
            "roi": self._plain(analyzer.roi.definition),
            **{name: self._plain(getattr(analyzer, name).settings()) for name in _PLUGINS},
            "stages": [self._plain(stage) for stage in chosen],
        }

    def _source(self, item: Source) -> dict[str, Any]:
        return {
            "class": type(item).__name__,
            # Other processes have other working directories.
            "name": item.source if item.filepath is None else str(Path(item.source).absolute()),
            "alias": item.alias,
            "settings": self._plain(item.own_settings),
            "roi": self._plain(item.roi.definition),
        }

    def _plain(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, np.ndarray | np.generic):
            return value.tolist()
        if isinstance(value, Mapping):
            return {str(key): self._plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._plain(item) for item in value]
        if isinstance(value, roi.RegionFile):
            value = dataclasses.replace(value, path=str(Path(value.path).absolute()))
        if isinstance(value, Box):  # of which there may be thousands
            return {"class": "Box", "lower": value.lower, "upper": value.upper}
        if isinstance(value, Polygon):
            return {"polygon": value.text, "name": value.name}
        if type(value) in _RECORDS.values():
            fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
            return {"class": type(value).__name__, **self._plain(fields)}
        if callable(value) or isinstance(value, UserFunction):
            function = value if isinstance(value, UserFunction) else UserFunction(value)
            self.callables.append(function)
            return {"callable": len(self.callables) - 1}
        raise InvalidInputError(f"{value!r} cannot be sent to other processes")

    def pickled_callables(self) -> bytes | None:
        """Functions of the user's by value: other processes cannot import a script or notebook."""
        if not self.callables:
            return None
        import cloudpickle

        content: bytes = cloudpickle.dumps(self.callables)
        return content

    @property
    def digest(self) -> str:
        """Hash that is the same for the same analysis."""
        functions = [function.digest() for function in self.callables]
        text = json.dumps([self.content, functions], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


class Reconstruction:
    """Objects that a run directory describes.

    Parameters
    ----------
    run
        The directory.
    """

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._description = run.description
        self._callables: list[UserFunction] | None = None
        self._of_one = lru_cache(maxsize=_SOURCES_KEPT)(self._analyzer_of)

    def plugin(self, name: str) -> Any:
        """Tesseller, sampler or another attribute with settings, by its name in the analyzer."""
        return _PLUGINS[name].from_settings(self._object(self._description[name]))

    def trajectories(self, source: int) -> pd.DataFrame:
        """Trajectories of a source, by its number."""
        table = self._description["tables"].get(str(source))
        if table is not None:
            found: pd.DataFrame = decode_artefact(self._run.part(Part(**table)))
            return found
        return self.source(source).dataframe

    def source(self, number: int) -> Source:
        """Source of that number, which is a file, with its settings and those of all."""
        [item] = self.analyzer_of(number).spt_data
        if not Path(item.source).exists():
            raise InvalidInputError(
                f"{item.source} is not on {socket.gethostname()}: the data have to be where the "
                "tasks are done, at the same path or at that of a.env.directory_mapping"
            )
        return item

    def analyzer(self) -> RWAnalyzer:
        """Analyzer with the data, settings and stages of the run.

        Raises
        ------
        InvalidInputError
            If a source of the run is a table of the script that began it.
        """
        made = self._analyzer_of(range(len(self._description["spt_data"]["sources"])))
        for stage in self.stages:
            made.pipeline.append_stage(stage, granularity="source")
        return made

    @cached_property
    def stages(self) -> list[Any]:
        """Stages of the run."""
        stages: list[Any] = self._object(self._description["stages"])
        return stages

    @cached_property
    def _regions(self) -> Any:
        """How regions of all sources are defined, which nobody changes."""
        return self._object(self._description["roi"])

    def call(self, source: int) -> tuple[Callable[..., Any], RWAnalyzer]:
        """Give the function of a run that calls one, and an analyzer of one source for it."""
        [function] = self.stages
        return function, self._analyzer_of((source,))

    def analyzer_of(self, source: int) -> RWAnalyzer:
        """Analyzer of one source, with the settings of the run; what was read stays for a while."""
        return self._of_one((source,))

    def _analyzer_of(self, sources: Sequence[int]) -> RWAnalyzer:
        made = RWAnalyzer()
        said = self._description["spt_data"]
        made.spt_data = SPTData(self._source(number) for number in sources)
        _set_all(made.spt_data, self._object(said["settings"]))
        for number, item in zip(sources, made.spt_data, strict=True):
            _set_all(item, self._object(said["sources"][number]["settings"]))
        made.roi.definition = self._regions
        for name in _PLUGINS:
            setattr(made, name, self.plugin(name))
        return made

    def _source(self, number: int) -> Source:
        said = self._description["spt_data"]["sources"][number]
        kind = _SOURCES.get(said["class"])
        if kind is None:
            raise InvalidInputError(
                f"{said['name']} is a table in the script that began the run: run that script again"
            )
        item = kind(self._mapped(said["name"]))
        item.alias = said["alias"]
        item.roi.definition = self._object(said["roi"])
        return item

    def _mapped(self, path: str) -> str:
        """Where a path of the submitting computer is here."""
        for there, here in self._description.get("directory_mapping", {}).items():
            if path == there or path.startswith(there.rstrip("/") + "/"):
                return str(here).rstrip("/") + path[len(there.rstrip("/")) :]
        return path

    def _object(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._object(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "callable" in value:
            if self._callables is None:
                self._callables = self._run.callables()
            return self._callables[value["callable"]].function
        if "polygon" in value:
            return Polygon.of_text(value["polygon"], value["name"])
        fields = {name: self._object(item) for name, item in value.items() if name != "class"}
        kind = _RECORDS.get(value.get("class", ""))
        return fields if kind is None else kind(**fields)


def _set_all(target: object, settings: Mapping[str, Any]) -> None:
    for name, value in settings.items():
        setattr(target, name, value)
