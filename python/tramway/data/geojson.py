"""Regions of interest as GeoJSON, as QuPath and other programs of images have them."""

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tramway import _core
from tramway.arguments import checked
from tramway.errors import FileFormatError, InvalidInputError

from .polygon import Area, Corner, Polygon, as_polygon

_LARGEST = 1 << 28
"""Bytes of a file; ten million corners have as many."""

_SIDES_OF_DISC = 128  # 0.04 % less area than the disc's

_UNITS = ("µm", "μm", "um", "micron", "micrometer")
_POLYGONS = ("Polygon", "MultiPolygon")


@checked
def read_geojson(path: str | os.PathLike[str], pixel_size: float | None = None) -> list[Polygon]:
    """Read regions of interest from a GeoJSON file: a FeatureCollection, a list or one Feature.

    A region is a Polygon or a MultiPolygon, with holes or without; or a Point with a ``radius``
    among its properties, a polygon of 128 sides then. Its name is the property ``name``, if there
    is one. Geometries of other kinds are refused, not left out.

    Parameters
    ----------
    path
        The file; ``~`` is the home directory.
    pixel_size
        µm per unit of the coordinates: the size of a pixel for the files of QuPath and the like, 1
        where they are µm. Not for files that say ``"unit": "µm"``, as those of
        :func:`write_geojson` do.

    Returns
    -------
    list of Polygon
        In the order of the file, coordinates in µm. Empty for a collection without features.

    Raises
    ------
    FileNotFoundError, OSError
        If the file cannot be read.
    FileFormatError
        If it is no GeoJSON, or a feature is not as described; the message has its number, from 1,
        and its name.
    InvalidInputError
        If `pixel_size` is missing, given although the file says its unit, or not positive.

    Examples
    --------
    >>> write_geojson("regions.geojson", [Polygon([[[(0, 0), (2, 0), (0, 2)]]], "nucleus")])
    >>> [region] = read_geojson("regions.geojson")
    >>> region.name, region.upper
    ('nucleus', (2.0, 2.0))
    """
    path = Path(path).expanduser()
    content = _content(path)
    unit = content.get("unit") if isinstance(content, dict) else None
    scale = _scale(path, unit, pixel_size)
    found: list[Polygon] = []
    named: dict[str, int] = {}
    for number, feature in enumerate(_features(path, content), start=1):
        said = feature.get("properties")
        properties = said if isinstance(said, dict) else {}
        name = _name(properties)
        place = f"{path}, feature {number}" + ("" if name is None else f" ({name[:200]!r})")
        if name is not None and named.setdefault(name, number) != number:
            raise FileFormatError(
                f"{place}: feature {named[name]} has the same name, expected another one for each, "
                "or none: names are the labels of regions"
            )
        try:
            found.append(Polygon(_parts(feature.get("geometry"), properties, scale), name))
        except (InvalidInputError, TypeError, ValueError, OverflowError) as error:
            raise FileFormatError(f"{place}: {error}") from None
    return found


@checked
def write_geojson(
    path: str | os.PathLike[str], areas: Iterable[Area], names: Iterable[str] | None = None
) -> None:
    """Write regions of interest as GeoJSON that :func:`read_geojson` reads, coordinates in µm.

    Parameters
    ----------
    path
        The file; replaced if it exists.
    areas
        Polygons, and boxes, which are rectangles there.
    names
        A name for each; those of the polygons by default.

    Raises
    ------
    InvalidInputError
        If a box is limited in z or in time, or not on all sides, or there is not a name for each.

    Examples
    --------
    >>> from tramway.data import Box
    >>> write_geojson("regions.geojson", [Box((0, 0), (2, 1))], ["left"])
    >>> read_geojson("regions.geojson")[0].parts
    ((((0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (0.0, 1.0)),),)
    """
    polygons = [as_polygon(area) for area in areas]
    labels = [polygon.name for polygon in polygons] if names is None else list(names)
    if len(labels) != len(polygons):
        raise InvalidInputError(
            f"`names` are {len(labels)}, expected one for each of {len(polygons)} regions"
        )
    features = [
        {
            "type": "Feature",
            "geometry": polygon.geometry,
            "properties": {} if label is None else {"name": label},
        }
        for polygon, label in zip(polygons, labels, strict=True)
    ]
    content = {"type": "FeatureCollection", "unit": "µm", "features": features}
    text = json.dumps(content, ensure_ascii=False, allow_nan=False)
    Path(path).expanduser().write_text(text, encoding="utf-8")


