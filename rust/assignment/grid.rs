//! A grid of boxes around centers.

use std::array::from_fn;

/// Boxes of the grid for each center.
const BOXES_PER_CENTER: f64 = 2.5;

/// By how much boxes are taken for wider than they are, in units of their side: far more than rounding
/// moves points and centers, even with a hundred million boxes along an axis.
pub(super) const MARGIN: f64 = 1e-6;

/// Boxes, as wide as they are high, one after the other along the last axis, then along those before.
pub(super) struct Grid<const D: usize> {
    lower: [f64; D],
    /// Boxes for each unit of length.
    pub density: f64,
    /// Boxes along each axis.
    pub counts: [usize; D],
}

impl<const D: usize> Grid<D> {
    /// A grid over all centers, and over a little of what is around them; none if there would be too many
    /// boxes, or squares of their side were no normal numbers.
    pub(super) fn around(centers: &[[f64; D]]) -> Option<Self> {
        u32::try_from(centers.len()).ok()?;
        let bound = |d: usize, choose: fn(f64, f64) -> f64, start: f64| {
            centers.iter().map(|center| center[d]).fold(start, choose)
        };
        let lower: [f64; D] = from_fn(|d| bound(d, f64::min, f64::INFINITY));
        let extent: [f64; D] = from_fn(|d| bound(d, f64::max, f64::NEG_INFINITY) - lower[d]);
        let widest = extent.iter().copied().fold(0.0, f64::max);
        let border = widest / (centers.len() as f64).powf(1.0 / D as f64);
        let extent = extent.map(|length| length + 2.0 * border);
        let wanted = BOXES_PER_CENTER * centers.len() as f64;
        let share = wanted.powf(-1.0 / D as f64);
        let side: f64 = extent
            .iter()
            .map(|length| length.powf(1.0 / D as f64))
            .product::<f64>()
            * share;
        let density = side.recip();
        let is_normal = [side, density].iter().all(|x| (x * x * MARGIN).is_normal());
        if !(is_normal && lower.iter().chain(&extent).all(|x| x.is_finite())) {
            return None;
        }
        let lower = lower.map(|low| low - border);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not below 0
        let counts = extent.map(|length| (length * density) as usize + 1);
        Some(Self {
            lower,
            density,
            counts,
        })
    }

    pub(super) fn box_count(&self) -> usize {
        self.counts.iter().product()
    }

    /// Where a point is, in units of the side of boxes.
    pub(super) fn scaled(&self, point: &[f64; D]) -> [f64; D] {
        from_fn(|d| (point[d] - self.lower[d]) * self.density)
    }

    /// Number of the box that a point is in; none outside.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not below 0
    pub(super) fn number_of(&self, point: &[f64; D]) -> Option<usize> {
        let mut number = 0;
        for (scaled, &count) in self.scaled(point).into_iter().zip(&self.counts) {
            let place = scaled as u32 as usize;
            if scaled < 0.0 || place >= count {
                return None;
            }
            number = number * count + place;
        }
        Some(number)
    }

    /// Place of a box along each axis.
    pub(super) fn place_of(&self, mut number: usize) -> [usize; D] {
        let mut place = [0; D];
        for d in (0..D).rev() {
            place[d] = number % self.counts[d];
            number /= self.counts[d];
        }
        place
    }
}
