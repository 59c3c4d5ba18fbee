//! The most probable hyperparameters, and how well they are known.

use super::{Conditional, Problem, Scale};

/// Most that a hyperparameter, a logarithm, changes at once.
const MAX_STEP: f64 = 1.0;
/// The search ends with a step that stands to gain less than this, in nats.
const TOLERANCE: f64 = 1e-3;
const MAX_STEPS: usize = 40;
/// Step of hyperparameters for the curvature of their evidence.
const CURVATURE_STEP: f64 = 0.05;

/// Hyperparameters that were found.
pub struct Choice {
    /// Amplitude and range of each prior, logarithms.
    pub scales: Vec<Scale>,
    /// The posterior at these.
    pub at: Conditional,
}

impl Problem<'_> {
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
