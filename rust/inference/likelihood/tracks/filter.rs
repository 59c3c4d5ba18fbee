//! The Kalman filter along one track, its derivatives, and its sensitivities.
//!
//! Over a step of lag `τ`, a molecule at x drifts with `a(x) = D (w + G (x − p))`, linear about the
//! place p (`w` is the force there, or the drift if D is left out), and diffuses with D, that of p.
//! By local linearisation (Ozaki, Stat. Sinica 2, 113, 1992; Biscay et al., Ann. Inst. Stat. Math. 48,
//! 631, 1996), to second order in `M = D τ G` and with `t = tr M / d`, the next position has
//!
//! ```text
//! mean x + (1 + M/2) τ a(x),   variance P = (1 + t + t²/2)² p + 2 D τ (1 + t + ⅔ t²),
//! ```
//!
//! where p is the variance of x. A localization is the average of the position over the exposure `t_E`
//! that ends with it, and noise of variance σ². The average lags behind: its covariance with the
//! position at the end is `P − D t_E`, and its variance `P − 4/3 D t_E + σ²` (Berglund, Phys. Rev. E
//! 82, 011917, 2010; Michalet & Berglund, Phys. Rev. E 85, 061916, 2012).

use crate::inference::likelihood::dot;

/// How the field of a model moves molecules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mobility {
    /// With the velocity that the field is.
    One,
    /// With the field times D: it is a force, in kT/µm.
    Diffusivity,
}

/// Most that `|t|` may be: beyond, a step is longer than the landscape is steady.
const MAX_TRACE: f64 = 0.5;

/// A step as the data tell it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<const D: usize> {
    /// Time between the two localizations, s.
    pub(super) lag: f64,
    /// The second localization, µm.
    pub(super) seen: [f64; D],
    /// Its σ², µm².
    pub(super) noise: f64,
    /// The place p about which the field is linear, µm.
    pub(super) about: [f64; D],
    /// Whether its innovation counts.
    pub(super) counts: bool,
}

/// The maps at the place of a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local<const D: usize> {
    /// Logarithm of D, in µm²/s.
    pub(super) log_d: f64,
    /// w
    pub(super) field: [f64; D],
    /// G; row a is the gradient of component a.
    pub(super) slope: [[f64; D]; D],
}

/// Derivatives by the [`Local`] of a step.
pub(super) type ByLocal<const D: usize> = Local<D>;

/// What is known of the position before a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct State<const D: usize> {
    pub(super) mean: [f64; D],
    pub(super) variance: f64,
}

/// A step of the filter, with all that its derivatives need.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filtered<const D: usize> {
    pub(super) before: State<D>,
    pub(super) after: State<D>,
    /// e
    pub(super) innovation: [f64; D],
    /// S
    pub(super) variance: f64,
    /// K
    pub(super) gain: f64,
    /// D
    diffusivity: f64,
    /// D, or 1: what the field is multiplied with.
    mobility: f64,
    /// `w + G (x − p)`
    field: [f64; D],
    /// `τ a`
    drift: [f64; D],
    /// M
    jacobian: [[f64; D]; D],
    /// t, and whether it was cut off.
    trace: f64,
    is_cut: bool,
}

/// The camera, and what the field does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filter {
    pub(super) mobility: Mobility,
    /// `t_E`, s.
    pub(super) exposure: f64,
}

impl Filter {
    /// What is known of the position at the first localization of a track, of noise σ², with nothing
    /// known before.
    pub(super) fn first<const D: usize>(&self, seen: [f64; D], noise: f64, log_d: f64) -> State<D> {
        State {
            mean: seen,
            variance: noise + 2.0 / 3.0 * log_d.exp() * self.exposure,
        }
    }

