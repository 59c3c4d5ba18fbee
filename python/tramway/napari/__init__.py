"""Tracks and maps as layers of napari, whose package is not needed for it.

``napari.yaml`` tells napari of the two readers; what they return are the tuples that it makes
layers of: data, settings, kind.
"""

from .layers import analysis_layers, tracks_layer
from .readers import analysis_reader, tracks_reader

__all__ = ["analysis_layers", "analysis_reader", "tracks_layer", "tracks_reader"]
