//! Amplitude and range of priors with a length scale, as the data tell them.
//!
//! About the maximum of the posterior, the negative log likelihood is `d'Hd/2 − b'd` in the deviations d
//! of the variables from their prior means. With priors of precision P(η), the evidence of the
//! hyperparameters η is `½ ln |P| − ½ ln |H + P| + ½ b'(H + P)⁻¹b`: neither it nor its derivatives ask
//! for another pass over the data.

use crate::operators::{FieldPrecision, Matern};
use crate::optimizer::{Cholesky, SelectedInverse, SymmetricPattern};

/// Step of `ln ρ` for derivatives of the precision.
const RANGE_STEP: f64 = 1e-3;
/// Most that a hyperparameter, a logarithm, changes at once.
const MAX_STEP: f64 = 1.0;
/// The search ends with a step that stands to gain less than this, in nats.
const TOLERANCE: f64 = 1e-3;
const MAX_STEPS: usize = 40;
/// Step of hyperparameters for the curvature of their evidence.
const CURVATURE_STEP: f64 = 0.05;

/// Maps that have a prior in common.
#[derive(Debug, Clone)]
pub struct Scaled {
    /// First variable of each map.
    pub maps: Vec<usize>,
    /// The field that the maps are expected to be, but for an amplitude.
    pub field: Matern,
    /// Amplitude (standard deviation of the field) that is usual, in units of the map: larger ones
    /// are less probable, exponentially (Simpson et al., Stat. Sci. 32, 1, 2017).
    pub usual_amplitude: f64,
    /// Range, µm, that is exceeded with a probability of 95 %: shorter ones are less probable (Fuglstad et
    /// al., J. Am. Stat. Assoc. 114, 445, 2019).
    pub least_range: f64,
}

/// Logarithms of amplitude and range of a prior.
pub type Scale = [f64; 2];

/// The quadratic likelihood, and the priors.
#[derive(Debug)]
pub struct Problem<'a> {
    /// Where H and the precisions may differ from zero.
    pub pattern: &'a SymmetricPattern,
    /// H
    pub curvature: &'a [f64],
    /// b
    pub slope: &'a [f64],
    /// The priors.
    pub priors: &'a [Scaled],
}

/// The posterior at some hyperparameters.
pub struct Conditional {
    /// Logarithm of the evidence times that of the hyperprior, but for a constant.
    pub log_evidence: f64,
    /// d at the maximum.
    pub deviation: Vec<f64>,
    /// Its derivatives by the hyperparameters, amplitude and range of each prior.
    pub gradient: Vec<f64>,
    /// `−dd/dη` times `H + P`: how the prior's pull changes.
    pulls: Vec<Vec<f64>>,
    factor: Cholesky,
    inverse: SelectedInverse,
}

/// Hyperparameters and how well they are known.
#[derive(Debug, Clone)]
pub struct Known {
    /// Amplitude and range of each prior, logarithms.
    pub scales: Vec<Scale>,
    /// Covariance of all of them, in that order.
    pub covariance: Vec<Vec<f64>>,
    /// What the search has cost.
    pub evaluations: usize,
}

