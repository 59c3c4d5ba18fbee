//! Displacements that are all there at once.

use super::{Imaging, LAG_RESOLUTION, lag_key, lag_of};

/// What displacements of one group share: the key of the lag, and the bits of the noise, which are in the
/// order of numbers that are not negative.
pub(super) type Key = (i64, u64);

/// Displacements, in either layout.
pub(super) trait Displacements<const D: usize>: Sync {
    /// That of a row.
    fn of(&self, row: usize) -> [f64; D];
}

impl<const D: usize> Displacements<D> for [[f64; D]] {
    #[inline]
    fn of(&self, row: usize) -> [f64; D] {
        self[row]
    }
}

/// Axis by axis.
impl<const D: usize> Displacements<D> for [&[f64]; D] {
    #[inline]
    fn of(&self, row: usize) -> [f64; D] {
        self.map(|axis| axis[row])
    }
}

/// Displacements, one in each row.
pub(super) struct Data<'a, const D: usize, S: ?Sized> {
    pub(super) displacements: &'a S,
    pub(super) lags: &'a [f64],
    pub(super) imaging: Imaging<'a>,
}

impl<const D: usize, S: Displacements<D> + ?Sized> Data<'_, D, S> {
    pub(super) fn noise(&self, row: usize) -> f64 {
        self.imaging.noise.map_or(0.0, |noise| noise[row])
    }

    pub(super) fn key(&self, row: usize) -> Key {
        (lag_key(self.lags[row]), self.noise(row).to_bits())
    }

    /// Whether that is the key of a row: in less time than the key takes.
    pub(super) fn has_key(&self, row: usize, key: Key) -> bool {
        let is_clear = (self.lags[row] - lag_of(key.0)).abs() < 0.49 * LAG_RESOLUTION;
        (is_clear && self.noise(row).to_bits() == key.1) || self.key(row) == key
    }
}
