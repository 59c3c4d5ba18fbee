"""What users set on a cluster environment, and what subclasses define."""

import copy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tramway.analyzer import RWAnalyzer, environments
from tramway.cli import mpi
from tramway.cli.main import main
from tramway.environments.slurm import outermost
from tramway.environments.slurm_run import RunHere
from tramway.errors import InvalidInputError, UnknownAttributeError, WithoutEffectWarning
from tramway.runs import Environment, NewRun, RunDirectory

ALL = [
    environments.Slurm,
    environments.SlurmOverSSH,
    environments.SingularitySlurm,
    environments.Maestro,
]


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    with NewRun(tmp_path / "run") as draft:
        draft.add_task({"source": 0, "region": "roi000", "steps": [{}]}, 10)
        said = {"files": ["/data/a.txt"], "sbatch_options": {"mem": "9G", "time": None}}
        return draft.finish(said, None)


@pytest.mark.parametrize("kind", ALL)
def test_an_analyzer_takes_it(kind: type[environments.Slurm]) -> None:
    a = RWAnalyzer()
    a.env = kind
    assert isinstance(a.env, kind)
    assert isinstance(a.env, Environment)
    a.env.worker_count = 10.0
    assert a.env.worker_count == 10
    a.env.script = "analysis.ipynb"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("worker_count", 0),
        ("worker_count", "4"),
        ("sbatch_options", "-p common"),
        ("sbatch_options", {"array": "1-4"}),
        ("srun_options", {"mpi": ["pmi2"]}),
        ("job_name", "a\nb"),
        ("container", ""),
        ("singularity_options", 3),
        ("modules", ["a", ""]),
        ("remote_dependencies", "a\nb"),
        ("refresh_interval", 0),
        ("retries", -1),
        ("time_limit", "1:00"),
        ("debug", 1),
        ("mpi", "no"),
        ("scratch", 3),
        ("hostname", "-oProxyCommand=x"),
        ("hostname", "a b"),
        ("username", "a;b"),
        ("directory_mapping", ["/a"]),
        ("directory_mapping", {"/a": ""}),
        ("stage_data", "yes"),
    ],
)
def test_values_that_cannot_be_are_refused_at_once(name: str, value: object) -> None:
    with pytest.raises(InvalidInputError, match=f"`{name}"):
        setattr(environments.SlurmOverSSH(), name, value)


def test_names_that_are_not_are_refused() -> None:
    with pytest.raises(UnknownAttributeError, match="did you mean `sbatch_options`"):
        environments.Maestro().sbatch_option = {}  # type: ignore[attr-defined]


def test_names_of_the_original_are_taken() -> None:
    env = environments.Maestro()
    env.wc = 3
    assert env.worker_count == 3
    for name in ("interpreter", "working_directory"):
        with pytest.warns(WithoutEffectWarning, match=f"`{name}` has no effect"):
            setattr(env, name, "any")


def test_options_can_be_filled_in_place() -> None:
    env, other = environments.Slurm(), environments.Slurm()
    env.sbatch_options.update({"p": "common"})
    env.sbatch_options["qos"] = "fast"
    assert env.sbatch_options == {"p": "common", "qos": "fast"}
    assert other.sbatch_options == {}


def test_options_of_a_stage_go_first_and_do_not_stay(run: RunDirectory) -> None:
    env = environments.Slurm(worker_count=3, sbatch_options={"time": "1:00:00", "mem": "4G"})
    script = env._batch_script(run, RunHere(run), 10)
    assert script.sbatch_options == {"mem": "9G", "time": "1:00:00"}
    assert env.sbatch_options == {"time": "1:00:00", "mem": "4G"}


def test_there_are_no_more_ranks_than_tasks(run: RunDirectory) -> None:
    env = environments.Slurm()
    assert env._batch_script(run, RunHere(run), 5).worker_count == 5
    assert env._batch_script(run, RunHere(run), 1000).worker_count == 16
    env.worker_count = 40
    assert env._batch_script(run, RunHere(run), 1000).worker_count == 40


def test_the_ranks_are_those_of_this_python_unless_in_a_container(run: RunDirectory) -> None:
    env = environments.Slurm()
    assert env._batch_script(run, RunHere(run), 5).command[0] == sys.executable
    env.container = "tramway.sif"
    script = env._batch_script(run, RunHere(run), 5)
    assert list(script.command) == ["tramway-mpi"]
    assert list(script.bound_folders) == ["/data", str(run.path)]


def test_maestro_is_known() -> None:
    env = environments.Maestro()
    assert env.hostname == "maestro.pasteur.fr"
    assert env.scratch == "/pasteur/appa/scratch/$USER"
    assert env.singularity_executable == "apptainer"
    assert env.singularity_options == "-B /pasteur"
    assert env.remote_dependencies == "module load apptainer"
    env.username = "jane"
    assert env.scratch == "/pasteur/appa/scratch/jane"
    env.scratch = "/elsewhere"
    assert env.scratch == "/elsewhere"


class Cluster(environments.SingularitySlurm):
    """As the original's documentation has it: some are class methods, some are not."""

    @classmethod
    def hostname(cls) -> Any:
        return "login.cluster.org"

    @classmethod
    def scratch(cls, username: str) -> Any:
        return f"/scratch/{username}"

    def singularity_options(self) -> Any:
        return "-B /data"

    @classmethod
    def default_container(cls, python_version: str = "311") -> Any:
        return f"tramway-py{python_version}.sif"


class Partition(Cluster):
    @classmethod
    def scratch(cls, username: str) -> Any:
        return super().scratch(username) + "/fast"


