"""Where scripts of the original find `density_based_roi`."""

from .dense_places import density_based_roi

__all__ = ["density_based_roi"]