impl Problem<'_> {
    /// The posterior at some hyperparameters; none where a matrix is not positive definite.
    #[must_use]
    pub fn at(&self, scales: &[Scale]) -> Option<Conditional> {
        let mut values = self.curvature.to_vec();
        let mut log_evidence = 0.0;
        let mut precisions: Vec<[FieldPrecision; 3]> = Vec::new();
        for (prior, &[amplitude, range]) in self.priors.iter().zip(scales) {
            let near = |step: f64| prior.field.precision((range + step).exp());
            let precision = [near(0.0)?, near(-RANGE_STEP)?, near(RANGE_STEP)?];
            let pattern = prior.field.pattern();
            let cells = pattern.size() as f64;
            for &first in &prior.maps {
                let weight = (-2.0 * amplitude).exp();
                self.each(pattern, first, |slot, k, _| {
                    values[slot] += weight * precision[0].values[k];
                });
                log_evidence += 0.5 * precision[0].log_determinant - cells * amplitude;
            }
            log_evidence += prior.log_hyperprior(amplitude, range);
            precisions.push(precision);
        }
        let mut factor = Cholesky::new(self.pattern);
        if !factor.factorize(self.pattern, &values) {
            return None;
        }
        let mut deviation = self.slope.to_vec();
        factor.solve(&mut deviation);
        let gain: f64 = deviation.iter().zip(self.slope).map(|(a, b)| a * b).sum();
        log_evidence += 0.5 * gain - 0.5 * factor.log_determinant();
        let inverse = factor.selected_inverse();
        let mut gradient = Vec::new();
        let mut pulls = Vec::new();
        for (p, (prior, &[amplitude, range])) in self.priors.iter().zip(scales).enumerate() {
            let precision = &precisions[p];
            let pattern = prior.field.pattern();
            let cells = pattern.size() as f64;
            let weight = (-2.0 * amplitude).exp();
            let hyper = prior.hyperprior_slope(amplitude, range);
            for (which, slope) in hyper.into_iter().enumerate() {
                let change = |k: usize| match which {
                    0 => -2.0 * weight * precision[0].values[k],
                    _ => {
                        weight * (precision[2].values[k] - precision[1].values[k])
                            / (2.0 * RANGE_STEP)
                    }
                };
                let of_determinant = match which {
                    0 => -2.0 * cells,
                    _ => {
                        (precision[2].log_determinant - precision[1].log_determinant)
                            / (2.0 * RANGE_STEP)
                    }
                };
                let mut total = slope;
                let mut pull = vec![0.0; deviation.len()];
                for &first in &prior.maps {
                    let mut trace = 0.0;
                    self.each(pattern, first, |_, k, (i, j)| {
                        let c = change(k);
                        pull[i] += c * deviation[j];
                        let twice = if i == j { 1.0 } else { 2.0 };
                        if i != j {
                            pull[j] += c * deviation[i];
                        }
                        trace += twice * c * inverse.get(i, j);
                    });
                    total += 0.5 * of_determinant - 0.5 * trace;
                }
                total -= 0.5 * pull.iter().zip(&deviation).map(|(a, b)| a * b).sum::<f64>();
                gradient.push(total);
                pulls.push(pull);
            }
        }
        Some(Conditional {
            log_evidence,
            deviation,
            gradient,
            pulls,
            factor,
            inverse,
        })
    }

    /// Visits the entries of a map's precision: the place in the pattern of all, in its own, and the two
    /// variables.
    fn each(
        &self,
        own: &SymmetricPattern,
        first: usize,
        mut visit: impl FnMut(usize, usize, (usize, usize)),
    ) {
        for column in 0..own.size() {
            let mut slot = self.pattern.starts()[first + column];
            for k in own.starts()[column]..own.starts()[column + 1] {
                let row = first + own.rows()[k];
                while self.pattern.rows()[slot] < row {
                    slot += 1;
                }
                visit(slot, k, (row, first + column));
            }
        }
    }

    /// The most probable hyperparameters, searched from some by a quasi-Newton method (BFGS).
    ///
    /// None where the start gives no posterior.
    #[must_use]
    pub fn choose(&self, start: &[Scale]) -> Option<Known> {
        let n = 2 * start.len();
        let mut scales = start.to_vec();
        let mut at = self.at(&scales)?;
        let mut evaluations = 1;
        // The inverse curvature: of an amplitude and a range that tens of values tell.
        let mut inverse = vec![vec![0.0; n]; n];
        for (k, row) in inverse.iter_mut().enumerate() {
            row[k] = 0.1;
        }
        for _ in 0..MAX_STEPS {
            let mut step: Vec<f64> = inverse
                .iter()
                .map(|row| row.iter().zip(&at.gradient).map(|(a, b)| a * b).sum())
                .collect();
            let longest = step.iter().fold(0.0_f64, |most, s| most.max(s.abs()));
            if longest > MAX_STEP {
                step.iter_mut().for_each(|s| *s *= MAX_STEP / longest);
            }
            let promise: f64 = step.iter().zip(&at.gradient).map(|(a, b)| a * b).sum();
            if promise < TOLERANCE {
                break;
            }
            let mut fraction = 1.0;
            let next = loop {
                let trial: Vec<Scale> = (0..scales.len())
                    .map(|p| std::array::from_fn(|k| scales[p][k] + fraction * step[2 * p + k]))
                    .collect();
                evaluations += 1;
                if let Some(found) = self.at(&trial)
                    && found.log_evidence >= at.log_evidence + 1e-4 * fraction * promise
                {
                    break Some((trial, found));
                }
                fraction *= 0.3;
                if fraction < 1e-3 {
                    break None;
                }
            };
            let Some((trial, found)) = next else { break };
            let moved: Vec<f64> = step.iter().map(|s| fraction * s).collect();
            let turned: Vec<f64> = (0..n).map(|k| at.gradient[k] - found.gradient[k]).collect();
            update(&mut inverse, &moved, &turned);
            (scales, at) = (trial, found);
        }
        Some(Known {
            scales,
            covariance: inverse,
            evaluations,
        })
    }

    /// The covariance of hyperparameters about their maximum, from differences of the gradient.
    ///
    /// A direction that the data tell nothing of has the width of the hyperprior.
    #[must_use]
    pub fn curvature_of_evidence(&self, scales: &[Scale]) -> Option<Vec<Vec<f64>>> {
        let n = 2 * scales.len();
        let mut matrix = vec![vec![0.0; n]; n];
        for k in 0..n {
            let moved = |step: f64| {
                let mut scales = scales.to_vec();
                scales[k / 2][k % 2] += step;
                self.at(&scales).map(|at| at.gradient)
            };
            let (above, below) = (moved(CURVATURE_STEP)?, moved(-CURVATURE_STEP)?);
            for j in 0..n {
                let slope = (below[j] - above[j]) / (2.0 * CURVATURE_STEP);
                matrix[j][k] += 0.5 * slope;
                matrix[k][j] += 0.5 * slope;
            }
        }
        Some(matrix)
    }
}

