"""What is in a region, as far as planning has to know it."""

from collections.abc import Sequence

from tramway.analyzer.region import Region
from tramway.analyzer.source import Source, StreamedFile
from tramway.data import Area, Croppable
from tramway.files import content_hash


class Data:
    """What is in a region, read when it is first asked for.

    Attributes
    ----------
    item, region
        The source and the region in it.
    trajectories
        Those of the source; None if nobody is to look at them, or the source is streamed as a
        whole.
    size
        Number of translocations, as far as they were looked at.
    hash
        Of the translocations; None if nobody looked at them.
    """

    def __init__(self, item: Source, region: Region, trajectories: Croppable | None) -> None:
        self.item = item
        self.region = region
        self.trajectories = trajectories
        self.size = 0
        self.hash: str | None = None

    def digest(self) -> str:
        """Hash of the translocations; of the file, where that is streamed as a whole."""
        if self.hash is None and self.trajectories is not None:
            self.size = self.trajectories.count(self.region.areas)
            self.hash = digest_of(self.trajectories, self.region.areas)
        elif self.hash is None:
            assert isinstance(self.item, StreamedFile)
            self.hash = self.item.file_hash()
        return self.hash

    def digest_of_tracks(self) -> str | None:
        """Hash of the whole tracks that have translocations in the region.

        None where the region is the whole source, or nobody knows them.
        """
        if self.trajectories is None or not self.region.areas:
            return None
        return self.trajectories.digest_of_tracks(self.region.areas)


def digest_of(trajectories: Croppable, areas: Sequence[Area]) -> str:
    """Hash of the translocations in any area; of the trajectories where there is none."""
    return trajectories.digest(areas) if areas else content_hash(trajectories.columns(areas))
