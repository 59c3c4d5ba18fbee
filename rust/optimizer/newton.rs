//! Damped Newton steps on the variables that are free, with the others held at their bounds.

use std::time::Instant;

use super::{Cholesky, Curvature, Objective, Report, Settings, Status, dot, mask};

/// Fraction of the linear prediction that a step must gain (Armijo's condition; Nocedal & Wright,
/// Numerical Optimization, 2006, eq. 3.4).
const SUFFICIENT_DECREASE: f64 = 1e-4;
/// How often a step is halved before it is given up.
const MAX_HALVINGS: usize = 40;
/// How often the set of held variables is corrected within one step.
const MAX_BOUND_CORRECTIONS: usize = 10;
/// Fraction of what the step before was predicted to gain below which a step with the last factorization
/// is tried, and below which it is taken: variables come nearer by the root of that, in a fifth of the time
/// of a Newton step.
const GOOD_AGAIN: [f64; 2] = [0.01, 0.05];
/// Fraction of the tolerance that the last step has to be predicted to gain if it is one of these.
const AGAIN_NEARER: f64 = 1e-2;
/// Relative rounding error of a value that is a sum of many terms.
const VALUE_NOISE: f64 = 1e-14;
/// Minimises `objective` from `x`, which is moved to its minimum within the bounds.
///
/// Each iteration takes the step to the minimum of the quadratic model within the bounds, halved
/// until the value decreases sufficiently. Where the Hessian is not positive definite, the expected
/// curvature takes its place. `interrupt` is asked after each iteration whether to stop.
///
/// A variable starts no lower than its bound. The time is that of the factorizations: one per
/// iteration where no bound is crossed.
pub fn minimize(
    objective: &impl Objective,
    x: &mut [f64],
    settings: &Settings,
    interrupt: &mut dyn FnMut() -> bool,
) -> Report {
    let started = Instant::now();
    for (x, bound) in x.iter_mut().zip(objective.lower_bounds()) {
        *x = x.max(*bound);
    }
    let mut newton = Newton::new(objective);
    let mut report = Report {
        status: Status::MaxIterations,
        value: objective.value(x),
        iterations: 0,
        factorizations: 0,
    };
    let (mut before, mut is_close) = (0.0, false);
    while report.iterations < settings.max_iterations {
        objective.gradient(x, &mut newton.gradient);
        // Below the noise of the value, a decrease can neither be seen nor be asked for.
        let noise = VALUE_NOISE * report.value.abs();
        // As long as each step with the last factor gains far less than the one before, the next
        // factorization would not be worth its time.
        let mut moved = None;
        if is_close
            && let Some(predicted) = newton.step_again(x)
            && predicted <= GOOD_AGAIN[1] * before
        {
            let value = newton.search(x, report.value, noise);
            moved = value.map(|value| (predicted, value));
        }
        let is_again = moved.is_some();
        for which in [Curvature::Exact, Curvature::Expected] {
            if moved.is_some() {
                break;
            }
            let Some(predicted) = newton.step(x, which) else {
                continue;
            };
            moved = newton
                .search(x, report.value, noise)
                .map(|value| (predicted, value));
        }
        report.factorizations = newton.factorizations;
        let Some((predicted, value)) = moved else {
            report.status = Status::Stalled;
            break;
        };
        report.iterations += 1;
        is_close = is_again || predicted <= GOOD_AGAIN[0] * before;
        before = predicted;
        report.value = value;
        // A Newton step leaves the square of what it was from the minimum, one with the last factorization a
        // part: it has to begin nearer.
        let nearer = if is_again { AGAIN_NEARER } else { 1.0 };
        if predicted <= nearer * settings.tolerance {
            report.status = Status::Converged;
            break;
        }
        if interrupt() {
            report.status = Status::Interrupted;
            break;
        }
        if settings
            .max_time
            .is_some_and(|most| started.elapsed() >= most)
        {
            report.status = Status::MaxTime;
            break;
        }
    }
    report
}

/// The workspace of a minimisation.
struct Newton<'a, O: Objective> {
    objective: &'a O,
    cholesky: Cholesky,
    is_factorized: bool,
    factorizations: usize,
    gradient: Vec<f64>,
    step: Vec<f64>,
    product: Vec<f64>,
    trial: Vec<f64>,
    held: Vec<bool>,
    curvature: Vec<f64>,
    masked: Vec<f64>,
}

impl<'a, O: Objective> Newton<'a, O> {
    fn new(objective: &'a O) -> Self {
        let pattern = objective.pattern();
        let size = pattern.size();
        Self {
            objective,
            cholesky: Cholesky::new(pattern),
            is_factorized: false,
            factorizations: 0,
            gradient: vec![0.0; size],
            step: vec![0.0; size],
            product: vec![0.0; size],
            trial: vec![0.0; size],
            held: vec![false; size],
            curvature: vec![0.0; pattern.len()],
            masked: vec![0.0; pattern.len()],
        }
    }

