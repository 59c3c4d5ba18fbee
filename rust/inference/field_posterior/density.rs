//! Where tracks begin, as a density, and where first localizations are expected for it.

use super::LEAST_RANGE;
use super::width::Width;
use crate::inference::hyperparameters::{Choice, Problem, Scaled};
use crate::inference::likelihood::tracks::Tracks;
use crate::operators::{LocalPolynomials, Matern};
use crate::optimizer::SymmetricPattern;

/// Usual amplitude of the logarithm of a density.
const USUAL: f64 = 2.0;
/// Most rounds: where a density spans many orders of magnitude, steps of bounded length take more than a dozen.
const ROUNDS: usize = 50;
/// Most that the logarithm changes at once, and least for which the search goes on.
const STEPS: [f64; 2] = [1.5, 1e-2];

/// The density of the first localizations of tracks, as a field over the cells (a log-Gaussian Cox
/// process; Møller, Syversveen & Waagepetersen, Scand. J. Stat. 25, 451, 1998).
pub(super) struct Density {
    /// Logarithm of the density in each cell, and its mean.
    pub(super) log: Vec<f64>,
    pub(super) mean: f64,
}

impl Density {
    /// The density that counts in cells tell; those whose volume is zero do not count.
    pub(super) fn new(counts: &[f64], volumes: &[f64], field: Matern) -> Self {
        Self::search(counts, volumes, field, |_, _, _| {})
    }

    /// The same, with the logarithm of the evidence of the counts, as a density with respect to the
    /// mean of the logarithm; NaN where the search does not end.
    pub(super) fn with_log_evidence(counts: &[f64], volumes: &[f64], field: Matern) -> (Self, f64) {
        let mut log_evidence = f64::NAN;
        let density = Self::search(counts, volumes, field, |problem, found, value| {
            log_evidence = Width::new(problem, &found.scales, found.at)
                .map_or(f64::NAN, |width| width.log_evidence() - value);
        });
        (density, log_evidence)
    }

    /// Finds the density, and hands on the last quadratic approximation, the choice of scales in it and
    /// its value at the mean, if the search ends.
    fn search(
        counts: &[f64],
        volumes: &[f64],
        field: Matern,
        ended: impl FnOnce(&Problem<'_>, Choice, f64),
    ) -> Self {
        let total: f64 = counts.iter().sum();
        let mean = (total.max(1.0) / volumes.iter().sum::<f64>()).ln();
        let (pattern, analysis) = (field.pattern().clone(), field.analysis().clone());
        let priors = [Scaled {
            maps: vec![0],
            field,
            has_free_mean: true,
            usual_amplitude: USUAL,
            least_range: LEAST_RANGE,
        }];
        let poisson = Poisson {
            counts,
            volumes,
            mean,
        };
        let mut scales = vec![[0.0, 0.0]];
        let mut log = vec![mean; volumes.len()];
        for _ in 0..ROUNDS {
            let (value, slope, curvature) = poisson.about(&log, &pattern);
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
            scales.clone_from(&found.scales);
            let mut most = 0.0_f64;
            for (f, deviation) in log.iter_mut().zip(&found.at.deviation) {
                let step = (mean + deviation - *f).clamp(-STEPS[0], STEPS[0]);
                most = most.max(step.abs());
                *f += step;
            }
            if most < STEPS[1] {
                ended(&problem, found, value);
                break;
            }
        }
        Self { log, mean }
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
            std::array::from_fn(|axis| {
                let slope = polynomials.weights_at(cell, &offset, &[axis]);
                let slope: f64 = slope.map(|(other, w)| w * self.log[other]).sum();
                tracks.noise()[first] * slope
            })
        };
        (0..tracks.count()).map(shift).collect()
    }
}

/// The likelihood of counts, given the logarithm of a density.
struct Poisson<'a> {
    counts: &'a [f64],
    volumes: &'a [f64],
    /// About which it is taken for quadratic.
    mean: f64,
}

impl Poisson<'_> {
    /// The quadratic approximation at some logarithms of the density, in deviations from the mean: its
    /// value at the mean, its slope there and its curvature.
    fn about(&self, log: &[f64], pattern: &SymmetricPattern) -> (f64, Vec<f64>, Vec<f64>) {
        let mut value = 0.0;
        let mut slope = vec![0.0; log.len()];
        let mut curvature = vec![0.0; pattern.len()];
        for (cell, &f) in log.iter().enumerate() {
            let (count, volume) = (self.counts[cell], self.volumes[cell]);
            if volume > 0.0 {
                let (rate, deviation) = (volume * f.exp(), f - self.mean);
                curvature[pattern.diagonal(cell)] = rate;
                slope[cell] = rate * deviation - (rate - count);
                value += rate - count * (volume.ln() + f)
                    + deviation * (0.5 * rate * deviation - (rate - count));
            }
        }
        (value, slope, curvature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators::QuadraticForm;
    use crate::tessellation::Adjacency;

    /// Numbers of tracks that begin in squares, in a well of 14 kT and on hills of 8 kT.
    #[test]
    fn a_density_of_many_orders_of_magnitude_is_found() {
        let potential = |x: f64, y: f64| {
            let peak = |a: f64, b: f64| (-((x - a).powi(2) + (y - b).powi(2)) / 0.3).exp();
            8.0 * peak(3.0, 1.0) + 8.0 * peak(1.0, 3.0) - 14.0 * peak(1.0, 1.0)
        };
        let (side, at) = (20, |k: usize| 0.2 * k as f64 + 0.1);
        let centers: Vec<[f64; 2]> = (0..side * side)
            .map(|k| [at(k % side), at(k / side)])
            .collect();
        let beside = |k: usize| {
            let (x, y) = (k % side, k / side);
            let right = (x + 1 < side).then_some((k, k + 1));
            right
                .into_iter()
                .chain((y + 1 < side).then_some((k, k + side)))
        };
        let pairs: Vec<(usize, usize)> = (0..side * side).flat_map(beside).collect();
        let adjacency = Adjacency::from_pairs(side * side, pairs).unwrap();
        let volumes = vec![0.04; side * side];
        let expected: Vec<f64> = centers
            .iter()
            .map(|c| (-potential(c[0], c[1])).exp())
            .collect();
        let counts: Vec<f64> = expected.iter().map(|n| n.round()).collect();
        let slopes = QuadraticForm::of_slopes(&centers, &adjacency, &volumes);
        let field = Matern::new(&slopes, &volumes, 3, 2);
        let (density, log_evidence) = Density::with_log_evidence(&counts, &volumes, field);
        assert!(log_evidence.is_finite());
        for ((log, volume), n) in density.log.iter().zip(&volumes).zip(&expected) {
            if *n > 100.0 {
                // Five standard deviations of a number of 100.
                assert!((log + volume.ln() - n.ln()).abs() < 0.5);
            }
        }
    }
}
