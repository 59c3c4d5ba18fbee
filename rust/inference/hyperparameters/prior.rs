//! A prior with a length scale, and what is expected of its amplitude and range.

use crate::operators::{FieldPrecision, Matern};

/// Step of `ln ρ` for derivatives of the precision.
const RANGE_STEP: f64 = 1e-3;

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

impl Scaled {
    pub(super) fn log_hyperprior(&self, [amplitude, range]: Scale) -> f64 {
        let [rate, length] = self.rates();
        amplitude - rate * amplitude.exp() - range - length * (-range).exp()
    }

    pub(super) fn hyperprior_slope(&self, [amplitude, range]: Scale) -> Scale {
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

/// A prior at some hyperparameters.
pub(super) struct Prepared<'a> {
    pub(super) given: &'a Scaled,
    pub(super) scale: Scale,
    /// Inverse square of the amplitude.
    pub(super) weight: f64,
    /// Of variance 1: at the range, and at slightly shorter and longer ones.
    pub(super) precisions: [FieldPrecision; 3],
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Hyperparameter {
    Amplitude,
    Range,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(given: &'a Scaled, scale: Scale) -> Option<Self> {
        let near = |step: f64| given.field.precision((scale[1] + step).exp());
        Some(Self {
            given,
            scale,
            weight: (-2.0 * scale[0]).exp(),
            precisions: [near(0.0)?, near(-RANGE_STEP)?, near(RANGE_STEP)?],
        })
    }

    /// The precision at the range itself.
    pub(super) fn into_precision(self) -> FieldPrecision {
        let [here, _, _] = self.precisions;
        here
    }

    pub(super) fn cells(&self) -> usize {
        self.given.field.pattern().size()
    }

    pub(super) fn log_norm(&self) -> f64 {
        0.5 * self.precisions[0].log_determinant - self.cells() as f64 * self.scale[0]
    }

    /// Derivative of the logarithm of the norm.
    pub(super) fn norm_slope(&self, by: Hyperparameter) -> f64 {
        let [_, shorter, longer] = &self.precisions;
        match by {
            Hyperparameter::Amplitude => -(self.cells() as f64),
            Hyperparameter::Range => {
                0.25 * (longer.log_determinant - shorter.log_determinant) / RANGE_STEP
            }
        }
    }

    /// Derivative of an entry of the precision.
    pub(super) fn change(&self, by: Hyperparameter, entry: usize) -> f64 {
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
