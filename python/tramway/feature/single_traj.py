"""Features of single trajectories, which have no counterpart."""

from typing import NoReturn

from tramway.errors import UnknownAttributeError

__all__ = ["extract_features"]


def extract_features(*_: object, **__: object) -> NoReturn:
    """Refuse: the original itself says that its features are not those they are named after."""
    raise UnknownAttributeError(
        "`extract_features` is not there (the original warns that its features are not properly "
        "implemented): compute what you need of each track, df.groupby('n').apply(function), and "
        "map it by a function of the cells, a.mapper.from_plugin(infer)"
    )