    pub(super) fn step<const D: usize>(
        &self,
        before: State<D>,
        step: &Step<D>,
        local: &Local<D>,
    ) -> Filtered<D> {
        let diffusivity = local.log_d.exp();
        let mobility = match self.mobility {
            Mobility::One => 1.0,
            Mobility::Diffusivity => diffusivity,
        };
        let from = difference(&before.mean, &step.about);
        let mut field = local.field;
        let mut jacobian = local.slope;
        for (field, row) in field.iter_mut().zip(&mut jacobian) {
            *field += dot(row, &from);
            for g in row {
                *g *= mobility * step.lag;
            }
        }
        let drift = field.map(|f| mobility * step.lag * f);
        let full = (0..D).map(|a| jacobian[a][a]).sum::<f64>() / D as f64;
        let trace = full.clamp(-MAX_TRACE, MAX_TRACE);
        let spread = 2.0 * diffusivity * step.lag;
        let predicted_variance = before.variance * growth(trace).powi(2)
            + spread * (1.0 + trace + 2.0 / 3.0 * trace * trace);
        let blur = diffusivity * self.exposure;
        let variance = predicted_variance - 4.0 / 3.0 * blur + step.noise;
        let gain = (predicted_variance - blur) / variance;
        let mut mean = before.mean;
        let mut innovation = [0.0; D];
        for a in 0..D {
            mean[a] += drift[a] + 0.5 * dot(&jacobian[a], &drift);
            let during_exposure = 0.5 * self.exposure / step.lag * drift[a];
            innovation[a] = step.seen[a] - mean[a] + during_exposure;
            mean[a] += gain * innovation[a];
        }
        Filtered {
            before,
            after: State {
                mean,
                variance: predicted_variance - gain * gain * variance,
            },
            innovation,
            variance,
            gain,
            diffusivity,
            mobility,
            field,
            drift,
            jacobian,
            trace,
            is_cut: full.abs() > MAX_TRACE,
        }
    }

    /// Takes the derivatives by the state after a step back to those by the state before, which replace
    /// them, and by the local maps; those of the step's own term in the likelihood are added.
    pub(super) fn step_back<const D: usize>(
        &self,
        filtered: &Filtered<D>,
        step: &Step<D>,
        local: &Local<D>,
        by: &mut State<D>,
    ) -> ByLocal<D> {
        let Filtered {
            innovation: e,
            variance: s,
            gain: k,
            trace: t,
            ..
        } = *filtered;
        let counts = if step.counts { 1.0 } else { 0.0 };
        let by_gain = dot(&by.mean, &e);
        let by_covariance = by_gain / s - 2.0 * k * by.variance;
        let by_s = k * k * by.variance - by_gain * k / s
            + counts * (0.5 * D as f64 / s - 0.5 * dot(&e, &e) / (s * s));
        let by_p = by.variance + by_covariance + by_s;
        let mut by_d = -self.exposure * (by_covariance + 4.0 / 3.0 * by_s)
            + by_p * 2.0 * step.lag * (1.0 + t + 2.0 / 3.0 * t * t);
        let by_t = if filtered.is_cut {
            0.0
        } else {
            let spread = 2.0 * filtered.diffusivity * step.lag;
            by_p * (2.0 * filtered.before.variance * growth(t) * (1.0 + t)
                + spread * (1.0 + 4.0 / 3.0 * t))
        };
        // e = seen − m + …, x' = m + K e.
        let mut by_drift = [0.0; D];
        let mut by_mean = [0.0; D];
        for a in 0..D {
            let by_e = k * by.mean[a] + counts * e[a] / s;
            by_mean[a] = by.mean[a] - by_e;
            by_drift[a] = by_mean[a] + 0.5 * self.exposure / step.lag * by_e;
        }
        let mut by_jacobian = [[0.0; D]; D];
        for a in 0..D {
            for b in 0..D {
                by_drift[b] += 0.5 * filtered.jacobian[a][b] * by_mean[a];
                by_jacobian[a][b] = 0.5 * by_mean[a] * filtered.drift[b];
            }
            by_jacobian[a][a] += by_t / D as f64;
        }
        let from = difference(&filtered.before.mean, &step.about);
        let factor = filtered.mobility * step.lag;
        let by_field = by_drift.map(|by| factor * by);
        let mut by_slope = [[0.0; D]; D];
        let mut by_mobility = step.lag * dot(&by_drift, &filtered.field);
        let mut by_before = by_mean;
        for a in 0..D {
            by_mobility += step.lag * dot(&by_jacobian[a], &local.slope[a]);
            for b in 0..D {
                by_slope[a][b] = factor * by_jacobian[a][b] + by_field[a] * from[b];
                by_before[b] += local.slope[a][b] * by_field[a];
            }
        }
        if self.mobility == Mobility::Diffusivity {
            by_d += by_mobility;
        }
        *by = State {
            mean: by_before,
            variance: by_p * growth(t).powi(2),
        };
        Local {
            log_d: filtered.diffusivity * by_d,
            field: by_field,
            slope: by_slope,
        }
    }

