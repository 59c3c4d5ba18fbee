use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tramway::inference::{Estimate, Laplace, Model, Parameters, Posterior};
use tramway::operators::QuadraticForm;
use tramway::optimizer::{Objective, Status};
use tramway::statistics::CellStatistics;
use tramway::tessellation::Adjacency;

use crate::cellwise::{SMOOTHED, UNSMOOTHED, row, solve};
use crate::support::displacements;

#[test]
fn the_force_without_a_penalty_is_the_optimum_of_its_own_posterior() {
    let statistics = displacements::<2>(6, 20, 2).statistics(6);
    let parameters = Parameters {
        field_prior: 0.0,
        ..SMOOTHED
    };
    let mut posterior: Posterior<2> = row(Model::Force, &statistics, parameters);
    let estimate = solve(&mut posterior);
    let x = [estimate.diffusivity.clone(), estimate.vector.concat()].concat();
    let mut gradient = vec![0.0; x.len()];
    posterior.gradient(&x, &mut gradient);
    assert!(gradient.iter().all(|g| g.abs() < 1e-6), "{gradient:?}");
    assert!((posterior.value(&x) - estimate.report.value).abs() < 1e-9);
    let laplace = Laplace::new(&posterior, &x).unwrap();
    let covariance = laplace.covariance();
    for cell in 0..6 {
        for axis in 0..2 {
            let variable = 6 + 2 * cell + axis;
            let std = covariance.get(variable, variable).sqrt();
            assert!((estimate.vector_std[cell][axis] / std - 1.0).abs() < 1e-6);
        }
    }
}

/// Draws `per_cell` displacements of every cell from the model itself.
fn draw<const D: usize>(
    model: Model,
    d: &[f64],
    u: &[[f64; D]],
    per_cell: usize,
    seed: u64,
) -> CellStatistics<D> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut cell, mut dr, mut lags) = (vec![], vec![], vec![]);
    for i in 0..d.len() {
        for k in 0..per_cell {
            let lag = if k % 4 == 0 { 0.04 } else { 0.02 };
            let std = (2.0 * (d[i] * lag + UNSMOOTHED.localization_precision.powi(2))).sqrt();
            cell.push(i as i64);
            lags.push(lag);
            dr.push(u[i].map(|u| {
                model.mobility(d[i])[0] * lag * u + std * rng.sample::<f64, _>(StandardNormal)
            }));
        }
    }
    CellStatistics::new(d.len(), &cell, &dr, &lags).unwrap()
}

#[test]
fn each_model_recovers_its_own_simulation_within_its_error_bars() {
    // 400 cells of 400 displacements: errors divided by their error bars are standard normal, but
    // for O(1/√400) of skewness. The mean of 400 squares has the standard deviation √(2/400) = 0.07,
    // that of 1,200 components 0.04: both are within 4 of them of 1, and the means of the
    // errors, of standard deviation 0.05 and 0.03, within 4 of them of a bias of 0.05.
    fn check(model: Model) {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let d: Vec<f64> = (0..400).map(|_| rng.random_range(0.05..0.5)).collect();
        let u: Vec<[f64; 3]> = (0..400)
            .map(|_| std::array::from_fn(|_| rng.random_range(-5.0..5.0)))
            .collect();
        let mut posterior = row::<3>(model, &draw::<3>(model, &d, &u, 400, 11), UNSMOOTHED);
        let found = solve(&mut posterior);
        assert_eq!(found.report.status, Status::Converged);
        let of_d: Vec<f64> = (0..400)
            .map(|i| (found.diffusivity[i] - d[i]) / found.diffusivity_std[i])
            .collect();
        let of_u: Vec<f64> = (0..400)
            .flat_map(|i| (0..3).map(move |k| (i, k)))
            .map(|(i, k)| (found.vector[i][k] - u[i][k]) / found.vector_std[i][k])
            .collect();
        for errors in if model.has_vector() {
            vec![of_d, of_u]
        } else {
            vec![of_d]
        } {
            let n = errors.len() as f64;
            let mean = errors.iter().sum::<f64>() / n;
            let square = errors.iter().map(|z| z * z).sum::<f64>() / n;
            assert!(
                (square - 1.0).abs() < 4.0 * (2.0 / n).sqrt(),
                "⟨z²⟩ = {square}"
            );
            assert!(mean.abs() < 0.05 + 4.0 / n.sqrt(), "⟨z⟩ = {mean}");
        }
    }
    check(Model::Diffusivity);
    check(Model::Drift);
    check(Model::Force);
}

