//! Positions drawn from the equilibrium density exp(−V) in a box.

use rand::Rng;

use super::Landscape;

/// Boxes that the bound of the density is constant on.
const BOXES: f64 = 16_384.0;

/// Draws positions by rejection under a bound that is constant on each of a grid of small boxes.
///
/// One bound for the whole box would accept one position in exp(10) beside a well of 10 kT.
pub(super) struct EquilibriumPositions<'a, L, const D: usize> {
    landscape: &'a L,
    lower: [f64; D],
    box_size: [f64; D],
    per_axis: usize,
    /// Bound of −V in each small box.
    bounds: Vec<f64>,
    /// Running sum of exp(bound), relative to the largest.
    cumulative: Vec<f64>,
}

impl<'a, const D: usize, L: Landscape<D>> EquilibriumPositions<'a, L, D> {
    pub(super) fn new(landscape: &'a L, lower: [f64; D], upper: [f64; D]) -> Self {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 128 or 25
        let per_axis = BOXES.powf(1.0 / D as f64) as usize;
        let box_size = std::array::from_fn(|d| (upper[d] - lower[d]) / per_axis as f64);
        let mut positions = Self {
            landscape,
            lower,
            box_size,
            per_axis,
            bounds: Vec::new(),
            cumulative: Vec::new(),
        };
        let count = (0..D).map(|_| per_axis).product();
        positions.bounds = (0..count)
            .map(|index| {
                let corner = positions.corner(index);
                let opposite = std::array::from_fn(|d| corner[d] + box_size[d]);
                landscape.max_negative_potential(&corner, &opposite)
            })
            .collect();
        let highest = positions
            .bounds
            .iter()
            .copied()
            .fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        for bound in &positions.bounds {
            sum += (bound - highest).exp();
            positions.cumulative.push(sum);
        }
        positions
    }

    pub(super) fn draw(&self, random: &mut impl Rng) -> [f64; D] {
        let total = self.cumulative.last().copied().unwrap_or(0.0);
        loop {
            let target = random.random::<f64>() * total;
            let index = self.cumulative.partition_point(|&sum| sum <= target);
            let Some(bound) = self.bounds.get(index) else {
                continue;
            };
            let corner = self.corner(index);
            let point =
                std::array::from_fn(|d| corner[d] + random.random::<f64>() * self.box_size[d]);
            if random.random::<f64>() < (-self.landscape.potential(&point) - bound).exp() {
                return point;
            }
        }
    }

    fn corner(&self, index: usize) -> [f64; D] {
        let mut rest = index;
        std::array::from_fn(|d| {
            let position = rest % self.per_axis;
            rest /= self.per_axis;
            self.lower[d] + position as f64 * self.box_size[d]
        })
    }
}
