"""What sources of trajectories are like, and what to write into a script."""

import dataclasses
import time
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tramway.data.quality import Quality, assess
from tramway.errors import DataQualityWarning, TramwayError

from .source import SPTFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tramway.data.formats import FileFacts

    from .source import Source

_USUAL_DIFFUSIVITY = (1e-4, 30.0)
"""µm²/s; below, nothing in a cell moves, above, nothing as large as a protein does."""


@dataclass
class SourceCheck:
    """What was found of one source.

    Attributes
    ----------
    source
        Path of the file, or name of the table.
    format
        Name of the reader.
    error
        Why it could not be read; None if it could. What is known nevertheless is in the others.
    facts
        What is in a file of :meth:`SPTData.from_files`.
    localizations, tracks
        How many there are in the trajectories.
    quality
        What the trajectories tell of themselves.
    units
        Verdict on the units.
    settings
        What was set for it before.
    warnings
        What was found wrong and mended.
    seconds
        How long reading and checking took.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.spt_data.from_dataframe(movie)
    >>> (found,) = a.spt_data.check()
    >>> found.tracks, found.localizations
    (200, 4000)
    >>> found.script()[1]
    'a.tesseller = tessellers.Hexagons'
    """

    source: str
    format: str
    error: str | None = None
    facts: "FileFacts | None" = None
    localizations: int | None = None
    tracks: int | None = None
    quality: Quality | None = None
    units: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def has_own_precision(self) -> bool:
        """Whether the file says the precision of each localization."""
        notes = [] if self.facts is None else self.facts.notes
        return any("its own precision" in note for note in notes)

    @property
    def is_plausible(self) -> bool:
        """Whether the diffusivity is one of molecules in µm and s, as far as it is known."""
        diffusivity = None if self.quality is None else self.quality.diffusivity
        low, high = _USUAL_DIFFUSIVITY
        return diffusivity is None or low <= diffusivity <= high

    def to_dict(self) -> dict[str, Any]:
        """Everything as what ``json`` can write, with what a script would say."""
        content = dataclasses.asdict(self)
        if self.quality is not None:
            content["quality"]["is_stationary"] = self.quality.is_stationary
        return content | {"script": self.script()}

    def script(self) -> list[str]:
        """Lines of a script for this source; where something is not known, what is to be said.

        There are none for what no reader can read.
        """
        if self.error is not None and self.facts is None:
            return []
        said = dict(self.settings)
        options = said.pop("reader_options", None) or {}
        given = "".join(f", {name}={value!r}" for name, value in options.items())
        if "format" in said:
            given = f", format={said.pop('format')!r}{given}"
        lines = [f"a.spt_data.from_files({self.source!r}{given})"]
        if self.format == "table":
            lines = [f"a.spt_data.from_dataframe(…)  # {self.source}"]
        linking = said.pop("linking", None)
        if linking is not None:
            arguments = ", ".join(f"{name}={value!r}" for name, value in linking.items())
            lines.append(f"a.tracker.from_trackpy({arguments})")
        lines += [f"a.spt_data.{name} = {value!r}" for name, value in said.items()]
        facts = self.facts
        if facts is not None:
            is_scaled = said.keys() & {"pixel_size", "coord_scale"}
            if facts.length_unit == "px" and facts.pixel_size is None and not is_scaled:
                lines.append("a.spt_data.pixel_size = …  # µm per pixel")
            elif facts.length_unit is None and not is_scaled:
                lines.append("a.spt_data.coord_scale = …  # µm per unit of length")
            is_timed = "frame_interval" in said or facts.frame_interval is not None
            if facts.time_unit not in ("s", "ms", "min") and not is_timed:
                lines.append("a.spt_data.frame_interval = …  # s")
            if facts.tracks == 0 and linking is None:
                lines.append("a.tracker.from_trackpy(search_range=…)  # µm, the longest step")
        quality = self.quality
        if quality is None:
            return lines
        is_said = self.has_own_precision or "localization_precision" in said
        if quality.precision is not None and not is_said:
            lines.append(f"a.spt_data.localization_precision = {quality.precision:.2g}  # µm")
        if quality.cell_size is not None:
            lines.append("a.tesseller = tessellers.Hexagons")
            lines.append(f"a.tesseller.resolution = {quality.cell_size:.2g}  # µm")
        if quality.time_window is not None:
            lines.append(f"a.time.from_sliding_window(duration={quality.time_window:.3g})  # s")
        return lines

    def __str__(self) -> str:
        return "\n".join(
            [f"{self.source}: {self.format}", *(f"  {line}" for line in self._lines())]
        )

    def _lines(self) -> "Iterable[str]":
        facts, quality = self.facts, self.quality
        if facts is not None:
            frames = (
                f", frames {facts.first_frame} to {facts.last_frame}"
                if facts.first_frame is not None
                else ""
            )
            gaps = "irregular times" if facts.gaps is None else f"{facts.gaps} gaps"
            yield (
                f"{facts.localizations} localizations, {facts.tracks} tracks, "
                f"{facts.without_track} localizations without track{frames}, {gaps}"
            )
            said = [
                f"positions in {facts.length_unit or 'a unit it does not say'}",
                f"times in {facts.time_unit or 'a unit it does not say'}",
            ]
            if facts.pixel_size is not None:
                said.append(f"pixels of {facts.pixel_size:g} µm")
            if facts.frame_interval is not None:
                said.append(f"frames every {facts.frame_interval:g} s")
            yield "the file: " + ", ".join(said)
            yield from facts.notes
        elif self.localizations is not None:
            yield f"{self.localizations} localizations, {self.tracks} tracks"
        for warning in self.warnings:
            yield f"warning: {warning}"
        if self.error is not None:
            yield f"error: {self.error}"
        if quality is not None:
            yield from _told(quality)
            yield f"units: {self.units}"
        script = self.script()
        if script:
            yield "script:"
            yield from (f"  {line}" for line in script)


