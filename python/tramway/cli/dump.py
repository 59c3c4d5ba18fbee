"""`tramway dump`: what is in a .rwa file, and files for InferenceMAP."""

from pathlib import Path
from typing import Any

import click

from .tree_files import errors_in_one_line, input_label, takes_files

_FILE = click.Path(path_type=Path)


@click.command()
@takes_files
@input_label
@click.option("-c", "--cluster", type=_FILE, help="Write the cells for InferenceMAP.")
@click.option("-v", "--vmesh", type=_FILE, help="Write the maps for InferenceMAP.")
@click.option("-m", "--metadata", is_flag=True, help="Print what is known about an artefact.")
@click.option("--eps", "--epsilon", "eps", hidden=True)
@click.option("--auto", is_flag=True, hidden=True)
def dump(
    input_file: Path,
    input_label: Any,
    cluster: Path | None,
    vmesh: Path | None,
    metadata: bool,
    **_: Any,
) -> None:
    """Print the tree of a .rwa file; with -L, the parameters of an artefact in it."""
    from tramway.files.cluster import write_cluster
    from tramway.files.vmesh import write_vmesh
    from tramway.helper import load_rwa
    from tramway.helper.trees import find, partition_above
    from tramway.inference import Maps
    from tramway.tessellation import Partition

    with errors_in_one_line():
        tree = load_rwa(input_file)
        if cluster is not None:
            kinds = (Partition, Maps) if input_label else (Partition,)
            write_cluster(cluster, partition_above(find(tree, kinds, input_label)).data)
        if vmesh is not None:
            write_vmesh(vmesh, find(tree, (Maps,), input_label).data, {})
        if cluster is not None or vmesh is not None:
            return
        node = tree
        for label in input_label or []:
            node = node[label]
        if metadata:
            for key, value in node.metadata.items():
                click.echo(f"@{key}={value}")
        if input_label:
            _describe(node.data)
        else:
            click.echo(f"in {input_file}:")
            click.echo("\n".join(f"\t{line}" for line in str(tree).splitlines()))


def _describe(data: Any) -> None:
    click.echo(repr(data))
    facts = getattr(data, "attributes", None) or getattr(data, "param", None) or {}
    for name, value in facts.items():
        click.echo(f"{name}: {value}")
