"""`tramway infer`: maps, as the original's command makes them."""

from pathlib import Path
from typing import Any

import click

from .tree_files import errors_in_one_line, given, input_label, label, takes_files

_NAMES = {"jeffreys_prior": ("-j",), "diffusivity_prior": ("-d", "--diffusion-prior")}
_NAMES |= {"potential_prior": ("-v",), "force_prior": ("-f",), "b_threshold": ("-b",)}
_NAMES |= {"diffusivity_time_prior": ("--time-d", "--diffusion-time-prior")}
_NAMES |= {"potential_time_prior": ("--time-v",)}


class Modes(click.Group):
    """One command for each model, made when it is asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Names of all models."""
        from tramway.inference import plugin_names

        return sorted(plugin_names())

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Make the command of a model, with an option for each of its parameters."""
        from tramway.inference import get_model

        if name not in self.list_commands(context):
            return None
        command = _command(name)
        parameters = get_model(name).parameters
        for parameter in reversed(list(parameters)):
            if parameter not in ("verbose", "worker_count"):
                command = _option(parameter, parameters[parameter].default)(command)
        if "potential_prior" not in parameters:
            command = click.option("-v", "is_verbose", is_flag=True, hidden=True)(command)
        return click.command(name, help=f"Infer maps of the model {name}.")(command)


def _option(name: str, default: Any) -> Any:
    """Make the option of a parameter; a value that is no number is text, as auto."""
    flags = (*_NAMES.get(name, ()), f"--{name.replace('_', '-')}", name)
    if isinstance(default, bool):
        return click.option(*flags, is_flag=True, default=None)
    return click.option(*flags, callback=_number)


def _number(_context: click.Context, _option: click.Parameter, text: str | None) -> Any:
    if text is None:
        return None
    try:
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError:
        return text


def _command(mode: str) -> Any:
    @takes_files
    @input_label
    @click.option("-l", "--output-label", callback=label, help="Of the maps.")
    @click.option("--comment", help="On the maps.")
    @click.option("--inplace", is_flag=True, help="Join the maps that -L names, in their place.")
    @click.option(
        "-e",
        "--localization-error",
        "--sigma",
        "sigma",
        type=float,
        help="Standard deviation of the localizations, µm. [default: 0.03]",
    )
    @click.option("--sigma2", type=float, help="Their variance, µm².")
    @click.option(
        "-t", "--time-prior", type=float, help="Weights of changes in time, in those of space."
    )
    @click.option("--rgrad", hidden=True)
    @click.option("--grad", "--gradient", "grad", hidden=True)
    @click.option("--tol", hidden=True)
    @click.option("--eps", "--epsilon", "eps", hidden=True)
    @click.option("-a", "--grad-selection-angle", hidden=True)
    @click.option("-w", "--worker-count", hidden=True)
    @click.option("-C", "--max-cell-count", hidden=True)
    @click.option("--dilation", hidden=True)
    @click.option(
        "-c",
        "--compatibility",
        "--inferencemap",
        "--compatible",
        "compatibility",
        is_flag=True,
        hidden=True,
    )
    @click.option("--convex-hull", hidden=True)
    @click.option("--trust-volume", is_flag=True, hidden=True)
    @click.option("--volume", hidden=True)
    @click.option("--export-centers", is_flag=True, hidden=True)
    @click.option("--seed", is_flag=False, flag_value="0", hidden=True)
    @click.option("--profile", is_flag=False, flag_value="1", hidden=True)
    @click.option("--disable-metadata", is_flag=True, hidden=True)
    def infer_mode(
        input_file: Path,
        output_file: Path | None,
        input_label: Any,
        **options: Any,
    ) -> None:
        from tramway.helper import infer as inferred

        for name in ("input_option", "verbose", "disable_metadata", "is_verbose"):
            options.pop(name, None)
        with errors_in_one_line():
            maps = inferred(
                input_file, mode, output_file, input_label=input_label, **given(options)
            )
        click.echo(f"{len(maps.maps)} cells: {', '.join(maps.features)}")

    return infer_mode


@click.group(cls=Modes)
def infer() -> None:
    """Infer maps of the cells of a .rwa file, by MODE: the name of a model."""
