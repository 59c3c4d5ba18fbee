"""Movies of several conditions: maps of all, and what the conditions differ in."""

from .comparison import compare
from .dense_regions import dense_regions
from .folder import Movie, find_movies
from .study import Study, run_study

__all__ = ["Movie", "Study", "compare", "dense_regions", "find_movies", "run_study"]
