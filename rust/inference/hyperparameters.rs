//! Amplitude and range of priors with a length scale, as the data tell them.
//!
//! About the maximum of the posterior, the negative log likelihood is `d'Hd/2 − b'd` in the deviations d
//! of the variables from their prior means. With priors of precision P(η), the evidence of the
//! hyperparameters η is `½ ln |P| − ½ ln |H + P| + ½ b'(H + P)⁻¹b`: neither it nor its derivatives ask
//! for another pass over the data.

use crate::operators::{FieldPrecision, Matern};
use crate::optimizer::{Analysis, Cholesky, SelectedInverse, SymmetricPattern, dot};

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
    /// Whether the field varies about a mean that only the data tell, and not about the prior means.
    pub has_free_mean: bool,
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
    /// The analysis of that pattern.
    pub analysis: &'a Analysis,
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
    /// The mean of each map that has a free one.
    pub means: Vec<Mean>,
    /// `−dd/dη` times `H + P`: how the prior's pull changes.
    pulls: Vec<Vec<f64>>,
    /// Of each prior's field, of variance 1.
    pub(super) precisions: Vec<FieldPrecision>,
    factor: Cholesky,
    inverse: SelectedInverse,
}

/// The mean of a map about which a field varies.
#[derive(Debug, Clone)]
pub struct Mean {
    /// Its most probable value, in deviation from the prior mean.
    pub value: f64,
    /// How d changes with it.
    pub shift: Vec<f64>,
    /// Its inverse variance.
    pub precision: f64,
}

/// Hyperparameters that were found.
pub struct Choice {
    /// Amplitude and range of each prior, logarithms.
    pub scales: Vec<Scale>,
    /// The posterior at these.
    pub at: Conditional,
}

/// A prior at some hyperparameters.
struct Prepared<'a> {
    given: &'a Scaled,
    scale: Scale,
    /// Inverse square of the amplitude.
    weight: f64,
    /// Of variance 1: at the range, and at slightly shorter and longer ones.
    precisions: [FieldPrecision; 3],
}

#[derive(Debug, Clone, Copy)]
enum Hyperparameter {
    Amplitude,
    Range,
}

impl<'a> Prepared<'a> {
    fn new(given: &'a Scaled, scale: Scale) -> Option<Self> {
        let near = |step: f64| given.field.precision((scale[1] + step).exp());
        Some(Self {
            given,
            scale,
            weight: (-2.0 * scale[0]).exp(),
            precisions: [near(0.0)?, near(-RANGE_STEP)?, near(RANGE_STEP)?],
        })
    }

    /// The precision at the range itself.
    fn into_precision(self) -> FieldPrecision {
        let [here, _, _] = self.precisions;
        here
    }

    fn cells(&self) -> usize {
        self.given.field.pattern().size()
    }

    fn log_norm(&self) -> f64 {
        0.5 * self.precisions[0].log_determinant - self.cells() as f64 * self.scale[0]
    }

    /// Derivative of the logarithm of the norm.
    fn norm_slope(&self, by: Hyperparameter) -> f64 {
        let [_, shorter, longer] = &self.precisions;
        match by {
            Hyperparameter::Amplitude => -(self.cells() as f64),
            Hyperparameter::Range => {
                0.25 * (longer.log_determinant - shorter.log_determinant) / RANGE_STEP
            }
        }
    }

    /// Derivative of an entry of the precision.
    fn change(&self, by: Hyperparameter, entry: usize) -> f64 {
        let [here, shorter, longer] = &self.precisions;
        self.weight
            * match by {
                Hyperparameter::Amplitude => -2.0 * here.values[entry],
                Hyperparameter::Range => {
                    0.5 * (longer.values[entry] - shorter.values[entry]) / RANGE_STEP
                }
            }
    }
}

