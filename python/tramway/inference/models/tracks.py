"""The models D, DD, DF and DV of whole tracks, whose successive displacements share their noise."""

from typing import Any

from tramway.inference.maps import Maps
from tramway.inference.model import Vector, model
from tramway.inference.parameters import OF_SEARCH
from tramway.inference.posterior import maximum
from tramway.tessellation import Partition

_TEXT = r"""

    Given the maps, the localizations of a track are a linear Gaussian state-space model: positions
    that diffuse and drift, seen with an error. A Kalman filter takes them one after the other to
    innovations e of variance S, which are independent, and the likelihood of a track, given its
    first localization, is theirs [1]_,

    .. math:: \sum_{\text{steps}} \left[ \frac d 2 \ln 2πS + \frac{|e|²}{2S} \right].

    The noise of a localization is that of both displacements that it ends and begins; the drift is
    that at the filtered position, not at the origin that was seen, so that there is no spurious
    drift of noise; along a step, the drift changes as the map says. The maps, ln D and the others,
    are continued inside cells by polynomials, and have priors that are fields of Matérn's
    covariance [2]_, whose amplitude and range are those of highest evidence, with weak priors
    [3]_; what is not known of these is in the error bars.

    Tracks that cross the border of the cells are filtered whole, where the partition knows the
    trajectories that its translocations were cut out of: what lies outside tells where a molecule
    is when it comes in, and counts for nothing else.

    {parameters}

    Returns
    -------
    Maps
        Features ``diffusivity`` (µm²/s, the median of its posterior), ``diffusivity low`` and
        ``diffusivity high`` (its interval of 95 %), those of the model without tracks, and their
        standard deviations; a row for each cell that holds a translocation. Attributes: the
        parameters; ``scales``, amplitude and range (µm) of ln D and of the other maps;
        ``resolution`` (how the search ended), ``niter`` (passes over the data), ``objective``,
        ``log_evidence`` (of all localizations but the first of each track),
        ``translocations_outside`` (how many of these tracks were filtered beside those of the
        partition), ``runtime`` (s).

    Raises
    ------
    InvalidInputError
        If a parameter is out of its domain, there are time segments, or cells overlap.
    InsufficientDataError
        If no cell holds a translocation.

    Warns
    -----
    ConvergenceWarning
        If the search stopped early; the maps are those of its best point.

    References
    ----------
    .. [1] Michalet & Berglund, Phys. Rev. E 85, 061916 (2012); Bryan et al., iScience 25, 104731
       (2022).
    .. [2] Lindgren, Rue & Lindström, J. R. Stat. Soc. B 73, 423 (2011).
    .. [3] Simpson et al., Stat. Sci. 32, 1 (2017); Fuglstad et al., J. Am. Stat. Assoc. 114, 445
       (2019).
    """


def _model(
    name: str, title: str, likelihood: str, *, parameters: tuple[str, ...] = (), **kind: Any
) -> Any:
    def infer(partition: Partition, **given: Any) -> Maps:
        return maximum(partition, **given)

    infer.__doc__ = title + _TEXT
    infer.__name__ = infer.__qualname__ = name
    return model(
        f"tracks.{likelihood}",
        parameters=(*parameters, "scales", *OF_SEARCH),
        likelihood=likelihood,
        of_tracks=True,
        **kind,
    )(infer)


infer_tracks_diffusivity = _model(
    "infer_tracks_diffusivity", "Map diffusivity from whole tracks.", "d"
)
infer_tracks_drift = _model(
    "infer_tracks_drift",
    "Map diffusivity and drift from whole tracks.",
    "dd",
    vector=Vector("drift", "µm/s"),
)
infer_tracks_force = _model(
    "infer_tracks_force",
    "Map diffusivity and force from whole tracks.",
    "df",
    vector=Vector("force", "kT/µm"),
)
infer_tracks_potential = _model(
    "infer_tracks_potential",
    "Map diffusivity, potential and force from whole tracks.",
    "dv",
    parameters=("equilibrium",),
    vector=Vector("force", "kT/µm"),
    has_potential=True,
)
