"""What importing the package loads, and how long it takes."""

import os
import subprocess
import sys

HEAVY = ["matplotlib", "h5py", "mpi4py", "scipy", "click", "tqdm", "multiprocessing.connection"]


def run(code: str) -> str:
    # With bytecode, as installed packages have it, whatever the shell says.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout


def test_importing_loads_nothing_that_is_used_later() -> None:
    for statement in ("import tramway", "from tramway.analyzer import *"):
        # pandas brings some of these itself, depending on what is installed beside it.
        loaded = run(
            f"import sys, pandas; before = set(sys.modules); {statement}\n"
            f"print([name for name in {HEAVY} if name in sys.modules and name not in before])"
        )
        assert loaded == "[]\n", statement


def test_importing_the_analyzer_takes_little_more_than_pandas() -> None:
    # In one process, and in seconds of the processor, so that the one is measured by the other
    # whatever else the machine does; the least of three. Measured: a quarter.
    code = (
        "import time; start = time.process_time(); import pandas; middle = time.process_time()\n"
        "from tramway.analyzer import *\n"
        "import time; print((time.process_time() - middle) / (middle - start))"
    )
    assert min(float(run(code)) for _ in range(3)) < 0.5
