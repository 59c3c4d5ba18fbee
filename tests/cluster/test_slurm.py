"""A real Slurm, on the submit host and through ssh: the maps of a plain run, whatever happens."""

import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tramway.analyzer import RWAnalyzer, environments, stages, tessellers
from tramway.environments.slurm_job import SlurmJob
from tramway.environments.slurm_script import BatchScript
from tramway.errors import ClusterError, NoAnswerError, RunError
from tramway.files import read_rwa
from tramway.runs import RunDirectory

pytestmark = pytest.mark.slow

PATIENCE = 300.0  # s: what takes longer hangs, however busy the machine is

Contents = dict[tuple[str, str], list[bytes]]


def analysis(folder: Path, environment: object = None) -> RWAnalyzer:
    a = RWAnalyzer()
    a.spt_data.from_ascii_files(str(folder / "*.rpt.txt"))
    a.spt_data.localization_precision = 0.03
    a.roi.from_ascii_files(suffix="roi")
    a.tesseller = tessellers.Hexagons
    a.mapper.from_plugin("stochastic.dv", diffusivity_prior=20, potential_prior=1)
    a.pipeline.append_stage(stages.tessellate())
    a.pipeline.append_stage(stages.reload())
    a.pipeline.append_stage(stages.infer())
    a.env = environment
    return a


def contents(folder: Path) -> Contents:
    """Every map of every region, and the cells that it was made of, bit for bit."""
    found: Contents = {}
    for path in sorted(folder.glob("*.rwa")):
        tree = read_rwa(path)
        for label in tree:
            sampling = tree[label].data
            for child in tree[label]:
                maps = tree[label][child].data.maps
                found[path.name, label] = [
                    sampling.cells.tobytes(),
                    sampling.tessellation.cell_centers.tobytes(),
                    ",".join(maps.columns).encode(),
                    maps.index.to_numpy().tobytes(),
                    maps.to_numpy().tobytes(),
                ]
    return found


@pytest.fixture(scope="session")
def expected(movies: Path, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What a plain run in one process makes."""
    folder = tmp_path_factory.mktemp("plain")
    shutil.copytree(movies, folder, dirs_exist_ok=True)
    analysis(folder).run()
    return contents(folder)


@pytest.fixture
def folder(movies: Path, tmp_path: Path) -> Path:
    """The movies, in a folder whose name is not kind to careless quoting."""
    return Path(shutil.copytree(movies, tmp_path / "it's data, n=2"))


@pytest.fixture
def fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def set_fault(name: str) -> None:
        monkeypatch.setenv("CLUSTER_FAULT", name)
        monkeypatch.setenv("CLUSTER_FAULT_FOLDER", str(tmp_path))
        (tmp_path / "fault").write_text(name)  # a login by ssh brings no variables

    return set_fault


@pytest.fixture
def let_go(tmp_path: Path) -> Callable[[], None]:
    """What a job is held by, that of the fault ``held``, is no more."""
    return (tmp_path / "let go").touch


@pytest.fixture
def env(slurm: Path) -> environments.Slurm:
    env = environments.Slurm()
    env.worker_count = 4
    env.srun_options = {"mpi": "pmi2"}
    env.refresh_interval = 0.2
    return env


@pytest.fixture
def remote(ssh_config: Path, programs: Path, tmp_path: Path) -> environments.SlurmOverSSH:
    env = environments.SlurmOverSSH()
    env.hostname = "login"
    env.scratch = f"{tmp_path}/$USER scratch"
    env.worker_count = 4
    env.srun_options = {"mpi": "pmi2"}
    env.refresh_interval = 0.2
    variables = {name: os.environ[name] for name in ("PATH", "PYTHONPATH")}
    variables["CLUSTER_FAULT"] = f"$(cat {tmp_path}/fault 2>/dev/null)"
    variables["CLUSTER_FAULT_FOLDER"] = str(tmp_path)
    env.remote_dependencies = [f'export {name}="{value}"' for name, value in variables.items()]
    return env


@pytest.fixture
def array(env: environments.Slurm) -> environments.Slurm:
    """Without MPI."""
    env.mpi = False
    env.srun_options = {}
    return env


@pytest.fixture
def array_there(remote: environments.SlurmOverSSH) -> environments.SlurmOverSSH:
    remote.mpi = False
    remote.srun_options = {}
    return remote


def slurm_says(*command: str) -> str:
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=PATIENCE
    ).stdout


def run_directories(folder: Path) -> list[Path]:
    return list(folder.glob("tramway-runs/*/"))


def job_of(folder: Path) -> str | None:
    jobs = [SlurmJob.of(run) for run in run_directories(folder)]
    return next((job.number for job in jobs if job is not None), None)


def wait_until(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"it did not come to pass within {PATIENCE:g} s")


def wait_until_all_jobs_ended() -> None:
    wait_until(lambda: slurm_says("squeue", "--noheader") == "")


def finished_steps(folder: Path) -> int:
    """Number of steps of regions that the journals call done; saving a source is none of them."""
    runs = [RunDirectory(path) for path in folder.glob("tramway-runs/[!.]*")]
    return sum(
        entry.state == "done" and not run.closes[entry.task]
        for run in runs
        for entry in run.journals.new()
    )


# The submitter dies when Slurm has accepted the job, and before it is noted which one it is.
DIES = """
import os
from tramway.environments.slurm_queue import SlurmQueue
submit = SlurmQueue.submit
SlurmQueue.submit = lambda *arguments: submit(*arguments) and os.kill(os.getpid(), 9)
"""


class Script:
    """The analysis in a process of its own, as a user's script, in an environment like that one."""

    def __init__(self, folder: Path, env: environments.Slurm, more: str = "") -> None:
        settings = {name.removeprefix("_"): value for name, value in vars(env).items()}
        code = f"""
            import signal, sys
            exec({more!r})
            from pathlib import Path
            signal.signal(signal.SIGINT, signal.default_int_handler)  # shells may have it ignored
            sys.path.insert(0, {str(Path(__file__).parent)!r})
            from test_slurm import analysis, environments
            env = environments.{type(env).__name__}(**{settings!r})
            analysis(Path(sys.argv[1]), env).run()
        """
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), str(folder)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait(self) -> int:
        """Exit code of the script, when it has ended."""
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode

    def end(self, how: signal.Signals) -> str:
        """Send a signal; return what the script had to say."""
        self.process.send_signal(how)
        return self.process.communicate(timeout=PATIENCE)[1]


