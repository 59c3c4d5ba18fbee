"""Results of tasks: artefacts with what a ``.rwa`` file has of them.

To put an artefact together for a file takes ten times as long as to copy what was put together. So
whoever makes it does so, and the one process that writes the file has less to do. Long arrays are
in there once: the artefact is told where.
"""

from tramway.arguments import checked
from tramway.errors import InvalidInputError

from .artefact import encode
from .hdf5_tree import OBJECT, Group
from .rwa_schema import write_data


@checked
def encode_result(artefact: object) -> bytes:
    """Write an artefact as bytes, with what is to be stored of it if it can be.

    Raises
    ------
    InvalidInputError
        If there is an object in it that the other end would not accept; the message names its type.

    Examples
    --------
    >>> from tramway.files import decode_artefact
    >>> decode_artefact(encode_result(maps)).features == maps.features
    True
    """
    group = Group()
    try:
        write_data(group, artefact, OBJECT)
    except InvalidInputError:  # that is for whoever saves it to do, or to refuse
        return encode(artefact)
    laid_out = group.laid_out()
    if laid_out.later:
        return encode(artefact)
    return laid_out.content(encode(artefact, laid_out, group.tables))
