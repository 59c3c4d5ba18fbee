"""The trajectories to analyse, to be assigned: ``a.spt_data = spt_data.from_ascii_files(...)``."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from tramway.files import Analysis

from .collection import SPTData
from .file_patterns import Patterns

__all__ = [
    "Patterns",
    "RWAFiles",
    "RWAnalyses",
    "SPTAsciiFiles",
    "SPTData",
    "SPTDataFrames",
    "SPTMatFiles",
    "StandaloneRWAFile",
    "StandaloneSPTAsciiFile",
    "StandaloneSPTDataFrame",
    "StandaloneSPTMatFile",
    "from_analysis_tree",
    "from_ascii_file",
    "from_ascii_files",
    "from_dataframe",
    "from_dataframes",
    "from_files",
    "from_mat_file",
    "from_mat_files",
    "from_rwa_file",
    "from_rwa_files",
]


def _made(initialise: Callable[[SPTData], None]) -> SPTData:
    data = SPTData()
    initialise(data)
    return data


def from_ascii_file(path: str | os.PathLike[str]) -> SPTData:
    """Trajectories of one text file, to be assigned: ``a.spt_data = ...``.

    Examples
    --------
    >>> movie.to_csv("movie.txt", sep=" ", index=False, header=False)
    >>> a = RWAnalyzer()
    >>> a.spt_data = spt_data.from_ascii_file("movie.txt")
    >>> a.spt_data.filepaths
    ['movie.txt']
    """
    return _made(lambda data: data.from_ascii_file(path))


def from_ascii_files(filepattern: Patterns) -> SPTData:
    """Trajectories of text files, to be assigned; see :meth:`SPTData.from_ascii_files`.

    Examples
    --------
    >>> movie.to_csv("movie.txt", sep=" ", index=False, header=False)
    >>> a = RWAnalyzer()
    >>> a.spt_data = spt_data.from_ascii_files("*.txt")
    >>> a.spt_data.filepaths
    ['movie.txt']
    """
    return _made(lambda data: data.from_ascii_files(filepattern))


def from_files(filepattern: Patterns, format: str | None = None, **options: Any) -> SPTData:
    """Trajectories of any tracking files, to be assigned; see :meth:`SPTData.from_files`.

    Examples
    --------
    >>> movie.to_csv("movie.csv", index=False)
    >>> a = RWAnalyzer()
    >>> a.spt_data = spt_data.from_files("*.csv")
    >>> a.spt_data.filepaths
    ['movie.csv']
    """
    return _made(lambda data: data.from_files(filepattern, format, **options))


def from_dataframe(df: pd.DataFrame) -> SPTData:
    """Trajectories of one table, to be assigned: ``a.spt_data = ...``.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.spt_data = spt_data.from_dataframe(movie)
    >>> len(a.spt_data.dataframe)
    4000
    """
    return _made(lambda data: data.from_dataframe(df))


def from_dataframes(dfs: Sequence[pd.DataFrame]) -> SPTData:
    """Trajectories of several tables, to be assigned: ``a.spt_data = ...``.

    Examples
    --------
    >>> a = RWAnalyzer()
    >>> a.spt_data = spt_data.from_dataframes([movie, movie])
    >>> len(a.spt_data)
    2
    """
    return _made(lambda data: data.from_dataframes(dfs))


def from_rwa_file(path: str | os.PathLike[str]) -> SPTData:
    """Trajectories and analyses of one ``.rwa`` file, to be assigned: ``a.spt_data = ...``.

    Examples
    --------
    >>> from tramway.files import Analysis, save_rwa
    >>> save_rwa("movie.rwa", Analysis(movie))
    []
    >>> a = RWAnalyzer()
    >>> a.spt_data = spt_data.from_rwa_file("movie.rwa")
    >>> len(a.spt_data.dataframe)
    4000
    """
    return _made(lambda data: data.from_rwa_file(path))


def from_rwa_files(filepattern: Patterns) -> SPTData:
    """Trajectories and analyses of ``.rwa`` files, to be assigned: ``a.spt_data = ...``.

    Examples
    --------
    >>> from tramway.files import Analysis, save_rwa
    >>> save_rwa("movie.rwa", Analysis(movie))
    []
    >>> a = RWAnalyzer()
    >>> a.spt_data = spt_data.from_rwa_files("*.rwa")
    >>> len(a.spt_data.dataframe)
    4000
    """
    return _made(lambda data: data.from_rwa_files(filepattern))


def from_mat_files(filepattern: Patterns) -> SPTData:
    """Trajectories of MATLAB files, to be assigned: ``a.spt_data = ...``.

    Examples
    --------
    >>> from scipy.io import savemat
    >>> savemat("movie.mat", {"tracks": movie.to_numpy()})
    >>> a = RWAnalyzer()
    >>> a.spt_data = spt_data.from_mat_files("*.mat")
    >>> a.spt_data.filepaths
    ['movie.mat']
    """
    return _made(lambda data: data.from_mat_files(filepattern))


from_mat_file = from_mat_files


def from_analysis_tree(tree: Analysis, copy: bool = False) -> SPTData:
    """Trajectories and analyses of a tree; see :meth:`SPTData.from_analysis_tree`.

    Examples
    --------
    >>> from tramway.files import Analysis
    >>> a = RWAnalyzer()
    >>> a.spt_data = spt_data.from_analysis_tree(Analysis(movie))
    >>> len(a.spt_data.dataframe)
    4000
    """
    return _made(lambda data: data.from_analysis_tree(tree, copy))


# As the original calls what these make.
SPTAsciiFiles = from_ascii_files
StandaloneSPTAsciiFile = from_ascii_file
SPTDataFrames = from_dataframes
StandaloneSPTDataFrame = from_dataframe
SPTMatFiles = StandaloneSPTMatFile = from_mat_files
RWAFiles = from_rwa_files
StandaloneRWAFile = from_rwa_file
RWAnalyses = from_analysis_tree