impl Conditional {
    /// How d changes with each hyperparameter: `−(H + P)⁻¹ P' d`.
    #[must_use]
    pub fn shifts(&self) -> Vec<Vec<f64>> {
        let shift = |pull: &Vec<f64>| {
            let mut shift = pull.clone();
            self.factor.solve(&mut shift);
            shift.iter_mut().for_each(|s| *s = -*s);
            shift
        };
        self.pulls.iter().map(shift).collect()
    }

    /// Covariance of two variables that are coupled directly, or variance of one, given the
    /// hyperparameters.
    #[must_use]
    pub fn covariance(&self, i: usize, j: usize) -> f64 {
        self.inverse.get(i, j)
    }

    /// Covariance of every variable with a functional, given the hyperparameters.
    #[must_use]
    pub fn covariance_with(&self, weights: &[f64]) -> Vec<f64> {
        let mut result = weights.to_vec();
        self.factor.solve(&mut result);
        result
    }
}

impl Scaled {
    fn log_hyperprior(&self, amplitude: f64, range: f64) -> f64 {
        let [rate, length] = self.rates();
        amplitude - rate * amplitude.exp() - range - length * (-range).exp()
    }

    fn hyperprior_slope(&self, amplitude: f64, range: f64) -> [f64; 2] {
        let [rate, length] = self.rates();
        [1.0 - rate * amplitude.exp(), -1.0 + length * (-range).exp()]
    }

    /// Of the exponential densities of the amplitude and of the inverse range.
    fn rates(&self) -> [f64; 2] {
        [
            1.0 / self.usual_amplitude,
            -self.least_range * 0.05_f64.ln(),
        ]
    }
}

/// The update of an inverse curvature by Broyden, Fletcher, Goldfarb and Shanno.
fn update(inverse: &mut [Vec<f64>], moved: &[f64], turned: &[f64]) {
    let n = moved.len();
    let along: f64 = moved.iter().zip(turned).map(|(a, b)| a * b).sum();
    if along <= 0.0 {
        return;
    }
    let product: Vec<f64> = inverse
        .iter()
        .map(|row| row.iter().zip(turned).map(|(a, b)| a * b).sum())
        .collect();
    let square: f64 = product.iter().zip(turned).map(|(a, b)| a * b).sum();
    for i in 0..n {
        for j in 0..n {
            inverse[i][j] += (1.0 + square / along) * moved[i] * moved[j] / along
                - (product[i] * moved[j] + moved[i] * product[j]) / along;
        }
    }
}
