"""Arguments of the wrong kind are named, with what was seen and what was expected."""

import inspect
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike

import tramway.data
import tramway.files
import tramway.inference
import tramway.plotting
import tramway.report
import tramway.study
import tramway.tessellation
from tramway.arguments import check_kind, checked
from tramway.data import Box
from tramway.errors import InvalidInputError, TramwayError
from tramway.files import Analysis
from tramway.inference import Maps

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VALUES: dict[str, Any] = {
    "None": None,
    "integer": 3,
    "numpy integer": np.int64(3),
    "number": 1.5,
    "text": "a.rwa",
    "path": Path("a.rwa"),
    "array": np.arange(2.0),
    "plane": np.zeros((3, 2)),
    "numbers": [0, 1.5],
    "three": [0, 1, 2],
    "words": ["a", "b"],
    "boxes": [Box((0, 0), (1, 1))],
    "table": pd.DataFrame({"x": [1.0]}),
    "dict": {"a": 1},
}


@pytest.mark.parametrize(
    ("kind", "allowed", "expected"),
    [
        (float, {"integer", "numpy integer", "number"}, "a number"),
        (int, {"integer", "numpy integer"}, "an integer"),
        (str | os.PathLike[str], {"text", "path"}, "a path"),
        (float | None, {"None", "integer", "numpy integer", "number"}, "a number or None"),
        (Literal["std", 3], {"text", "integer"}, "'std' or 3"),
        (pd.DataFrame, {"table"}, "DataFrame"),
        (np.ndarray, {"array", "plane"}, "an array"),
        (ArrayLike, {"array", "plane", "numbers", "three", "table"}, "an array of numbers"),
        (tuple[float, float], {"array", "numbers"}, "a list of 2 numbers"),
        (tuple[float, ...], {"array", "numbers", "three"}, "a list of numbers"),
        (Sequence[str], {"words"}, "a list of strings"),
        (Iterable[Box], {"boxes"}, "a list of Box"),
        (dict[str, int], {"dict"}, "a dict"),
        (Any, set(VALUES), ""),
    ],
)
def test_kinds(kind: Any, allowed: set[str], expected: str) -> None:
    for name, value in VALUES.items():
        if name in allowed:
            check_kind("it", value, kind)
            continue
        with pytest.raises(InvalidInputError, match=r"^`it` is .*, expected ") as caught:
            check_kind("it", value, kind)
        assert str(caught.value).endswith(f"expected {expected}")


def test_arguments_by_place_and_by_name_and_what_is_only_known_where_types_are_checked() -> None:
    @checked
    def drawn(maps: Maps, *more: int, axes: "Axes | None" = None, size: float = 1.0) -> float:
        return size

    from matplotlib.figure import Figure

    maps = Maps(pd.DataFrame({"diffusivity": [1.0]}))
    assert drawn(maps, 1, 2, axes=Figure().subplots(), size=2) == 2
    assert drawn.__name__ == "drawn"
    assert list(inspect.signature(drawn).parameters) == ["maps", "more", "axes", "size"]
    with pytest.raises(InvalidInputError, match=r"`maps` is None, expected Maps$"):
        drawn(None)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match=r"`axes` is of type list, expected Axes or None"):
        drawn(maps, axes=[])  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match=r"`size` is an array of shape \(2,\) of float64"):
        drawn(maps, size=np.zeros(2))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="sizes"):
        drawn(maps, sizes=3)  # type: ignore[call-arg]


def test_a_node_in_place_of_its_data() -> None:
    node = Analysis(Maps(pd.DataFrame({"diffusivity": [1.0]})))
    with pytest.raises(InvalidInputError, match=r"Analysis, expected Maps, as its `\.data`"):
        check_kind("maps", node, Maps)


# Of each public function, the first argument, and what is no argument of that kind anywhere.
FUNCTIONS = [
    getattr(module, name)
    for module in (
        tramway.data,
        tramway.tessellation,
        tramway.inference,
        tramway.files,
        tramway.plotting,
        tramway.study,
        tramway.report,
    )
    for name in module.__all__
    if inspect.isfunction(getattr(module, name))
    # A result of any kind can be hashed, and made bytes of; these have no argument.
    and name not in ("content_hash", "encode_artefact", "encode_result", "plugin_names")
    and name not in ("commit_as_analysis", "maps_of")  # labels are checked, and any data kept
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.__name__)
def test_each_public_function_refuses_what_is_of_no_kind(function: Any) -> None:
    needed = [
        one.name
        for one in inspect.signature(function).parameters.values()
        if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]
    with pytest.raises(TramwayError, match=f"`{needed[0]}` is of type object"):
        function(**dict.fromkeys(needed, object()))