    /// How the state after a step and its innovation change with a variable, given how the state before
    /// and the local maps do.
    pub(super) fn vary<const D: usize>(
        &self,
        filtered: &Filtered<D>,
        step: &Step<D>,
        local: &Local<D>,
        before: &State<D>,
        change: Option<&Local<D>>,
    ) -> Variation<D> {
        let t = filtered.trace;
        let factor = filtered.mobility * step.lag;
        let mut d_variance = before.variance * growth(t).powi(2);
        let mut d_drift = [0.0; D];
        for (a, drift) in d_drift.iter_mut().enumerate() {
            *drift = factor * dot(&local.slope[a], &before.mean);
        }
        let mut d_jacobian = [[0.0; D]; D];
        let mut d_diffusivity = 0.0;
        if let Some(change) = change {
            d_diffusivity = filtered.diffusivity * change.log_d;
            let from = difference(&filtered.before.mean, &step.about);
            let relative = match self.mobility {
                Mobility::One => 0.0,
                Mobility::Diffusivity => change.log_d,
            };
            let mut d_trace = 0.0;
            for a in 0..D {
                d_drift[a] += factor * (change.field[a] + dot(&change.slope[a], &from))
                    + relative * filtered.drift[a];
                d_jacobian[a] = std::array::from_fn(|b| {
                    factor * change.slope[a][b] + relative * filtered.jacobian[a][b]
                });
                d_trace += d_jacobian[a][a] / D as f64;
            }
            let spread = 2.0 * filtered.diffusivity * step.lag;
            d_variance += change.log_d * spread * (1.0 + t + 2.0 / 3.0 * t * t);
            if !filtered.is_cut {
                d_variance += d_trace
                    * (2.0 * filtered.before.variance * growth(t) * (1.0 + t)
                        + spread * (1.0 + 4.0 / 3.0 * t));
            }
        }
        let d_blur = d_diffusivity * self.exposure;
        let d_s = d_variance - 4.0 / 3.0 * d_blur;
        let d_covariance = d_variance - d_blur;
        let k = filtered.gain;
        let d_gain = (d_covariance - k * d_s) / filtered.variance;
        let mut varied = Variation {
            after: State {
                mean: before.mean,
                variance: d_variance - 2.0 * k * d_covariance + k * k * d_s,
            },
            innovation: [0.0; D],
            variance: d_s,
        };
        for a in 0..D {
            let d_mean = before.mean[a]
                + d_drift[a]
                + 0.5 * dot(&filtered.jacobian[a], &d_drift)
                + 0.5 * dot(&d_jacobian[a], &filtered.drift);
            let d_e = 0.5 * self.exposure / step.lag * d_drift[a] - d_mean;
            varied.innovation[a] = d_e;
            varied.after.mean[a] = d_mean + k * d_e + filtered.innovation[a] * d_gain;
        }
        varied
    }
}

/// How a step of the filter changes with a variable.
#[derive(Debug, Clone, Copy)]
pub(super) struct Variation<const D: usize> {
    pub(super) after: State<D>,
    pub(super) innovation: [f64; D],
    pub(super) variance: f64,
}

impl<const D: usize> Filtered<D> {
    /// The step's term in the negative log likelihood.
    pub(super) fn value(&self) -> f64 {
        0.5 * D as f64 * (std::f64::consts::TAU * self.variance).ln()
            + 0.5 * dot(&self.innovation, &self.innovation) / self.variance
    }
}

/// What a deviation of the position grows by over a step.
fn growth(trace: f64) -> f64 {
    1.0 + trace + 0.5 * trace * trace
}

fn difference<const D: usize>(a: &[f64; D], b: &[f64; D]) -> [f64; D] {
    std::array::from_fn(|d| a[d] - b[d])
}
