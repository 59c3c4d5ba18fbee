use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tramway::inference::{Parameters, Posterior, Trial, choose_priors};
use tramway::operators::Smoothness;
use tramway::optimizer::{Settings, Status, minimize};
use tramway::statistics::CellStatistics;

use crate::support::lattice;

const LAG: f64 = 0.02;

/// Cells 0.2 µm apart, with `count` displacements in each, drawn from the model for these fields: the
/// diffusivity at a place, and the force there.
fn draw(
    side: usize,
    count: usize,
    smoothness: Smoothness,
    fields: impl Fn([f64; 2]) -> (f64, [f64; 2]),
) -> Posterior<2> {
    let patch = lattice(side, side, 0.2);
    let mut rng = ChaCha8Rng::seed_from_u64(side as u64);
    let (mut cell, mut displacements) = (vec![], vec![]);
    for (i, &center) in patch.centers.iter().enumerate() {
        let (d, force) = fields(center);
        for _ in 0..count {
            cell.push(i as i64);
            displacements.push(force.map(|f| {
                d * f * LAG + (2.0 * d * LAG).sqrt() * rng.sample::<f64, _>(StandardNormal)
            }));
        }
    }
    let lags = vec![LAG; cell.len()];
    let statistics =
        CellStatistics::new(patch.centers.len(), &cell, &displacements, &lags).unwrap();
    let parameters = Parameters {
        localization_precision: 0.0,
        diffusivity_prior: 1.0,
        field_prior: 1.0,
        min_diffusivity: 0.0,
        smoothness,
    };
    patch.potential(&statistics, parameters).unwrap()
}

fn choose(posterior: &mut Posterior<2>) -> Vec<Trial> {
    let mut x = posterior.start();
    let settings = Settings::default();
    let (trials, report) = choose_priors(posterior, &mut x, &[true; 2], &settings, &mut || false);
    assert_eq!(report.status, Status::Converged);
    // What is left in the posterior and in `x` is the best trial, at its minimum.
    let best = trials.last().unwrap();
    assert_eq!(posterior.prior_weights(), best.weights);
    assert!(
        trials
            .iter()
            .all(|trial| trial.log_evidence <= best.log_evidence)
    );
    let again = minimize(posterior, &mut x, &settings, &mut || false);
    assert!((again.value - report.value).abs() < 1e-6);
    trials
}

/// A wave of the potential or the diffusivity, 1.5 µm long.
fn wave([x, _]: [f64; 2]) -> (f64, f64) {
    (std::f64::consts::TAU * x / 1.5).sin_cos()
}

#[test]
fn flat_maps_end_where_more_weight_gains_nothing_after_a_few_trials() {
    // Number of trials: what it is (8 at most), with room. One trial takes about two fits, so that ten
    // keep within the 25 fits promised.
    for side in [3, 10, 30] {
        for smoothness in [Smoothness::First, Smoothness::Second] {
            let flat = |_| (0.1, [0.0; 2]);
            let potential_only = |at| (0.1, [15.0 * wave(at).1, 0.0]);
            let diffusivity_only = |at| (0.1 + 0.05 * wave(at).0, [0.0; 2]);
            let both = |at| (0.1 + 0.05 * wave(at).0, [15.0 * wave(at).1, 0.0]);
            let trials = [
                choose(&mut draw(side, 60, smoothness, flat)).len(),
                choose(&mut draw(side, 60, smoothness, potential_only)).len(),
                choose(&mut draw(side, 60, smoothness, diffusivity_only)).len(),
                choose(&mut draw(side, 60, smoothness, both)).len(),
            ];
            assert!(
                trials.iter().all(|&n| n <= 10),
                "{side} {smoothness:?} {trials:?}"
            );
        }
    }
}

#[test]
fn a_few_displacements_end_as_well() {
    for count in [1, 2, 3] {
        let mut posterior = draw(2, count, Smoothness::First, |_| (0.1, [0.0; 2]));
        let trials = choose(&mut posterior);
        assert!(trials.len() <= 10, "{}", trials.len());
        assert!(trials.iter().all(|trial| trial.log_evidence.is_finite()));
    }
}
