//! Where tracks begin, and where first localizations are expected for it.

use super::LEAST_RANGE;
use crate::inference::hyperparameters::{Problem, Scaled};
use crate::inference::likelihood::tracks::Tracks;
use crate::operators::{LocalPolynomials, Matern};

/// The density of the first localizations of tracks, as a field over the cells (a log-Gaussian Cox
/// process; Møller, Syversveen & Waagepetersen, Scand. J. Stat. 25, 451, 1998).
pub(super) struct Density {
    log: Vec<f64>,
}

impl Density {
    const ROUNDS: usize = 12;

    pub(super) fn new<const D: usize>(tracks: &Tracks<D>, volumes: &[f64], field: Matern) -> Self {
        let mut counts = vec![0.0; volumes.len()];
        for track in 0..tracks.count() {
            if let Some(cell) = tracks.cells()[tracks.range(track).start] {
                counts[cell] += 1.0;
            }
        }
        let total: f64 = counts.iter().sum();
        let mean = (total.max(1.0) / volumes.iter().sum::<f64>()).ln();
        let (pattern, analysis) = (field.pattern().clone(), field.analysis().clone());
        let priors = [Scaled {
            maps: vec![0],
            field,
            has_free_mean: true,
            usual_amplitude: 2.0,
            least_range: LEAST_RANGE,
        }];
        let mut scales = vec![[0.0, 0.0]];
        let mut log = vec![mean; volumes.len()];
        for _ in 0..Self::ROUNDS {
            let mut curvature = vec![0.0; pattern.len()];
            let mut slope = vec![0.0; log.len()];
            for (cell, &f) in log.iter().enumerate() {
                let rate = volumes[cell] * f.exp();
                curvature[pattern.diagonal(cell)] = rate;
                slope[cell] = rate * (f - mean) - (rate - counts[cell]);
            }
            let problem = Problem {
                pattern: &pattern,
                analysis: &analysis,
                curvature: &curvature,
                slope: &slope,
                priors: &priors,
            };
            let Some(found) = problem.choose(&scales) else {
                break;
            };
            scales = found.scales;
            let mut most = 0.0_f64;
            for (f, deviation) in log.iter_mut().zip(&found.at.deviation) {
                let step = (mean + deviation - *f).clamp(-1.5, 1.5);
                most = most.max(step.abs());
                *f += step;
            }
            if most < 1e-2 {
                break;
            }
        }
        Self { log }
    }

    /// `σ² ∇ ln p` at the first localization of each track.
    pub(super) fn shifts<const D: usize>(
        &self,
        tracks: &Tracks<D>,
        centers: &[[f64; D]],
        polynomials: &LocalPolynomials<D>,
    ) -> Vec<[f64; D]> {
        let shift = |track: usize| {
            let first = tracks.range(track).start;
            let Some(cell) = tracks.cells()[first] else {
                return [0.0; D];
            };
            let position = tracks.positions()[first];
            let offset: [f64; D] = std::array::from_fn(|k| position[k] - centers[cell][k]);
            let mut gradient = [0.0; D];
            for (other, coefficients) in polynomials.stencil(cell) {
                for (coefficient, power) in coefficients.iter().zip(polynomials.powers()) {
                    for (axis, gradient) in gradient.iter_mut().enumerate() {
                        *gradient += self.log[other] * coefficient * slope_of(power, axis, &offset);
                    }
                }
            }
            gradient.map(|g| tracks.noise()[first] * g)
        };
        (0..tracks.count()).map(shift).collect()
    }
}

/// Derivative of a product of powers of coordinates along an axis.
fn slope_of<const D: usize>(power: &[usize; D], axis: usize, at: &[f64; D]) -> f64 {
    if power[axis] == 0 {
        return 0.0;
    }
    let factor = |k: usize| {
        let exponent = if k == axis { power[k] - 1 } else { power[k] };
        at[k].powi(i32::try_from(exponent).unwrap_or(i32::MAX))
    };
    power[axis] as f64 * (0..D).map(factor).product::<f64>()
}