    /// Computes the step from `x` and returns by how much it is predicted to lower the value; none
    /// if this curvature gives no step that does.
    ///
    /// The step minimises the quadratic model within the bounds, by the primal-dual active set
    /// method (Hintermüller, Ito & Kunisch, SIAM J. Optim. 13, 865, 2002): variables that cross
    /// their bound are held on it, held variables that the model pushes inwards are released.
    fn step(&mut self, x: &[f64], which: Curvature) -> Option<f64> {
        let objective = self.objective;
        let bounds = objective.lower_bounds();
        objective.curvature(x, which, &mut self.curvature);
        self.step.fill(0.0);
        for i in 0..x.len() {
            self.held[i] = x[i] <= bounds[i] && self.gradient[i] > 0.0;
        }
        for _ in 0..MAX_BOUND_CORRECTIONS {
            for &i in objective.pinned() {
                self.held[i] = true;
            }
            if !self.solve() {
                return None;
            }
            let mut changed = false;
            for i in 0..x.len() {
                if bounds[i] == f64::NEG_INFINITY {
                    continue;
                }
                if !self.held[i] && x[i] + self.step[i] < bounds[i] {
                    self.held[i] = true;
                    self.step[i] = bounds[i] - x[i];
                    changed = true;
                } else if self.held[i] && self.gradient[i] + self.product[i] < 0.0 {
                    self.held[i] = false;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let slope = dot(&self.gradient, &self.step);
        let predicted = -slope - 0.5 * dot(&self.step, &self.product);
        (slope <= 0.0 && predicted.is_finite()).then_some(predicted.max(0.0))
    }

    /// Computes a step from `x` with the last factorization and the same variables held (the chord method:
    /// Ortega & Rheinboldt, Iterative Solution of Nonlinear Equations in Several Variables, 1970), and
    /// returns by how much it is predicted to lower the value; none if there is no such factorization, or
    /// other variables would have to be held.
    fn step_again(&mut self, x: &[f64]) -> Option<f64> {
        if !self.is_factorized {
            return None;
        }
        let bounds = self.objective.lower_bounds();
        for i in 0..x.len() {
            self.step[i] = if self.held[i] { 0.0 } else { -self.gradient[i] };
        }
        self.cholesky.solve(&mut self.step);
        let keeps = |i: usize| {
            let is_bounded = bounds[i] > f64::NEG_INFINITY;
            !is_bounded
                || if self.held[i] {
                    x[i] <= bounds[i] && self.gradient[i] >= 0.0
                } else {
                    x[i] + self.step[i] >= bounds[i]
                }
        };
        let predicted = -0.5 * dot(&self.gradient, &self.step);
        ((0..x.len()).all(keeps) && predicted >= 0.0).then_some(predicted)
    }

    /// Solves for the step of the variables that are not held, given the steps of those that are,
    /// and for the product of curvature and step; false if the matrix is not positive definite.
    fn solve(&mut self) -> bool {
        let pattern = self.objective.pattern();
        // Held variables keep their step: their rows and columns become those of the identity, and
        // what their step does to the others goes to the right-hand side.
        for (step, held) in self.step.iter_mut().zip(&self.held) {
            if !held {
                *step = 0.0;
            }
        }
        self.product.fill(0.0);
        if self.step.iter().any(|step| *step != 0.0) {
            pattern.multiply_add(&self.curvature, &self.step, &mut self.product);
        }
        for i in 0..self.step.len() {
            if !self.held[i] {
                self.step[i] = -self.gradient[i] - self.product[i];
            }
        }
        self.masked.copy_from_slice(&self.curvature);
        mask(pattern, &mut self.masked, &self.held);
        self.factorizations += 1;
        self.is_factorized = self.cholesky.factorize(&self.masked);
        if !self.is_factorized {
            return false;
        }
        self.cholesky.solve(&mut self.step);
        self.product.fill(0.0);
        pattern.multiply_add(&self.curvature, &self.step, &mut self.product);
        self.step.iter().all(|step| step.is_finite())
    }

    /// Moves `x` along the step, halved until the value decreases sufficiently; returns the new
    /// value, or none if it never does.
    fn search(&mut self, x: &mut [f64], value: f64, noise: f64) -> Option<f64> {
        let bounds = self.objective.lower_bounds();
        let slope = dot(&self.gradient, &self.step);
        let mut fraction = 1.0;
        for _ in 0..MAX_HALVINGS {
            for i in 0..x.len() {
                self.trial[i] = (x[i] + fraction * self.step[i]).max(bounds[i]);
            }
            let trial = self.objective.value(&self.trial);
            if trial <= value + SUFFICIENT_DECREASE * fraction * slope + noise {
                x.copy_from_slice(&self.trial);
                return Some(trial);
            }
            fraction *= 0.5;
        }
        None
    }
}