# the way there


def test_one_job_on_two_nodes(env: environments.Slurm, folder: Path, expected: Contents) -> None:
    summary = analysis(folder, env).run()
    assert len(summary.done) == 2 * len(expected)
    assert contents(folder) == expected
    assert not run_directories(folder)
    assert not analysis(folder, env).run().done  # nothing is left, and nothing is submitted
    nodes = slurm_says("scontrol", "--oneliner", "show", "job")
    assert re.search(r"JobName=tramway .*NodeList=n\[1-2\]", nodes)


@pytest.mark.parametrize("where", ["array", "array_there"])
def test_an_array_of_jobs_without_mpi(
    request: pytest.FixtureRequest, where: str, folder: Path, expected: Contents
) -> None:
    env = request.getfixturevalue(where)
    summary = analysis(folder, env).run()
    assert len(summary.done) == 2 * len(expected)
    assert contents(folder) == expected
    assert not run_directories(folder)
    jobs = slurm_says("scontrol", "--oneliner", "show", "job")
    assert re.search(r"ArrayTaskId=4 .*JobName=tramway .*NumTasks=1 ", jobs)


def test_through_ssh_with_data_at_another_place(
    remote: environments.SlurmOverSSH, folder: Path, tmp_path: Path, expected: Contents
) -> None:
    there = tmp_path / "data there"
    shutil.copytree(folder, there)
    remote.directory_mapping = {str(folder): str(there)}
    remote.scratch = f"{tmp_path}/scratch"
    analysis(folder, remote).run()
    assert contents(folder) == expected
    assert not contents(there)
    assert not list(Path(tmp_path, "scratch", "tramway-runs").iterdir())


def test_data_that_are_missing_are_listed_or_copied(
    remote: environments.SlurmOverSSH, folder: Path, tmp_path: Path, expected: Contents
) -> None:
    remote.directory_mapping = {str(folder): "/nowhere"}
    names = [path.name for path in folder.glob("*.rpt.txt")]
    with pytest.raises(ClusterError, match="nothing was submitted") as caught:
        analysis(folder, remote).run()
    assert all(f"- /nowhere/{name}: missing" in str(caught.value) for name in names)
    assert job_of(folder) is None
    remote.stage_data = True
    analysis(folder, remote).run()
    assert contents(folder) == expected


