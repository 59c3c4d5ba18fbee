"""The batch script: what bash, and Slurm, read in it."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tramway.environments.slurm_script import BatchScript, options, words
from tramway.errors import InvalidInputError

# Whatever a path or an option can have in it; no line breaks.
TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\n\r"), min_size=1, max_size=30
).filter(lambda text: not text.startswith("~/"))
FOLDER = TEXT.map(lambda text: "/" + text.replace("\\", "/").replace(":", "").replace(",", ""))


def arguments_of_srun(script: BatchScript, folder: Path) -> list[str]:
    """Have bash run the script, with a program for srun that writes down its arguments."""
    (folder / "srun").write_text('#!/bin/sh\nprintf "%s\\0" "$@" > "$SAID"\n')
    (folder / "srun").chmod(0o755)
    said = folder / "said"
    subprocess.run(
        ["bash", "-c", str(script)],
        check=True,
        env={"PATH": f"{folder}:/usr/bin:/bin", "SAID": str(said), "HOME": "/home/j d"},
    )
    return said.read_bytes().decode().split("\0")[:-1]


def read_as_slurm_does(line: str) -> str:
    """Value of an option in a directive: Slurm's rules as observed with Slurm 22.05.

    Between double quotes a backslash makes the next character ordinary; there is nothing else.
    """
    text = line.partition("=")[2]
    if not text.startswith('"'):
        return text
    value, escaped = "", False
    for position, character in enumerate(text[1:], 1):
        if escaped or character not in '\\"':
            value += character
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            assert position == len(text) - 1
    return value


def directives(script: BatchScript) -> dict[str, str]:
    lines = [line.removeprefix("#SBATCH ") for line in str(script).split("\n") if "#SBATCH" in line]
    return {line.partition("=")[0]: read_as_slurm_does(line) for line in lines}


def test_a_script_reads_like_one_written_by_hand() -> None:
    script = BatchScript(
        "/scratch/jane/tramway-runs/0123",
        40,
        job_name="receptors",
        sbatch_options={"partition": "common", "t": "2:00:00", "exclusive": True, "mem": None},
        srun_options={"mpi": "pmi2"},
        modules=["apptainer/1.3"],
        preparation="export A=$B",
        container="images/tramway 1.sif",
        singularity_executable="apptainer",
        singularity_options="-B $DATA",
        bound_folders=["/scratch/jane/tramway-runs/0123", "/data"],
    )
    assert str(script) == (
        """#!/bin/bash
# Written by tramway. Submitted again, it continues the run.
#SBATCH --job-name=receptors
#SBATCH --ntasks=40
#SBATCH --output=/scratch/jane/tramway-runs/0123/logs/slurm-%j.out
#SBATCH --partition=common
#SBATCH -t 2:00:00
#SBATCH --exclusive
module load apptainer/1.3
export A=$B
export MPIR_CVAR_CH4_NETMOD="${MPIR_CVAR_CH4_NETMOD:-ofi}"
export UCX_TLS="${UCX_TLS:-tcp,self}"
export MPIR_CVAR_CH4_CMA_ENABLE="${MPIR_CVAR_CH4_CMA_ENABLE:-0}"
exec srun -K --mpi=pmi2 \\
    apptainer exec --bind=/scratch/jane/tramway-runs/0123 --bind=/data \\
    -B $DATA \\
    'images/tramway 1.sif' \\
    tramway-mpi /scratch/jane/tramway-runs/0123
"""
    )


def test_without_mpi_a_script_is_that_of_an_array() -> None:
    script = BatchScript(
        "/scratch/my runs/100%",
        12,
        uses_mpi=False,
        sbatch_options={"time": "2:00:00"},
        command=("tramway", "work"),
        container="~/tramway.sif",
        bound_folders=["/data"],
    )
    assert (
        str(script)
        == """\
#!/bin/bash
# Written by tramway. Submitted again, it continues the run.
#SBATCH --job-name=tramway
#SBATCH --ntasks=1
#SBATCH --output="/scratch/my runs/100%%/logs/slurm-%A_%a.out"
#SBATCH --array=1-12
#SBATCH --time=2:00:00
exec \\
    singularity exec --bind=/data \\
    "$HOME"/tramway.sif \\
    tramway work '/scratch/my runs/100%' \\
    --shard "$SLURM_ARRAY_TASK_ID"/12
