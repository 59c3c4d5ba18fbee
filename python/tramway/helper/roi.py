"""Regions of interest of older notebooks: a few lines over ``a.roi``."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tramway.analyzer import RWAnalyzer, first
from tramway.analyzer.region import Region
from tramway.analyzer.roi import Boxes
from tramway.core import save_rwa
from tramway.data import Box
from tramway.errors import MissingResultError
from tramway.files import Analysis
from tramway.inference import Maps
from tramway.tessellation import Tessellation

from .inference import infer, map_plot
from .tessellation import cell_plot, tessellate
from .trees import PathLike, opened

__all__ = ["RoiHelper"]


class RoiHelper:
    """Regions of one table of trajectories, their cells and maps; ``a.roi`` has more.

    Parameters
    ----------
    input_data
        Trajectories; or a tree, or a file, that has them.
    roi
        Bounds as for :meth:`set_bounding_boxes`, or a dict of them by label; by default the regions
        that samplings in the tree were made of, if there are any.
    rwa_file
        Where the tree is saved when something is added; by default the ``.rwa`` file that
        `input_data` is, if it is one.
    autosave
        Whether it is saved then; else by :meth:`save_analyses`.
    group_overlapping_roi
        Whether regions that overlap are cut, and mapped, together.
    options
        Without effect.

    Attributes
    ----------
    analyses
        The tree.
    """

    def __init__(
        self,
        input_data: pd.DataFrame | Analysis | PathLike,
        roi: Boxes | dict[str, Boxes] | None = None,
        *,
        rwa_file: PathLike | None = None,
        autosave: bool = True,
        group_overlapping_roi: bool = True,
        **options: Any,
    ) -> None:
        self.analyses, path = opened(input_data)
        is_rwa = path is not None and str(input_data).endswith(".rwa")
        self._rwa_file = path if rwa_file is None and is_rwa else rwa_file
        self._autosave, self._grouped = autosave, group_overlapping_roi
        self._a = RWAnalyzer()
        self._a.spt_data.from_analysis_tree(self.analyses)
        self._roi = first(self._a.spt_data).roi
        if isinstance(roi, dict):
            for label, boxes in roi.items():
                self.set_bounding_boxes(boxes, collection_label=label)
        elif roi is not None:
            self.set_bounding_boxes(roi)
        elif len(self.analyses):
            self._roi.from_dedicated_rwa_records()

    def set_bounding_boxes(
        self, roi: Boxes, roi_size: float | None = None, collection_label: str | None = None
    ) -> None:
        """Define regions, beside those of other labels.

        Parameters
        ----------
        roi
            Pairs of lower and upper corner, µm, and s.
        roi_size
            Without effect.
        collection_label
            What their labels begin with.
        """
        if self._roi.initialized:
            self._roi.add_collection(collection_label or "", roi, self._grouped)
        else:
            self._roi.from_bounding_boxes(roi, collection_label or None, self._grouped)

    def get_bounding_boxes(self, collection_label: str = "") -> list[Box]:
        """Give the bounds of the regions of a label."""
        found = self._roi.as_individual_roi(collection=collection_label)
        return [region.bounding_box for region in found]

    @property
    def roi_labels(self) -> list[str]:
        """Labels of the regions, those that overlap together, and of their samplings."""
        return [region.label for region in self._regions()]

    def _regions(self) -> list[Region]:
        return list(self._roi.as_support_regions()) if self._roi.initialized else []

    def _region(self, i: int | str, collection: str) -> str:
        """Label of the region that has that one of a collection in it."""
        return i if isinstance(i, str) else self._roi.get_support_region(i, collection).label

    def tessellate(self, *method: Any, **options: Any) -> None:
        """Cut the regions that have no cells; see :func:`tramway.helper.tessellate`."""
        for region in self._regions():
            if region.label not in self.analyses:
                region.add_sampling(tessellate(region.crop(), *method, **options))
        self._save()

    def infer(self, *mode: Any, output_label: str | None = None, **options: Any) -> None:
        """Map the regions that have cells, and no such maps; see :func:`tramway.helper.infer`."""
        for label in self.roi_labels:
            if label in self.analyses and output_label not in self.analyses[label]:
                options |= {"input_label": label, "output_label": output_label}
                infer(self.analyses, *mode, **options)
        self._save()

    def get_tessellation(
        self, i: int, collection_label: str = ""
    ) -> tuple[Tessellation, NDArray[np.bool_]]:
        """Give the cells of a region, and whether each is in it rather than in its neighbours."""
        partition = self.analyses[self._region(i, collection_label)].data
        cells = partition.tessellation
        spatial = getattr(cells, "spatial", cells)
        box = self.get_bounding_boxes(collection_label)[i]
        dim = spatial.cell_centers.shape[1]
        beyond = (spatial.cell_centers < box.lower[:dim]) | (spatial.cell_centers > box.upper[:dim])
        return cells, ~beyond.any(axis=1)

    def get_map(
        self, i: int, map_label: str, full: bool = False, collection_label: str = ""
    ) -> Maps | None:
        """Give the maps of a region, of the cells in it; None if there are none.

        Parameters
        ----------
        i
            Number of the region in its collection.
        map_label
            Label of the maps.
        full
            Whether cells of the regions that it overlaps with are in them, too.
        collection_label
            Label of the collection.
        """
        try:
            maps: Maps = self.analyses[self._region(i, collection_label)][map_label].data
        except MissingResultError:
            return None
        if full:
            return maps
        _, is_inside = self.get_tessellation(i, collection_label)
        attributes: dict[str, Any] = maps.attributes
        chosen = maps.maps[is_inside[maps.maps.index % len(is_inside)]]
        return Maps(chosen, maps.mode, partition=maps.partition, **attributes)

    def cell_plot(self, i: int | str, collection_label: str = "", **options: Any) -> None:
        """Draw the cells of a region; see :func:`tramway.helper.cell_plot`."""
        cell_plot(self.analyses, label=self._region(i, collection_label), **options)

    def map_plot(
        self, i: int | str, map_label: str, collection_label: str = "", **options: Any
    ) -> None:
        """Draw the maps of a region; see :func:`tramway.helper.map_plot`."""
        label = [self._region(i, collection_label), map_label]
        map_plot(self.analyses, label=label, **options)

    def reset_roi(self, i: int | str, collection_label: str = "") -> None:
        """Take the cells and maps of a region out of the tree."""
        del self.analyses[self._region(i, collection_label)]

    def save_analyses(self) -> None:
        """Save the tree in its file."""
        if self._rwa_file is None:
            raise MissingResultError("the tree has no file: RoiHelper(..., rwa_file='some.rwa')")
        save_rwa(self._rwa_file, self.analyses)

    def _save(self) -> None:
        if self._autosave and self._rwa_file is not None:
            self.save_analyses()
