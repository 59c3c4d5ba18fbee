"""`tramway extract`: maps of maps."""

from pathlib import Path
from typing import Any

import click

from .tree_files import errors_in_one_line, input_label, label, takes_files


@click.group()
def extract() -> None:
    """Extract features of maps."""


@extract.command()
@takes_files
@input_label
@click.option("-l", "--output-label", callback=label, help="Of the map of the curl.")
@click.option("-r", "--radius", "-d", "--distance", "radius", type=int, hidden=True)
def curl(
    input_file: Path,
    output_file: Path | None,
    input_label: Any,
    output_label: Any,
    radius: int | None,
    **_: Any,
) -> None:
    """Map the curl of the force or of the drift."""
    from tramway.attributes import warn_without_effect
    from tramway.helper.trees import find, free_label, opened, save
    from tramway.inference import Maps
    from tramway.inference import curl as curl_of

    if radius not in (None, 1):
        warn_without_effect("radius", "the curl is that of the gradient in each cell")
    with errors_in_one_line():
        tree, rwa = opened(input_file)
        node = find(tree, (Maps,), input_label)
        node.add(curl_of(node.data), free_label(node, output_label))
        save(tree, rwa, output_file)