def test_in_a_container(
    remote: environments.SlurmOverSSH, folder: Path, image: Any, expected: Contents
) -> None:
    cluster = remote

    class Cluster(environments.SingularitySlurm):
        """As users of the original write it."""

        @classmethod
        def hostname(cls) -> str:  # type: ignore[override]
            return "login"

        @classmethod
        def scratch(cls, username: str) -> str:  # type: ignore[override]
            return str(cluster.scratch).replace("$USER", username)

        @classmethod
        def singularity_executable(cls) -> str:  # type: ignore[override]
            return "apptainer"

        @classmethod
        def remote_dependencies(cls) -> list[str]:  # type: ignore[override]
            # Root is not root in here; and the image has no paths of its own.
            exports = [*cluster.remote_dependencies, 'export APPTAINERENV_PREPEND_PATH="$PATH"']
            return [*exports, "export APPTAINER_NO_PRIVS=1"]

    env = Cluster()
    env.worker_count = 4
    env.srun_options = {"mpi": "pmi2"}
    env.container = image.path
    env.singularity_options = image.options
    analysis(folder, env).run()
    assert contents(folder) == expected


# what can go wrong before


@pytest.mark.parametrize(
    ("host", "kind", "told"),
    [
        ("nowhere", NoAnswerError, "cannot be reached"),
        ("stranger", ClusterError, "key of host stranger is not known"),
        ("closed", ClusterError, "refuses the login"),
    ],
)
def test_a_host_that_lets_nobody_in(
    remote: environments.SlurmOverSSH,
    folder: Path,
    host: str,
    kind: type[ClusterError],
    told: str,
) -> None:
    remote.hostname = host
    with pytest.raises(kind, match=told):
        analysis(folder, remote).run()


def test_a_job_that_slurm_refuses(env: environments.Slurm, folder: Path) -> None:
    env.sbatch_options["partition"] = "no such"
    with pytest.raises(ClusterError, match=r"sbatch_options.*invalid partition specified: no such"):
        analysis(folder, env).run()


def test_an_mpi_that_srun_does_not_speak(env: environments.Slurm, folder: Path) -> None:
    env.srun_options = {"mpi": "none"}
    with pytest.raises(RunError, match=r"failed \(exit code \d+\).*(?s:.*)--mpi=pmi2"):
        analysis(folder, env).run()
    assert not contents(folder)


def test_slurm_reads_what_was_written(slurm: Path, tmp_path: Path) -> None:
    comment = """a "b" 'c' \\d\\ $e `f` #g, h=i %j"""
    name = 'it\'s a "job", n=1'
    place = tmp_path / "with spaces, 100% it's"
    (place / "logs").mkdir(parents=True)
    script = BatchScript(
        str(place), 1, job_name=name, sbatch_options={"comment": comment}, command=["false"]
    )
    (place / "slurm.sh").write_text(str(script))
    job = slurm_says("sbatch", "--parsable", str(place / "slurm.sh")).strip()
    log = place / "logs" / f"slurm-{job}.out"
    wait_until(log.exists)
    shown = slurm_says("scontrol", "show", "job", job)
    assert f"JobName={name}\n" in shown
    assert f"Comment={comment} \n" in shown


# what can go wrong meanwhile