def _content(path: Path) -> Any:
    _core.check_regular_file(path)
    if path.stat().st_size > _LARGEST:
        raise FileFormatError(
            f"{path} has more than {_LARGEST >> 20} MiB, expected outlines of regions in GeoJSON"
        )

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no number")

    try:
        return json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise FileFormatError(
            f"{path} is not GeoJSON ({str(error)[:200]}), expected a FeatureCollection"
        ) from None


def _scale(path: Path, unit: object, pixel_size: float | None) -> float:
    """µm per unit of the coordinates."""
    if unit is not None and unit not in _UNITS:
        raise FileFormatError(f"{path}: the unit is {str(unit)[:50]!r}, expected µm or none")
    if unit is not None and pixel_size is not None:
        raise InvalidInputError(f"{path} says that its unit is {unit}: leave out `pixel_size`")
    if unit is not None:
        return 1.0
    if pixel_size is None:
        raise InvalidInputError(
            f"{path} does not say what its coordinates are: pass `pixel_size`, the size of a pixel "
            "in µm where they are pixels, as QuPath writes them, and 1 where they are µm"
        )
    if not (math.isfinite(pixel_size) and pixel_size > 0):
        raise InvalidInputError(f"`pixel_size` is {pixel_size}, expected a positive length in µm")
    return float(pixel_size)


def _features(path: Path, content: Any) -> list[dict[str, Any]]:
    features = content
    if isinstance(content, dict):
        is_one = content.get("type") == "Feature"
        features = [content] if is_one else content.get("features")
        if not is_one and content.get("type") != "FeatureCollection":
            features = None
    if not isinstance(features, list):
        raise FileFormatError(
            f"{path} is JSON of another kind, expected a GeoJSON FeatureCollection, a Feature or a "
            "list of them"
        )
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise FileFormatError(
                f"{path}, feature {number}: {json.dumps(feature)[:60]}, expected a Feature"
            )
    return features


def _name(properties: Mapping[str, Any]) -> str | None:
    name = properties.get("name")
    return None if name is None or name == "" else str(name)


def _parts(geometry: Any, properties: Mapping[str, Any], scale: float) -> list[list[list[Corner]]]:
    """Corners of the parts of a region, µm."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind == "Point":
        return [[_disc(_corner(geometry.get("coordinates"), scale), properties, scale)]]
    if kind not in _POLYGONS:
        raise InvalidInputError(
            f"its geometry is {str(kind)[:50]!r}, expected {', '.join(_POLYGONS)}, or Point with a "
            "property `radius`"
        )
    coordinates = _list(geometry.get("coordinates"))
    return [
        [[_corner(corner, scale) for corner in _list(ring)] for ring in _list(part)]
        for part in ([coordinates] if kind == "Polygon" else coordinates)
    ]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidInputError(
            f"among its coordinates is {str(value)[:50]!r}, expected lists of outlines, and "
            "outlines that are lists of corners"
        )
    return value


def _corner(value: Any, scale: float) -> Corner:
    are_numbers = isinstance(value, list) and all(type(one) in (int, float) for one in value)
    if not are_numbers or len(value) != 2:
        raise InvalidInputError(f"a corner is {str(value)[:50]}, expected two numbers [x, y]")
    return value[0] * scale, value[1] * scale


def _disc(center: Corner, properties: Mapping[str, Any], scale: float) -> list[Corner]:
    radius: Any = properties.get("radius")
    if type(radius) not in (int, float) or not (math.isfinite(radius) and radius > 0):
        raise InvalidInputError(
            f"its geometry is a Point, and `radius` among its properties is {str(radius)[:50]}, "
            "expected a positive number in the unit of the coordinates"
        )
    angles = [2 * math.pi * number / _SIDES_OF_DISC for number in range(_SIDES_OF_DISC)]
    return [
        (center[0] + scale * radius * math.cos(one), center[1] + scale * radius * math.sin(one))
        for one in angles
    ]
