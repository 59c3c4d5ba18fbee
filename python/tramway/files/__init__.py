"""Analysis trees and the ``.rwa`` files they are saved in; nothing else touches HDF5."""

from .analysis_tree import Analysis, commit_as_analysis
from .artefact import EncodedArtefact, decode_artefact, encode_artefact
from .export import study_table, write_study
from .failures import Failure, failures_of
from .record import Parameters, Record, content_hash
from .result import encode_result
from .rwa import read_rwa, save_rwa

__all__ = [
    "Analysis",
    "EncodedArtefact",
    "Failure",
    "Parameters",
    "Record",
    "commit_as_analysis",
    "content_hash",
    "decode_artefact",
    "encode_artefact",
    "encode_result",
    "failures_of",
    "read_rwa",
    "save_rwa",
    "study_table",
    "write_study",
]