"""
    )


@pytest.mark.slow
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(folder=FOLDER, bound=FOLDER, image=TEXT, words=st.lists(TEXT, max_size=3), mpi=TEXT)
def test_bash_reads_the_very_arguments_back(
    tmp_path: Path, folder: str, bound: str, image: str, words: list[str], mpi: str
) -> None:
    script = BatchScript(
        folder,
        2,
        srun_options={"mpi": mpi, "N": mpi},
        command=["/my python", "-m", "tramway.cli.mpi"],
        container=image,
        singularity_options=words,
        bound_folders=[bound],
    )
    assert arguments_of_srun(script, tmp_path) == [
        *("-K", f"--mpi={mpi}", "-N", mpi, "singularity", "exec", f"--bind={bound}"),
        *(*words, image, "/my python", "-m", "tramway.cli.mpi", folder),
    ]


def test_the_home_of_an_image_is_that_of_the_cluster(tmp_path: Path) -> None:
    script = BatchScript("/run", 2, container="~/my image.sif")
    assert arguments_of_srun(script, tmp_path)[3] == "/home/j d/my image.sif"


@given(folder=FOLDER, name=TEXT, comment=TEXT)
def test_slurm_reads_the_very_options_back(folder: str, name: str, comment: str) -> None:
    read = directives(BatchScript(folder, 3, job_name=name, sbatch_options={"comment": comment}))
    assert read["--job-name"] == name
    assert read["--comment"] == comment
    assert read["--ntasks"] == "3"
    # In the names of files Slurm replaces %j, and %% by %.
    assert read["--output"].replace("%%", "%") == f"{folder}/logs/slurm-%j.out"


def test_variables_for_mpich_are_kept_if_set() -> None:
    assert 'NETMOD="${MPIR_CVAR_CH4_NETMOD:-ofi}"' in str(BatchScript("/run", 2))
    assert "UCX_TLS" not in str(BatchScript("/run", 2))
    assert 'UCX_TLS="${UCX_TLS:-tcp,self}"' in str(BatchScript("/run", 2, container="x.sif"))


def test_options_of_the_user_have_precedence() -> None:
    given = {"n": 7, "J": "mine", "cpus_per_task": 4, "output": "/o"}
    assert directives(BatchScript("/run", 2, sbatch_options=given)) == {
        "--ntasks": "7",
        "--job-name": "mine",
        "--output": "/o",
        "--cpus-per-task": "4",
    }


@pytest.mark.parametrize("place", ["run_directory", "job_name", "container", "preparation"])
def test_line_breaks_are_refused(place: str) -> None:
    given = {"run_directory": "/run", "worker_count": 2, place: "/a\nrm -rf /"}
    with pytest.raises(InvalidInputError, match="line break"):
        str(BatchScript(**given))  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [{"comment": "a\nb"}, {"a\nb": "c"}, {"x": ["y"]}, "x", {"": 1}])
def test_options_that_cannot_be_are_refused(value: object) -> None:
    with pytest.raises(InvalidInputError, match="sbatch_options"):
        options("sbatch_options", value)


@pytest.mark.parametrize("name", ["array", "a", "wrap", "test_only"])
def test_options_that_would_change_what_the_job_is_are_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match=f"`{name}` cannot be set"):
        options("sbatch_options", {name: "1"})


def test_options_that_are_none_or_false_are_left_out() -> None:
    given = {"mem": None, "exclusive": False, "hold": True, "nodes": 2, "--time": 5}
    assert options("sbatch_options", given) == {"hold": True, "nodes": "2", "time": "5"}


def test_words_are_shell_code_or_arguments() -> None:
    assert words("modules", "a  b") == "a  b"
    assert words("modules", ("a", "b c")) == ["a", "b c"]
    for value in (3, ["a\nb"], [3]):
        with pytest.raises(InvalidInputError, match="modules"):
            words("modules", value)


def test_folders_with_separators_in_their_names_are_mounted(tmp_path: Path) -> None:
    # `--bind` has no way to write them; tests/cluster has a container for which this works.
    script = BatchScript("/run", 2, container="x.sif", bound_folders=['/a:b, "c"'])
    mount = arguments_of_srun(script, tmp_path)[3]
    assert mount == '--mount=type=bind,"source=/a:b, ""c""","destination=/a:b, ""c"""'


def test_a_backslash_in_the_path_of_a_run_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="backslash"):
        str(BatchScript("/a\\b", 2))