impl Problem<'_> {
    /// The posterior at some hyperparameters; none where a matrix is not positive definite.
    ///
    /// Takes a factorization of all variables, and for each prior three of one map.
    #[must_use]
    pub fn at(&self, scales: &[Scale]) -> Option<Conditional> {
        let priors = self.priors.iter().zip(scales);
        let priors: Vec<Prepared<'_>> = priors
            .map(|(prior, scale)| Prepared::new(prior, *scale))
            .collect::<Option<_>>()?;
        let mut values = self.curvature.to_vec();
        let mut log_evidence = 0.0;
        for prior in &priors {
            for &first in &prior.given.maps {
                self.each(prior, first, |slot, k, _| {
                    values[slot] += prior.weight * prior.precisions[0].values[k];
                });
                log_evidence += prior.log_norm();
            }
            log_evidence += prior.given.log_hyperprior(prior.scale);
        }
        let mut factor = Cholesky::analysed(self.analysis);
        if !factor.factorize(&values) {
            return None;
        }
        let mut deviation = self.slope.to_vec();
        factor.solve(&mut deviation);
        log_evidence += 0.5 * dot(&deviation, self.slope) - 0.5 * factor.log_determinant();
        let mut about_mean = vec![0.0; deviation.len()];
        let mut means = Vec::new();
        for prior in priors.iter().filter(|prior| prior.given.has_free_mean) {
            for &first in &prior.given.maps {
                let (mean, gain) = self.free_mean(prior, first, &factor, &deviation);
                log_evidence += gain;
                for (d, s) in deviation.iter_mut().zip(&mean.shift) {
                    *d += mean.value * s;
                }
                about_mean[first..first + prior.cells()].fill(mean.value);
                means.push(mean);
            }
        }
        for (about, d) in about_mean.iter_mut().zip(&deviation) {
            *about = d - *about;
        }
        let inverse = factor.clone().selected_inverse();
        let mut gradient = Vec::new();
        let mut pulls = Vec::new();
        for prior in &priors {
            for which in [Hyperparameter::Amplitude, Hyperparameter::Range] {
                let (slope, pull) = self.slope(prior, which, &about_mean, &inverse);
                gradient.push(slope);
                pulls.push(pull);
            }
        }
        Some(Conditional {
            log_evidence,
            deviation,
            gradient,
            means,
            pulls,
            precisions: priors.into_iter().map(Prepared::into_precision).collect(),
            factor,
            inverse,
        })
    }

    /// The mean of a map that the data tell, given the maximum about a mean of zero, and what it gains in
    /// evidence.
    fn free_mean(
        &self,
        prior: &Prepared<'_>,
        first: usize,
        factor: &Cholesky,
        deviation: &[f64],
    ) -> (Mean, f64) {
        let mut pull = vec![0.0; deviation.len()];
        self.each(prior, first, |_, k, (i, j)| {
            let value = prior.weight * prior.precisions[0].values[k];
            pull[i] += value;
            if i != j {
                pull[j] += value;
            }
        });
        let mut shift = pull.clone();
        factor.solve(&mut shift);
        let precision = pull.iter().sum::<f64>() - dot(&pull, &shift);
        let wanted = dot(&pull, deviation);
        let value = wanted / precision;
        let mean = Mean {
            value,
            shift,
            precision,
        };
        (mean, 0.5 * wanted * value)
    }

    /// The derivative of the evidence by a hyperparameter, and `P' d`.
    fn slope(
        &self,
        prior: &Prepared<'_>,
        which: Hyperparameter,
        about_mean: &[f64],
        inverse: &SelectedInverse,
    ) -> (f64, Vec<f64>) {
        let mut slope = prior.given.hyperprior_slope(prior.scale)[which as usize];
        let mut pull = vec![0.0; about_mean.len()];
        for &first in &prior.given.maps {
            let mut trace = 0.0;
            self.each(prior, first, |_, k, (i, j)| {
                let change = prior.change(which, k);
                pull[i] += change * about_mean[j];
                if i != j {
                    pull[j] += change * about_mean[i];
                }
                let twice = if i == j { 1.0 } else { 2.0 };
                trace += twice * change * inverse.get(i, j);
            });
            slope += prior.norm_slope(which) - 0.5 * trace;
        }
        (slope - 0.5 * dot(&pull, about_mean), pull)
    }

    /// Visits the entries of a map's precision: the place in the pattern of all, in its own, and the two
    /// variables.
    fn each(
        &self,
        prior: &Prepared<'_>,
        first: usize,
        mut visit: impl FnMut(usize, usize, (usize, usize)),
    ) {
        let own = prior.given.field.pattern();
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

    /// Logarithm of the density of the hyperpriors, but for a constant.
    #[must_use]
    pub fn log_hyperprior(&self, scales: &[Scale]) -> f64 {
        let priors = self.priors.iter().zip(scales);
        priors
            .map(|(prior, scale)| prior.log_hyperprior(*scale))
            .sum()
    }

    /// The most probable hyperparameters, searched from some by a quasi-Newton method (BFGS).
    ///
    /// None where the start gives no posterior.
    #[must_use]
    pub fn choose(&self, start: &[Scale]) -> Option<Choice> {
        let n = 2 * start.len();
        let mut scales = start.to_vec();
        let mut at = self.at(&scales)?;
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
                for s in &mut step {
                    *s *= MAX_STEP / longest;
                }
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
        Some(Choice { scales, at })
    }

    /// The curvature of minus the log evidence at some hyperparameters, from differences of the
    /// gradient: at the maximum, the inverse of their covariance.
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
            for s in &mut shift {
                *s = -*s;
            }
            shift
        };
        self.pulls.iter().map(shift).collect()
    }

    /// How far a prior draws the variables, from where they would be without it, to first order:
    /// `(H + P)⁻¹ P d`, half of how d changes with the logarithm of the amplitude.
    #[must_use]
    pub fn drawn(&self, prior: usize) -> Vec<f64> {
        let mut drawn = self.pulls[2 * prior].clone();
        self.factor.solve(&mut drawn);
        for d in &mut drawn {
            *d *= -0.5;
        }
        drawn
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
    fn log_hyperprior(&self, [amplitude, range]: Scale) -> f64 {
        let [rate, length] = self.rates();
        amplitude - rate * amplitude.exp() - range - length * (-range).exp()
    }

    fn hyperprior_slope(&self, [amplitude, range]: Scale) -> Scale {
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