#[test]
fn the_evidence_is_the_integral_of_the_posterior_with_its_priors_norms() {
    // Two cells with D only: F integrated over both by Simpson's rule, over ±8 standard deviations.
    // The prior of the difference is Gaussian with the weight of the one edge of the variation.
    let statistics = draw::<2>(Model::Diffusivity, &[0.2, 0.25], &[[0.0; 2]; 2], 4000, 5);
    let parameters = Parameters {
        diffusivity_prior: 300.0,
        ..UNSMOOTHED
    };
    let mut posterior: Posterior<2> = row(Model::Diffusivity, &statistics, parameters);
    let estimate = solve(&mut posterior);
    let adjacency = Adjacency::new(vec![0, 1, 2], vec![1, 0]).unwrap();
    let variation = QuadraticForm::of_slopes(&[[0.0, 0.0], [1.0, 0.0]], &adjacency, &[0.5; 2]);
    let weight = 300.0 * variation.values()[0];
    let integral = simpson(&estimate, 0, |a| {
        simpson(&estimate, 1, |b| {
            (estimate.report.value - posterior.value(&[a, b])).exp()
        })
    });
    let exact = integral.ln() - estimate.report.value + 0.5 * (weight / std::f64::consts::PI).ln();
    // Laplace's method is exact to O(1/n) = 1e-3, here with a factor of order one.
    assert!(
        (estimate.log_evidence - exact).abs() < 2e-3,
        "{} {exact}",
        estimate.log_evidence
    );

    // One cell with a drift, whose likelihood and prior are Gaussian in v for each D.
    let statistics = draw::<2>(Model::Drift, &[0.2], &[[2.0, -1.0]], 4000, 6);
    let parameters = Parameters {
        diffusivity_prior: 1.0,
        field_prior: 0.3,
        ..UNSMOOTHED
    };
    let mut posterior: Posterior<2> = row(Model::Drift, &statistics, parameters);
    let estimate = solve(&mut posterior);
    let precision = 2.0 * 0.3 * 0.5;
    let integral = simpson(&estimate, 0, |d| {
        let (mut log, mut information, mut sum) = (0.0, precision, [0.0; 2]);
        for g in statistics.cell(0) {
            let w = d * g.lag + UNSMOOTHED.localization_precision.powi(2);
            log += -g.count * (4.0 * std::f64::consts::PI * w).ln() - g.sum_of_squares / (4.0 * w);
            information += g.count * g.lag * g.lag / (2.0 * w);
            for (sum, of_group) in sum.iter_mut().zip(g.sum) {
                *sum += of_group * g.lag / (2.0 * w);
            }
        }
        log += (precision / information).ln()
            + sum.iter().map(|s| s * s).sum::<f64>() / (2.0 * information);
        (log + estimate.report.value).exp()
    });
    let exact = integral.ln() - estimate.report.value;
    assert!(
        (estimate.log_evidence - exact).abs() < 2e-3,
        "{} {exact}",
        estimate.log_evidence
    );
}

/// Integral over the D of a cell, within eight standard deviations.
fn simpson(estimate: &Estimate<2>, cell: usize, f: impl Fn(f64) -> f64) -> f64 {
    let (center, std) = (estimate.diffusivity[cell], estimate.diffusivity_std[cell]);
    let step = 16.0 * std / 100.0;
    let weight = |i: i32| match i {
        0 | 100 => 1.0,
        i if i % 2 == 1 => 4.0,
        _ => 2.0,
    };
    (0..=100)
        .map(|i| weight(i) * f(center - 8.0 * std + step * f64::from(i)))
        .sum::<f64>()
        * step
        / 3.0
}

#[test]
fn an_improper_prior_has_no_evidence() {
    let statistics = displacements::<2>(6, 20, 2).statistics(6);
    assert!(
        solve(&mut row::<2>(Model::Diffusivity, &statistics, UNSMOOTHED))
            .log_evidence
            .is_nan()
    );
    assert!(
        solve(&mut row::<2>(Model::Drift, &statistics, SMOOTHED))
            .log_evidence
            .is_finite()
    );
    let flat = Parameters {
        field_prior: 0.0,
        ..SMOOTHED
    };
    assert!(
        solve(&mut row::<2>(Model::Drift, &statistics, flat))
            .log_evidence
            .is_nan()
    );
}

#[test]
fn a_posterior_knows_how_many_displacements_there_are_and_their_median_lag() {
    let of = |lags: &[f64]| {
        let cell: Vec<i64> = (0..lags.len()).map(|k| [0, 2, 2][k % 3]).collect();
        let displacements = vec![[0.1, 0.2]; lags.len()];
        let statistics = CellStatistics::new(3, &cell, &displacements, lags).unwrap();
        let posterior: Posterior<2> = row(Model::Drift, &statistics, UNSMOOTHED);
        (posterior.counts(), posterior.median_lag())
    };
    // The cell in the middle is empty. Of lags with the same rank it is the shorter.
    assert_eq!(of(&[0.2, 0.1, 0.4]), (vec![1.0, 2.0], 0.2));
    assert_eq!(of(&[0.1, 0.1, 0.4, 0.4]), (vec![2.0, 2.0], 0.1));
    assert_eq!(of(&[0.4, 0.1, 0.4, 0.4]).1, 0.4);
}
