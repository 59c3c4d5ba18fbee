"""`tramway inferencemap`: what InferenceMAP's own command does, with its options."""

from pathlib import Path

import click

from tramway.errors import TramwayError

_MODES = {"D": "d", "DD": "dd", "DF": "df", "DV": "dv"}
_NM = 1e-3


@click.command()
@click.option(
    "-i",
    "zones",
    required=True,
    metavar="N.cluster",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Zones with their translocations.",
)
@click.option(
    "-o", "output", required=True, metavar="N.vmesh", type=click.Path(path_type=Path), help="Maps."
)
@click.option("-e", "error", type=float, required=True, help="Localization precision, nm.")
@click.option(
    "-m",
    "mode",
    type=click.Choice(list(_MODES), case_sensitive=False),
    default="DV",
    show_default=True,
    help="Model: diffusivity alone, or with drift, force or potential.",
)
@click.option("-d", "diffusivity_prior", type=float, help="Weight of the smoothness of D.")
@click.option("-v", "potential_prior", type=float, help="Weight of the smoothness of V, for DV.")
@click.option(
    "-j", "jeffreys", type=click.IntRange(0, 1), default=0, help="1: Jeffreys' prior. [default: 0]"
)
def inferencemap(
    zones: Path,
    output: Path,
    error: float,
    mode: str,
    diffusivity_prior: float | None,
    potential_prior: float | None,
    jeffreys: int,
) -> None:
    """Map the zones of a .cluster file into a .vmesh file, as InferenceMAP does.

    Lengths in these files are in µm, times in s. The maps are the maximum of the posterior.
    """
    from tramway.files.cluster import read_cluster
    from tramway.files.vmesh import write_vmesh
    from tramway.inference import get_model

    if potential_prior is not None and mode != "DV":
        raise click.UsageError(f"-v is the weight of a potential, which {mode} does not have")
    parameters = {
        name: value
        for name, value in (
            ("diffusivity_prior", diffusivity_prior),
            ("potential_prior", potential_prior),
        )
        if value is not None
    }
    try:
        partition = read_cluster(zones)
        maps = get_model(_MODES[mode]).infer(
            partition,
            localization_precision=error * _NM,
            jeffreys_prior=bool(jeffreys),
            mode=_MODES[mode],
            **parameters,
        )
        settings = {
            "Inference Mode": mode,
            "Localization Error": f"{error:f} [nm]",
            "Diffusion Prior": diffusivity_prior,
            "Potential Prior": potential_prior,
            "Jeffreys' Prior": jeffreys,
        }
        write_vmesh(output, maps, settings)
    except TramwayError as failure:
        raise click.ClickException(str(failure)) from failure
    except OSError as failure:
        reason = failure.strerror or failure
        raise click.ClickException(f"cannot write '{output}': {reason}") from failure
    click.echo(f"{len(maps.maps)} zones: {output}")