def test_subclasses_define_settings_by_methods() -> None:
    env = Cluster()
    assert env.hostname == "login.cluster.org"
    assert env.scratch == "/scratch/$USER"
    assert env.singularity_options == "-B /data"
    assert env.container == "tramway-py{}{}.sif".format(*sys.version_info)
    assert env.singularity_executable == "singularity"
    env.hostname = "login2.cluster.org"
    assert env.hostname == "login2.cluster.org"
    assert Cluster().hostname == "login.cluster.org"
    assert Cluster.hostname() == "login.cluster.org"
    assert Partition(username="j").scratch == "/scratch/j/fast"
    assert copy.deepcopy(env).hostname == "login2.cluster.org"


def test_the_image_of_the_recipe_is_the_default_container() -> None:
    env = environments.Maestro()
    assert env.container is None
    env.container = env.default_container(python_version="36")
    recipe = Path(__file__).parents[3] / "containers" / "tramway.def"
    assert f"apptainer build {env.container}" in recipe.read_text(encoding="utf-8")


def test_what_a_subclass_defines_is_checked() -> None:
    class Careless(environments.SlurmOverSSH):
        def hostname(self) -> Any:
            return "two words"

    with pytest.raises(InvalidInputError, match="two words"):
        print(Careless().hostname)


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        (environments.SlurmOverSSH, {}, "hostname"),
        (environments.SlurmOverSSH, {"hostname": "x"}, "scratch"),
        (environments.SingularitySlurm, {"hostname": "x", "scratch": "/s"}, "container"),
        (environments.Maestro, {}, "container"),
    ],
)
def test_what_has_to_be_set_is_told(
    kind: type[environments.Slurm], given: dict[str, Any], told: str, run: RunDirectory
) -> None:
    with pytest.raises(InvalidInputError, match=f"`{told}` is not set"):
        list(kind(**given).execute(run, [0], None))  # type: ignore[arg-type]


def test_run_directories_can_be_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRATCH", "/scratch/jane")
    assert environments.Slurm().scratch_folder is None
    assert environments.Slurm(scratch="$SCRATCH/x").scratch_folder == "/scratch/jane/x"
    assert environments.SlurmOverSSH(scratch="$SCRATCH").scratch_folder is None


def test_folders_inside_of_others_are_left_out() -> None:
    given = ["/a/b", "/a", "/a b", "/ab", "/a", "/c/d"]
    assert outermost(given) == ["/a", "/a b", "/ab", "/c/d"]
    assert outermost(["/x", "/"]) == ["/"]


@pytest.mark.parametrize("container", [None, "~/images/tramway 1.sif"])
@pytest.mark.parametrize("kind", ALL)
def test_ranks_are_started_by_a_command_line_that_they_read(
    kind: type[environments.Slurm], container: str | None, run: RunDirectory, tmp_path: Path
) -> None:
    # A time limit for tasks is in the run directory: no option of the command says it.
    env = kind(time_limit=60, container=container, worker_count=3, srun_options={"mpi": "pmi2"})
    script = str(env._batch_script(run, RunHere(run), 10))
    (tmp_path / "srun").write_text('#!/bin/sh\nprintf "%s\\0" "$@" > "$SAID"\n')
    (tmp_path / "srun").chmod(0o755)
    (tmp_path / "module").symlink_to("/bin/true")
    variables = {"PATH": f"{tmp_path}:/usr/bin:/bin", "SAID": str(tmp_path / "said"), "HOME": "/h"}
    subprocess.run(["bash", "-c", script], check=True, env=variables)
    words = (tmp_path / "said").read_text().split("\0")[:-1]
    program = [*env._command()]
    [start] = [i for i in range(len(words)) if words[i : i + len(program)] == program]
    assert program in (["tramway-mpi"], [sys.executable, "-m", "tramway.cli.mpi"])
    asked = mpi.command.main(words[start + len(program) :], standalone_mode=False)
    assert asked == mpi.Request(str(run.path), (), 1)


@pytest.mark.parametrize("container", [None, "/images/tramway.sif"])
@pytest.mark.parametrize("kind", ALL)
def test_jobs_of_an_array_are_started_by_a_command_line_that_they_read(
    kind: type[environments.Slurm],
    container: str | None,
    run: RunDirectory,
    tmp_path: Path,
) -> None:
    env = kind(container=container, mpi=False, worker_count=3, sbatch_options={"time": 5})
    script = str(env._batch_script(run, RunHere(run), 10))
    assert "#SBATCH --array=1-3\n" in script
    for name in ("singularity", "apptainer", "tramway", "module"):
        (tmp_path / name).write_text('#!/bin/sh\nprintf "%s\\0" "$@" > "$SAID"\n')
        (tmp_path / name).chmod(0o755)
    script = script.replace(sys.executable, str(tmp_path / "tramway"))
    variables = {"PATH": f"{tmp_path}:/usr/bin:/bin", "SAID": str(tmp_path / "said")}
    variables["SLURM_ARRAY_TASK_ID"] = "2"
    subprocess.run(["bash", "-c", script], check=True, env=variables)
    words = (tmp_path / "said").read_text().split("\0")[:-1]
    command = words[words.index("work") :]
    asked = main.make_context("tramway", command, resilient_parsing=False)
    name, subcommand, rest = main.resolve_command(asked, command)
    assert name == "work"
    assert subcommand is not None
    with subcommand.make_context(name, rest) as given:
        assert given.params == {"run_directory": run.path, "shard": (2, 3)}


def test_options_of_a_step_mean_nothing_without_mpi(run: RunDirectory) -> None:
    env = environments.Slurm(mpi=False, srun_options={"mpi": "pmi2"})
    with pytest.raises(InvalidInputError, match=r"`srun_options` .* without MPI there is no srun"):
        env._batch_script(run, RunHere(run), 10)
