"""Functions of the user's: told apart by what they do, and sent to other processes."""

import copy
import functools
import importlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tramway.analyzer.user_function import UserFunction
from tramway.errors import InvalidInputError

MODULE = """
import numpy as np
FACTOR = {factor}
class Scale:
    def __init__(self, by): self.by = by
    def apply(self, x): return {method}
def helper(x): return {helper}
def unused(x): return {unused}
{blank}def f(partition, offset={default}):
    '''Count.'''
    return {{"n": FACTOR * Scale(2).apply(helper(np.ones(3))) + offset}}
"""
PLAIN = {
    "factor": 2, "method": "x * self.by", "helper": "x", "unused": "x", "default": 0, "blank": ""
}  # fmt: skip

Make = Callable[..., ModuleType]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def make(**changes: object) -> ModuleType:
        (tmp_path / "my_models.py").write_text(MODULE.format(**{**PLAIN, **changes}))
        sys.modules.pop("my_models", None)
        importlib.invalidate_caches()
        return importlib.import_module("my_models")

    return make


@pytest.mark.parametrize(
    ("change", "is_another"),
    [
        ({"factor": 3}, True),
        ({"method": "x + self.by"}, True),
        ({"helper": "x + 1"}, True),
        ({"default": 1}, True),
        ({"unused": "x + 1"}, False),
        ({"blank": "\n\n"}, False),
    ],
)
def test_a_function_is_another_when_what_it_does_changes(
    module: Make, change: dict[str, object], is_another: bool
) -> None:
    before = UserFunction(module().f).digest()
    assert (UserFunction(module(**change).f).digest() != before) == is_another


def test_the_digest_is_the_same_in_every_session() -> None:
    # Hashes of texts differ between sessions, and so does the order of sets.
    code = (
        "from tramway.analyzer.user_function import UserFunction\n"
        "import numpy as np\n"
        "TABLE, NAMES = np.arange(3), {'a', 'b', 'c'}\n"
        "def f(p, k={'x', 'y'}): return TABLE if p in {'u', 'v', 'w'} else (NAMES, k, lambda: f)\n"
        "print(UserFunction(f).digest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=True, capture_output=True, text=True,
        ).stdout
        for seed in "123"
    }  # fmt: skip
    assert len(found) == 1


def test_what_a_function_was_made_of_counts() -> None:
    def make(threshold: float) -> UserFunction:
        return UserFunction(lambda partition: partition > threshold)

    assert make(1).digest() == make(1).digest() != make(2).digest()
    partial = functools.partial(make(1).function)
    assert UserFunction(partial).digest() == UserFunction(functools.partial(partial)).digest()
    assert UserFunction(np.add).digest() != UserFunction(np.multiply).digest()


def test_it_needs_no_module_where_it_arrives(module: Make) -> None:
    sent = pickle.dumps(UserFunction(module().f))
    del sys.modules["my_models"]
    sys.path_importer_cache.clear()
    sys.path[:] = [place for place in sys.path if not Path(place, "my_models.py").exists()]
    arrived = pickle.loads(sent)
    assert arrived.function(None, 1)["n"].tolist() == [5, 5, 5]


def test_what_cannot_be_sent_is_told_at_once(tmp_path: Path) -> None:
    file = (tmp_path / "open").open("w")
    function = UserFunction(lambda partition: file.name)
    with pytest.raises(InvalidInputError, match=r"`<lambda>` cannot be sent .*a\.env to None"):
        pickle.dumps(function)
    assert copy.deepcopy(function) is function
    file.close()


def test_what_cannot_be_used_where_it_arrives_says_so_when_called(
    module: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def f(partition: object) -> object:
        return other.helper(partition)

    other = module()
    sent = pickle.dumps(UserFunction(f))
    monkeypatch.setitem(sys.modules, "my_models", None)
    with pytest.raises(InvalidInputError, match=r"`f` cannot be used in this process: .*my_models"):
        pickle.loads(sent).function(None)


def test_functions_that_take_no_partition_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="`<lambda>` takes no argument by position"):
        UserFunction(lambda: 0)
    with pytest.raises(InvalidInputError, match="`function` is 3"):
        UserFunction(3)  # type: ignore[arg-type]