@pytest.mark.parametrize("where", ["env", "array"])
def test_a_worker_that_is_killed_costs_a_second_job(
    request: pytest.FixtureRequest,
    where: str,
    folder: Path,
    expected: Contents,
    fault: Callable[[str], None],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    env = request.getfixturevalue(where)
    fault("kill once")
    analysis(folder, env).run()
    assert (tmp_path / "killed").exists()
    assert "tasks are left" in caplog.text
    assert contents(folder) == expected


@pytest.mark.parametrize("where", ["env", "array"])
def test_a_region_that_kills_its_worker_each_time_is_given_up(
    request: pytest.FixtureRequest,
    where: str,
    folder: Path,
    expected: Contents,
    fault: Callable[[str], None],
) -> None:
    env = request.getfixturevalue(where)
    fault("kill")
    with pytest.raises(RunError, match=r"1 of \d+ tasks failed.*(?s:.*)roi003: .*died") as caught:
        analysis(folder, env).run()
    assert "roi003" in str(caught.value)
    key = ("region_0_7ms.rpt.rwa", "roi003")
    key = key if key in expected else ("a.rpt.rwa", "roi003")
    assert contents(folder) == {name: maps for name, maps in expected.items() if name != key}


@pytest.mark.parametrize("where", ["env", "array"])
def test_a_job_that_is_cancelled_is_continued(
    request: pytest.FixtureRequest,
    where: str,
    folder: Path,
    expected: Contents,
    fault: Callable[[str], None],
) -> None:
    env = request.getfixturevalue(where)
    fault("held")
    cancelling = cancel_after(folder, 3)
    with pytest.raises(RunError, match=r"was cancelled.*run again to continue"):
        analysis(folder, env).run()
    fault("")
    assert cancelling.wait(PATIENCE) == 0
    finished = finished_steps(folder)
    assert finished >= 3
    summary = analysis(folder, env).run()
    assert len(summary.skipped) == finished
    assert contents(folder) == expected


def cancel_after(folder: Path, count: int) -> "subprocess.Popen[bytes]":
    """Cancel all jobs once so many steps are finished, from a process of its own."""
    return after(folder, count, "exec scancel -u root")


def after(folder: Path, count: int, code: str, *arguments: object) -> "subprocess.Popen[bytes]":
    """Execute shell code once so many steps are finished, in a process of its own."""
    done = 'cat "$0"/tramway-runs/*/journal/* 2>/dev/null | grep -c \'"done"\''
    waiting = f'until [ "$({done})" -ge {count} ]; do sleep 0.05; done; '
    return subprocess.Popen(["bash", "-c", waiting + code, str(folder), *map(str, arguments)])


def test_a_job_that_takes_too_long_is_named(
    env: environments.Slurm, folder: Path, expected: Contents, fault: Callable[[str], None]
) -> None:
    fault("hang")
    env.job_name = "long"
    env.sbatch_options = {"time": 5}
    # Slurm counts in minutes, and looks twice in one: the end of the job is moved to the present.
    code = (
        "job=$(squeue --noheader --name=long --states=running --format=%A) && "
        'exec scontrol update JobId="$job" EndTime=now'
    )
    with after(folder, 3, code) as moving:
        with pytest.raises(RunError, match=r"reached its time limit.*sbatch_options\['time'\]"):
            analysis(folder, env).run()
        assert moving.wait(PATIENCE) == 0
    fault("")
    env.sbatch_options = {}
    summary = analysis(folder, env).run()
    assert summary.skipped
    assert contents(folder) == expected


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_script_that_is_ended_can_be_joined_again(
    env: environments.Slurm,
    folder: Path,
    expected: Contents,
    fault: Callable[[str], None],
    let_go: Callable[[], None],
    how: signal.Signals,
) -> None:
    fault("held")
    script = Script(folder, env)
    wait_until(lambda: finished_steps(folder) > 2)
    job = job_of(folder)
    said = script.end(how)
    assert (how == signal.SIGINT) == (f"job {job} goes on; a.run(resume=True)" in said)
    with pytest.raises(RunError, match="running already"):
        analysis(folder, env).run()
    let_go()
    analysis(folder, env).run(resume=True)
    assert contents(folder) == expected
    wait_until_all_jobs_ended()


@pytest.mark.parametrize("pause", [0, 2, 4, None])
@pytest.mark.parametrize("where", ["env", "remote", "array"])
def test_a_job_whose_submitter_died_before_it_heard_of_it(
    request: pytest.FixtureRequest,
    where: str,
    folder: Path,
    expected: Contents,
    fault: Callable[[str], None],
    let_go: Callable[[], None],
    pause: float | None,
) -> None:
    env = request.getfixturevalue(where)
    fault("held")
    assert Script(folder, env, DIES).wait() == -signal.SIGKILL
    assert job_of(folder) == ""
    if pause is None:  # until it has ended
        let_go()
        wait_until_all_jobs_ended()
    else:
        time.sleep(pause)
        with pytest.raises(RunError, match="running already"):
            analysis(folder, env).run()
        assert set(slurm_says("squeue", "--noheader", "--format=%F").split()) == {job_of(folder)}
        let_go()
    analysis(folder, env).run(resume=True)
    assert contents(folder) == expected
    wait_until_all_jobs_ended()
    assert not run_directories(folder)


@pytest.mark.parametrize("pause", [0, 2, 4])
def test_a_job_that_nobody_finds_again_harms_nobody(
    env: environments.Slurm,
    folder: Path,
    expected: Contents,
    fault: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
    pause: float,
) -> None:
    # What it has done is taken in, the rest is planned anew; it goes on with the old plan.
    fault("slow")
    assert Script(folder, env, DIES).wait() == -signal.SIGKILL
    time.sleep(pause)
    with monkeypatch.context() as patch:
        patch.setattr("tramway.environments.slurm_queue.SlurmQueue.find", lambda *_: None)
        summary = analysis(folder, env).run()
    assert len(summary.done) + len(summary.skipped) == 2 * len(expected)
    assert contents(folder) == expected
    assert not analysis(folder, env).run().done
    wait_until_all_jobs_ended()
    assert not run_directories(folder)


def test_another_environment_goes_on_while_a_job_works(
    env: environments.Slurm,
    folder: Path,
    expected: Contents,
    fault: Callable[[str], None],
    let_go: Callable[[], None],
) -> None:
    fault("held")
    script = Script(folder, env)
    wait_until(lambda: finished_steps(folder) > 2)
    script.end(signal.SIGKILL)
    fault("")
    summary = analysis(folder, environments.LocalHost(2)).run()
    assert len(summary.skipped) > 2
    assert contents(folder) == expected
    let_go()
    wait_until_all_jobs_ended()


def test_results_of_a_job_that_nobody_watched_are_taken_in(
    remote: environments.SlurmOverSSH, folder: Path, tmp_path: Path, expected: Contents
) -> None:
    class Leaves(environments.SlurmOverSSH):
        def execute(self, *arguments: Any) -> Iterator[Any]:  # type: ignore[override]
            for entry in super().execute(*arguments):
                yield entry
                raise KeyboardInterrupt

    env = Leaves()
    for name in ("hostname", "scratch", "worker_count", "srun_options", "remote_dependencies"):
        setattr(env, name, getattr(remote, name))
    with pytest.raises(KeyboardInterrupt):
        analysis(folder, env).run()
    wait_until_all_jobs_ended()
    summary = analysis(folder, remote).run()
    assert not summary.done
    assert contents(folder) == expected


def test_a_controller_that_restarts_is_waited_for(
    env: environments.Slurm,
    folder: Path,
    expected: Contents,
    fault: Callable[[str], None],
    slurm: Path,
    tmp_path: Path,
) -> None:
    fault("held")
    code = (
        'kill "$(cat "$1/run/slurmctld.pid")"; sleep 2; bash "$2/slurm.sh" controller "$1"; '
        'exec touch "$3"'
    )
    restarting = after(folder, 3, code, slurm, Path(__file__).parent, tmp_path / "let go")
    analysis(folder, env).run()
    assert restarting.wait(PATIENCE) == 0
    assert contents(folder) == expected


def test_data_that_change_after_submission_fail_their_tasks(
    env: environments.Slurm, folder: Path
) -> None:
    env.job_name = "held"
    env.sbatch_options = {"hold": True}
    changed = sorted(folder.glob("*.rpt.txt"))[0]
    code = (
        'until job=$(squeue --noheader --name=held --format=%A) && [ -n "$job" ]; do '
        "sleep 0.05; done; awk -v OFS='\\t' '{ $2 += 0.001 } 1' \"$0\" > \"$0.new\"; "
        'mv "$0.new" "$0"; exec scontrol release "$job"'
    )
    changing = subprocess.Popen(["bash", "-c", code, str(changed)])
    with pytest.raises(RunError, match="the data are not those that the run was planned with"):
        analysis(folder, env).run()
    assert changing.wait(PATIENCE) == 0
    env.sbatch_options = {}
    analysis(folder, env).run()
    again = contents(folder)
    for path in folder.glob("*.rwa"):
        path.unlink()
    analysis(folder).run()
    assert again == contents(folder)
