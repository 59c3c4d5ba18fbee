"""What is in a region, as far as planning has to know it."""

from tramway.analyzer.region import Region
from tramway.analyzer.source import Source, StreamedFile
from tramway.data import Croppable
from tramway.files import content_hash


class Data:
    """What is in a region, read when it is first asked for.

    Attributes
    ----------
    item, region
        The source and the region in it.
    bounds
        Those of the region.
    trajectories
        Those of the source; None if nobody is to look at them.
    size
        Number of translocations, as far as they were looked at.
    hash
        Of the translocations; None if nobody looked at them.
    """

    def __init__(self, item: Source, region: Region, trajectories: Croppable | None) -> None:
        self.item = item
        self.region = region
        self.bounds = region.bounds
        self.trajectories = trajectories
        self.size = 0
        self.hash: str | None = None

    def digest(self) -> str:
        """Hash of the translocations; of the file, where that is streamed as a whole."""
        if self.hash is None and isinstance(self.item, StreamedFile) and self.item.is_summed:
            self.hash = self.item.file_hash()
        if self.hash is None:
            assert self.trajectories is not None
            columns = self.trajectories.columns(self.region.areas)
            self.size = len(columns["n"])
            self.hash = content_hash(columns)
        return self.hash

    def digest_of_tracks(self) -> str | None:
        """Hash of the whole tracks that have translocations in the region.

        None where the region is the whole source, or nobody knows them.
        """
        if self.trajectories is None or not self.region.areas:
            return None
        return content_hash(self.trajectories.columns_of_tracks(self.region.areas))
