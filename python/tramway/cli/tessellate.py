"""`tramway tessellate`: cells, as the original's command makes them."""

from pathlib import Path
from typing import Any

import click

from .tree_files import errors_in_one_line, given, label, labels, takes_files

_LOCATION_COUNT = 80
_METHODS = ("gas", "grid", "gwr", "hexagon", "kdtree", "kmeans", "random", "window")


class _Method(click.Choice[str]):
    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        if value not in self.choices:
            from tramway.analyzer.tesseller import ABSENT

            if value in ABSENT:
                self.fail(f"there is no {value!r}: {ABSENT[value]}", param, ctx)
        return super().convert(value, param, ctx)


@click.command()
@click.argument("method", type=_Method(_METHODS))
@takes_files
@click.option(
    "-l", "--label", "--output-label", "output_label", callback=label, help="Of the sampling."
)
@click.option("-L", "--input-label", callback=labels, help="Of the sampling whose cells are cut.")
@click.option("--inplace", is_flag=True, help="Take the place of the sampling that -L names.")
@click.option("--comment", help="On the sampling.")
@click.option("-d", "--distance", type=float, help="Typical displacement, µm; the mean by default.")
@click.option(
    "-n", "--knn", "--min-nn", "--knn-min", "knn", type=int, help="Least points of each cell."
)
@click.option("-N", "--max-nn", "--knn-max", "max_nn", type=int, help="Most points of each cell.")
@click.option("-r", "--radius", type=float, help="Cells are what is so near to their center, µm.")
@click.option("-s", "--min-location-count", type=int, help="Least points that cells are made for.")
@click.option(
    "-c", "--location-count", "avg_location_count", type=int, help="Average points of a cell."
)
@click.option("-S", "--max-location-count", type=int, help="Most points of a cell (kdtree).")
@click.option(
    "-ss",
    "--strict-min-location-count",
    "--min-n",
    "strict_min_location_count",
    type=int,
    help="Cells of fewer points are left empty.",
)
@click.option("--cell-count", type=int, help="Number of cells (random).")
@click.option("--lower-bound", type=float, nargs=2, help="x and y, µm.")
@click.option("--upper-bound", type=float, nargs=2, help="x and y, µm.")
@click.option("--tilt", type=float, help="Angle of the rows to the x axis, in 30° (hexagon).")
@click.option("--seed", type=int, is_flag=False, flag_value=0, help="Of random numbers.")
@click.option("--time-window-duration", type=float, help="Segments of time, s.")
@click.option("--time-window-shift", type=float, help="From one segment to the next, s.")
@click.option("--enable-time-regularization", is_flag=True, hidden=True)
@click.option("-v", "is_verbose", is_flag=True, hidden=True, expose_value=False)
@click.option("--duration", type=float, help="Segments of time, s (window).")
@click.option("--shift", type=float, help="From one segment to the next, s (window).")
@click.option("--frames", is_flag=True, help="Both are numbers of frames (window).")
@click.option("-w", "whiten", is_flag=True, hidden=True)
@click.option("--scaling", hidden=True)
@click.option("--disable-metadata", is_flag=True, hidden=True)
@click.option("--pass-count", hidden=True)
@click.option("-ll", "--max-level", "--lower-levels", "max_level", hidden=True)
def tessellate(
    method: str,
    input_file: Path,
    output_file: Path | None,
    knn: int | None,
    max_nn: int | None,
    seed: int | None,
    **options: Any,
) -> None:
    """Cut the area of trajectories into cells, by METHOD.

    What is made is added to the .rwa file of that name. * in a label stands for the first number
    that is free.
    """
    from tramway.analyzer import RWAnalyzer
    from tramway.helper import tessellate as tessellated

    for name in ("input_option", "verbose", "disable_metadata", "enable_time_regularization"):
        options.pop(name)
    # Here -s alone does not make cells larger, as it does in `tramway.helper`.
    options = {"avg_location_count": _LOCATION_COUNT} | given(options)
    if knn is not None or max_nn is not None:
        options["knn"] = knn if max_nn is None else (knn, max_nn)
    with errors_in_one_line():
        if seed is not None and method != "window":
            a = RWAnalyzer()
            needed = {"cell_count": 1} if method == "random" else {}
            a.tesseller.from_plugin(method, **needed)
            if "seed" in a.tesseller.parameters:
                options["seed"] = seed
        partition = tessellated(input_file, method, output_file, **options)
    click.echo(f"{partition.number_of_cells} cells of {len(partition.points)} points")
