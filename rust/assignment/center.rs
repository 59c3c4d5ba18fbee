//! Centers, and how near to them no other one is as near.

use super::kd_tree::squared_distance;

/// A center, and the square of a distance within which it is the nearest; zero where none is known.
pub(crate) struct Center<const D: usize> {
    pub(super) place: [f64; D],
    pub(super) clearance: f64,
}

impl<const D: usize> Center<D> {
    /// One that nothing is by.
    pub(crate) const NONE: Self = Self {
        place: [0.0; D],
        clearance: 0.0,
    };

    /// Whether it is sure that it is the nearest to a point.
    #[inline]
    pub(crate) fn is_by(&self, point: &[f64; D]) -> bool {
        squared_distance(point, &self.place) < self.clearance
    }
}