def _told(quality: Quality) -> "Iterable[str]":
    lags = ", ".join(f"{lag:.4g} s ({share:.0%})" for lag, share in quality.lags)
    more = f", {quality.distinct_lags} different ones" if quality.distinct_lags > 3 else ""
    yield f"{quality.steps} steps in {quality.duration:.4g} s; lags: {lags or 'none'}{more}"
    if quality.diffusivity is None:
        yield "too few steps of one lag to tell more"
        return
    yield f"D = {quality.diffusivity:.3g} µm²/s, steps of {quality.step_length:.3g} µm"
    if quality.precision is None:
        yield "σ: successive steps do not show it, it is small beside them"
    else:
        said = f"{quality.precision:.3g} ± {quality.precision_deviation:.1g} µm"
        if quality.precision_is_limit:
            yield (
                f"σ ≤ {said}, from the covariance of successive steps: what holds some molecules "
                "back is crossed within a step, which looks like noise"
            )
        else:
            yield f"σ = {said}, from the covariance of successive steps"
    if quality.immobile_share is not None:
        yield f"{quality.immobile_share:.0%} of the longer tracks are immobile"
    if quality.change is not None:
        yield (
            f"mean square step of the second half of the movie over the first: "
            f"{quality.change:.3f} ± {quality.change_deviation:.3f}"
        )
    yield f"{quality.density:.3g} localizations per µm²"
    yield f"cells: {quality.cell_size:.2g} µm, {quality.cell_size_reason}"
    window = "none" if quality.time_window is None else f"{quality.time_window:.3g} s"
    yield f"time window: {window}, {quality.time_window_reason}"


class Checks(list[SourceCheck]):
    """What was found of several sources; it prints as text.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.spt_data.from_dataframe(movie)
    >>> found = a.spt_data.check()
    >>> len(found)
    1
    """

    def __repr__(self) -> str:
        text = "\n\n".join(map(str, self))
        failed = [item.source for item in self if item.error is not None]
        if not failed or len(self) == 1:
            return text
        return f"{text}\n\n{len(failed)} of {len(self)} cannot be read yet: {', '.join(failed)}"


def check_source(source: "Source") -> SourceCheck:
    """Read a source and assess it; what cannot be read becomes the `error` of the result."""
    begin = time.perf_counter()
    kind = {"SPTAsciiFile": "text", "SPTDataFrame": "table", "RWAFile": "rwa"}
    found = SourceCheck(source.source, kind.get(type(source).__name__, "unknown"))
    common = {} if source.collection is None else source.collection.common_settings
    said = {**common, **source.own_settings}
    found.settings = {name: value for name, value in said.items() if value is not None}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DataQualityWarning)
        try:
            data = source.dataframe
        except (TramwayError, OSError) as error:
            found.error = str(error)
            if isinstance(source, SPTFile):
                _take_what_is_known(found, source)
        else:
            if isinstance(source, SPTFile):
                found.facts = source.facts
                found.format = source.facts.format
            found.localizations, found.tracks = len(data), int(data["n"].nunique())
            found.quality = assess(data, source.exposure_time)
            found.units = _verdict(found.quality)
    found.warnings = [
        str(item.message).removeprefix(f"{source.source}: ")
        for item in caught
        if issubclass(item.category, DataQualityWarning)
    ]
    found.seconds = time.perf_counter() - begin
    return found


def _take_what_is_known(found: SourceCheck, source: SPTFile) -> None:
    """Take the facts of a file whose units, or tracks, are not known yet."""
    from tramway.data.formats import read_localizations

    try:
        facts = read_localizations(source.path, source.format, source.reader_options)[2]
    except (TramwayError, OSError):
        return
    found.facts, found.format = facts, facts.format


def _verdict(quality: Quality) -> str:
    """Tell whether diffusivity and noise are those of molecules."""
    if quality.diffusivity is None:
        return "too few steps to tell whether they are µm and s"
    low, high = _USUAL_DIFFUSIVITY
    if quality.diffusivity > high:
        return (
            f"D = {quality.diffusivity:.3g} µm²/s is faster than a protein in water: the positions "
            "may be in nm or pixels, or the times too short"
        )
    if quality.diffusivity < low:
        return (
            f"D = {quality.diffusivity:.3g} µm²/s is slower than anything alive: the positions may "
            "be in m, the times in ms or frames, or nothing moves"
        )
    return "µm and s are plausible: D and σ are those of single molecules"
