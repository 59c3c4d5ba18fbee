//! Where tracks begin, if molecules are in equilibrium.

use super::Tracks;
use crate::inference::likelihood::Evaluation;
use crate::operators::LocalPolynomials;
use crate::optimizer::SymmetricPattern;

/// Variance, along an axis, of a point that may be anywhere in a cell of volume 1: 0.080 for a hexagon,
/// 0.083 for a square, 0.077 for a ball.
const VARIANCE_IN_CELL: f64 = 0.08;

/// The likelihood of the first localizations of tracks, if molecules are in equilibrium: a Poisson
/// process of the density `exp(level − V)`, V in kT, wherever detection is equally likely.
///
/// With the mean μ of the density over a cell, times its volume, and the number n of tracks that begin
/// there, `F = Σ μ − n ln μ` over the cells that count. The mean is over the cell, and over the noise of
/// localizations: to second order in its extent, that of 2 d points about the center.
#[derive(Debug, Clone)]
pub struct Starts {
    cells: Vec<Cell>,
}

#[derive(Debug, Clone)]
struct Cell {
    count: f64,
    /// Logarithm of the volume over the number of points, plus the level.
    log_share: f64,
    /// V at each point: variables and weights.
    points: Vec<Vec<(usize, f64)>>,
}

/// The rate of a cell and its derivatives.
struct Rate {
    log: f64,
    /// Derivative of the logarithm by each variable, in no order, some variables several times.
    slope: Vec<(usize, f64)>,
}

impl Starts {
    /// Prepares the likelihood: V are the variables from `first` on, `counts` tells how many tracks begin
    /// in each cell, and cells whose volume is zero do not count. `noise` is the σ² of first localizations,
    /// µm².
    #[must_use]
    pub fn new<const D: usize>(
        counts: &[f64],
        volumes: &[f64],
        noise: f64,
        level: f64,
        polynomials: &LocalPolynomials<D>,
        first: usize,
    ) -> Self {
        let cells = (0..counts.len()).filter(|&cell| volumes[cell] > 0.0);
        let of = |cell: usize| {
            let extent = VARIANCE_IN_CELL * volumes[cell].powf(2.0 / D as f64);
            let distance = (D as f64 * (extent + noise)).sqrt();
            let offsets = (0..2 * D).map(|k| {
                let mut offset = [0.0; D];
                offset[k / 2] = if k % 2 == 0 { distance } else { -distance };
                offset
            });
            let points: Vec<Vec<(usize, f64)>> = offsets
                .map(|offset| {
                    let row = polynomials.weights_at(cell, &offset, &[]);
                    row.map(|(other, weight)| (first + other, weight)).collect()
                })
                .collect();
            Cell {
                count: counts[cell],
                log_share: (volumes[cell] / points.len() as f64).ln() + level,
                points,
            }
        };
        Self {
            cells: cells.map(of).collect(),
        }
    }

    /// How many tracks begin in cells that count.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.cells.iter().map(|cell| cell.count).sum()
    }

    /// Pairs of variables whose second derivative may differ from zero.
    pub fn couplings(&self) -> impl Iterator<Item = (usize, usize)> {
        self.cells.iter().flat_map(|cell| {
            // Its points lie in one stencil.
            let variables = &cell.points[0];
            let pairs = variables.iter().enumerate();
            pairs.flat_map(|(k, &(i, _))| variables[..=k].iter().map(move |&(j, _)| (i, j)))
        })
    }

    /// Adds value, gradient and expected curvature at `x`.
    pub fn add_to(&self, x: &[f64], pattern: &SymmetricPattern, evaluation: &mut Evaluation) {
        for cell in &self.cells {
            let Rate { log, slope } = cell.rate(x);
            let rate = log.exp();
            evaluation.value += rate - cell.count * log;
            for &(i, a) in &slope {
                evaluation.gradient[i] += (rate - cell.count) * a;
            }
            for (k, &(i, a)) in slope.iter().enumerate() {
                for &(j, b) in &slope[..=k] {
                    evaluation.curvature[pattern.slot(i, j)] += rate * a * b;
                }
            }
        }
    }
}

impl Cell {
    fn rate(&self, x: &[f64]) -> Rate {
        let potential = |row: &Vec<(usize, f64)>| row.iter().map(|&(i, w)| w * x[i]).sum();
        let potentials: Vec<f64> = self.points.iter().map(potential).collect();
        let least = potentials.iter().copied().fold(f64::INFINITY, f64::min);
        let weights: Vec<f64> = potentials.iter().map(|v| (least - v).exp()).collect();
        let sum: f64 = weights.iter().sum();
        let mut slope: Vec<(usize, f64)> = self.points[0].iter().map(|&(i, _)| (i, 0.0)).collect();
        for (row, weight) in self.points.iter().zip(&weights) {
            for ((_, by), (_, w)) in slope.iter_mut().zip(row) {
                *by -= weight / sum * w;
            }
        }
        Rate {
            log: self.log_share - least + sum.ln(),
            slope,
        }
    }
}

/// How many tracks begin in each cell, of those that `begins` names.
#[must_use]
pub fn starts_in_cells<const D: usize>(
    tracks: &Tracks<D>,
    begins: impl Fn(usize) -> bool,
    cell_count: usize,
) -> Vec<f64> {
    let mut counts = vec![0.0; cell_count];
    for track in (0..tracks.count()).filter(|&track| begins(track)) {
        if let Some(cell) = tracks.cells()[tracks.range(track).start] {
            counts[cell] += 1.0;
        }
    }
    counts
}
