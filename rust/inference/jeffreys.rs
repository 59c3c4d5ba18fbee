//! The prior that is the same in any units and for any function of the parameters.

use super::Model;
use crate::optimizer::Curvature;
use crate::statistics::CellStatistics;

/// Jeffreys' prior on the D of each cell, and on its vector: the square root of the determinant of the
/// Fisher information of one displacement of the mean lag Δt and noise σ² of the cell (Jeffreys, Proc. R. Soc.
/// A 186, 453, 1946). With `w = D Δt + σ²` and k components of the vector, its negative logarithm is
/// `(1 + k/2) ln w`, less `k ln D` where the vector is a force: `w` is the variance, and the
/// information on a force is `(D Δt)² / 2w` along each axis.
#[derive(Debug, Clone)]
pub(super) struct Jeffreys {
    by_width: f64,
    by_mobility: f64,
    /// Mean time for diffusion, and mean half variance due to noise, of each cell.
    cells: Vec<[f64; 2]>,
}

impl Jeffreys {
    /// The prior of a model.
    pub(super) fn new<const D: usize>(statistics: &CellStatistics<D>, model: Model) -> Self {
        let components = if model.has_vector() { D as f64 } else { 0.0 };
        let cells = (0..statistics.cell_count())
            .map(|cell| {
                let (mut time, mut noise) = (0.0, 0.0);
                for group in statistics.cell(cell) {
                    time += group.count * group.diffusion_time;
                    noise += group.count * group.noise;
                }
                [time, noise].map(|sum| sum / statistics.count(cell))
            })
            .collect();
        Self {
            by_width: 1.0 + 0.5 * components,
            by_mobility: if model.is_force() { components } else { 0.0 },
            cells,
        }
    }

    /// Negative logarithm of the prior of a cell, up to a constant.
    pub(super) fn value(&self, cell: usize, d: f64) -> f64 {
        let [time, noise] = self.cells[cell];
        let value = self.by_width * (d * time + noise).ln();
        if self.by_mobility > 0.0 {
            value - self.by_mobility * d.ln()
        } else {
            value
        }
    }

    /// First and second derivative by D; of the latter the positive part where the expected curvature
    /// is asked for, which the prior must not make indefinite.
    pub(super) fn derivatives(&self, cell: usize, d: f64, which: Curvature) -> [f64; 2] {
        let [time, noise] = self.cells[cell];
        let ratio = time / (d * time + noise);
        let mobility = if self.by_mobility > 0.0 {
            self.by_mobility / d
        } else {
            0.0
        };
        let convex = if self.by_mobility > 0.0 {
            mobility / d
        } else {
            0.0
        };
        let concave = match which {
            Curvature::Exact => self.by_width * ratio * ratio,
            Curvature::Expected => 0.0,
        };
        [self.by_width * ratio - mobility, convex - concave]
    }

    /// The least diffusivity of a model with this prior, which is zero at D = 0 where the vector is a
    /// force: far below what any displacements could tell.
    pub(super) fn floor<const D: usize>(&self, statistics: &CellStatistics<D>) -> f64 {
        if self.by_mobility == 0.0 {
            return 0.0;
        }
        let groups = (0..statistics.cell_count()).flat_map(|cell| statistics.cell(cell));
        let (squares, time) = groups.fold((0.0, 0.0), |(squares, time), group| {
            let noise = group.count * group.noise;
            (
                squares + group.sum_of_squares + noise,
                time + group.count * group.diffusion_time,
            )
        });
        FLOOR * (squares / time).max(f64::MIN_POSITIVE.sqrt())
    }
}

const FLOOR: f64 = 1e-9;
