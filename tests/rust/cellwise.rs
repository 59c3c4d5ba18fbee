use proptest::prelude::*;
use tramway::inference::{Estimate, Model, Parameters, Posterior};
use tramway::operators::Smoothness;
use tramway::optimizer::{Curvature, Objective, Settings, Status};
use tramway::statistics::CellStatistics;
use tramway::tessellation::Adjacency;

use crate::potential::derivative_errors;
use crate::support::{displacements, lattice, within};

pub(crate) const UNSMOOTHED: Parameters = Parameters {
    localization_precision: 0.03,
    diffusivity_prior: 0.0,
    field_prior: 0.0,
    min_diffusivity: 0.0,
    smoothness: Smoothness::First,
};

pub(crate) const SMOOTHED: Parameters = Parameters {
    diffusivity_prior: 2.0,
    field_prior: 0.7,
    ..UNSMOOTHED
};

/// Posterior of cells in a row, one apart, of area or volume 0.5.
pub(crate) fn row<const D: usize>(
    model: Model,
    statistics: &CellStatistics<D>,
    parameters: Parameters,
) -> Posterior<D> {
    let count = statistics.cell_count();
    let centers: Vec<[f64; D]> = (0..count)
        .map(|i| std::array::from_fn(|axis| if axis == 0 { i as f64 } else { 0.0 }))
        .collect();
    let volumes = vec![0.5; count];
    Posterior::new(
        model,
        &centers,
        within(&centers, 1.1),
        &volumes,
        statistics.clone(),
        parameters,
    )
    .unwrap()
}

pub(crate) fn solve<const D: usize>(posterior: &mut Posterior<D>) -> Estimate<D> {
    let chosen = vec![false; posterior.prior_weights().len()];
    let settings = Settings::default();
    posterior
        .estimate(&chosen, &settings, &mut || false)
        .unwrap()
}

/// Some of the random numbers given, as many as the posterior has variables: D's from 0.02 to 1 and
/// vectors from −3 to 3.
fn point<const D: usize>(posterior: &Posterior<D>, random: &[f64]) -> Vec<f64> {
    let m = posterior.cell_count();
    let size = posterior.pattern().size();
    let scale = |(i, u): (usize, &f64)| {
        if i < m {
            0.02 + 0.98 * u
        } else {
            6.0 * u - 3.0
        }
    };
    random[..size].iter().enumerate().map(scale).collect()
}

fn check_derivatives<const D: usize>(
    statistics: &CellStatistics<D>,
    random: &[f64],
    direction: &[f64],
) -> Result<(), TestCaseError> {
    fn errors<const D: usize>(
        model: Model,
        statistics: &CellStatistics<D>,
        random: &[f64],
        direction: &[f64],
    ) -> (f64, f64) {
        let posterior = row::<D>(model, statistics, SMOOTHED);
        let x = point(&posterior, random);
        let plain = derivative_errors(&posterior, &x, &direction[..x.len()]);
        let posterior = posterior.with_jeffreys_prior();
        let more = derivative_errors(&posterior, &x, &direction[..x.len()]);
        (plain.0.max(more.0), plain.1.max(more.1))
    }
    for (first, second) in [
        errors::<D>(Model::Diffusivity, statistics, random, direction),
        errors::<D>(Model::Drift, statistics, random, direction),
        errors::<D>(Model::Force, statistics, random, direction),
    ] {
        prop_assert!(first < 1e-6 && second < 1e-6, "{first} {second}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    // Tolerance: see the same test of the DV model.
    #[test]
    fn derivatives_match_finite_differences(
        seed in 0_u64..1000,
        random in prop::collection::vec(0.0..1.0, 24),
        direction in prop::collection::vec(-1.0..1.0, 24),
    ) {
        check_derivatives(&displacements::<2>(6, 8, seed).statistics(6), &random, &direction)?;
        check_derivatives(&displacements::<3>(6, 8, seed).statistics(6), &random, &direction)?;
    }

    #[test]
    fn the_expected_curvature_is_never_indefinite(
        seed in 0_u64..1000,
        random in prop::collection::vec(0.0..1.0, 24),
        direction in prop::collection::vec(-1.0..1.0, 24),
    ) {
        let statistics = displacements::<3>(6, 8, seed).statistics(6);
        let posterior = row::<3>(Model::Force, &statistics, SMOOTHED);
        let x = point(&posterior, &random);
        let mut values = vec![0.0; posterior.pattern().len()];
        posterior.curvature(&x, Curvature::Expected, &mut values);
        let mut product = vec![0.0; x.len()];
        posterior.pattern().multiply_add(&values, &direction, &mut product);
        let form: f64 = product.iter().zip(&direction).map(|(a, b)| a * b).sum();
        prop_assert!(form >= 0.0, "{form}");
    }

    #[test]
    fn the_order_of_the_cells_does_not_matter(seed in 0_u64..1000) {
        let drawn = displacements::<2>(6, 8, seed);
        let mut reversed = displacements::<2>(6, 8, seed);
        for cell in &mut reversed.cell {
            *cell = 5 - *cell;
        }
        let one = solve(&mut row::<2>(Model::Drift, &drawn.statistics(6), SMOOTHED));
        let other = solve(&mut row::<2>(Model::Drift, &reversed.statistics(6), SMOOTHED));
        for cell in 0..6 {
            // Both searches end within 1e-4 standard deviations of the optimum, by far.
            let room = 1e-4 * one.diffusivity_std[cell];
            prop_assert!((one.diffusivity[cell] - other.diffusivity[5 - cell]).abs() < room);
        }
    }
}

/// Displacements whose sums equal what the model expects: of mean `h Δt u`, and of variance
/// `2 (D Δt + σ²)` along each axis.
fn typical(model: Model, d: f64, u: [f64; 2]) -> CellStatistics<2> {
    let (mut dr, mut lags) = (vec![], vec![]);
    for lag in [0.025, 0.05] {
        let mean = u.map(|u| model.mobility(d)[0] * lag * u);
        // Four displacements at ±s along each axis have the variance s²/2 along each.
        let s = (4.0 * (d * lag + UNSMOOTHED.localization_precision.powi(2))).sqrt();
        for offset in [[s, 0.0], [-s, 0.0], [0.0, s], [0.0, -s]] {
            dr.push([mean[0] + offset[0], mean[1] + offset[1]]);
            lags.push(lag);
        }
    }
    CellStatistics::new(1, &[0; 8], &dr, &lags).unwrap()
}

#[test]
fn the_expected_curvature_is_the_exact_one_for_data_like_their_expectation() {
    fn check(model: Model, x: &[f64]) {
        let posterior = row::<2>(model, &typical(model, 0.13, [3.0, -7.0]), SMOOTHED);
        let mut exact = vec![0.0; posterior.pattern().len()];
        let mut expected = exact.clone();
        posterior.curvature(x, Curvature::Exact, &mut exact);
        posterior.curvature(x, Curvature::Expected, &mut expected);
        for (a, b) in exact.iter().zip(&expected) {
            assert!((a - b).abs() < 1e-9 * (1.0 + a.abs()), "{a} {b}");
        }
    }
    check(Model::Diffusivity, &[0.13]);
    check(Model::Drift, &[0.13, 3.0, -7.0]);
    check(Model::Force, &[0.13, 3.0, -7.0]);
}

#[test]
fn with_one_lag_the_start_is_the_closed_form_and_the_optimum() {
    fn check<const D: usize>() {
        let lag = 0.04;
        let mut drawn = displacements::<D>(5, 30, 3);
        drawn.lags.fill(lag);
        let statistics = drawn.statistics(5);
        let noise = UNSMOOTHED.localization_precision.powi(2);
        let free = solve(&mut row::<D>(Model::Diffusivity, &statistics, UNSMOOTHED));
        let drift = solve(&mut row::<D>(Model::Drift, &statistics, UNSMOOTHED));
        let force = solve(&mut row::<D>(Model::Force, &statistics, UNSMOOTHED));
        assert_eq!((free.report.iterations, drift.report.iterations), (1, 1));
        for cell in 0..5 {
            let [group] = statistics.cell(cell) else {
                panic!("one lag")
            };
            let n = group.count;
            // D = ⟨|Δr|²⟩ / 2dΔt − σ²/Δt, about the mean if there is a drift v = ⟨Δr⟩ / Δt.
            let from = |square: f64| square / (2.0 * D as f64 * n * lag) - noise / lag;
            let mean = group.sum.map(|sum| sum / n);
            let squared_mean: f64 = mean.iter().map(|m| m * m).sum();
            let d = from(group.sum_of_squares - n * squared_mean);
            assert!((free.diffusivity[cell] - from(group.sum_of_squares)).abs() < 1e-12);
            assert!((drift.diffusivity[cell] - d).abs() < 1e-12);
            assert!((force.diffusivity[cell] - d).abs() < 1e-12);
            // Fisher information of D, n d/2 (Δt/(DΔt + σ²))², and of v, n Δt²/2(DΔt + σ²).
            let w = d * lag + noise;
            let d_std = w / lag / (0.5 * n * D as f64).sqrt();
            let v_std = (2.0 * w / n).sqrt() / lag;
            assert!((drift.diffusivity_std[cell] / d_std - 1.0).abs() < 1e-8);
            for (axis, mean) in mean.iter().enumerate() {
                let v = mean / lag;
                assert!((drift.vector[cell][axis] - v).abs() < 1e-10);
                assert!((drift.vector_std[cell][axis] / v_std - 1.0).abs() < 1e-8);
                assert!((force.vector[cell][axis] - v / d).abs() < 1e-9 * (1.0 + (v / d).abs()));
                // F = v/D, with independent errors of v and D.
                let f_std = (v_std.powi(2) + (v / d * d_std).powi(2)).sqrt() / d;
                assert!((force.vector_std[cell][axis] / f_std - 1.0).abs() < 1e-8);
            }
        }
    }
    check::<2>();
    check::<3>();
}

#[test]
fn with_several_lags_the_likelihood_of_each_cell_is_at_its_own_maximum() {
    // The root of the derivative by D, found by bisection in each cell.
    let statistics = displacements::<3>(5, 30, 8).statistics(5);
    let estimate = solve(&mut row::<3>(Model::Diffusivity, &statistics, UNSMOOTHED));
    assert_eq!(estimate.report.status, Status::Converged);
    for cell in 0..5 {
        let derivative = |d: f64| -> f64 {
            let term = |g: &tramway::statistics::LagGroup<3>| {
                let w = d * g.lag + UNSMOOTHED.localization_precision.powi(2);
                g.lag * (1.5 * g.count / w - g.sum_of_squares / (4.0 * w * w))
            };
            statistics.cell(cell).iter().map(term).sum()
        };
        let (mut low, mut high) = (0.0, 10.0);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if derivative(middle) < 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        assert!((estimate.diffusivity[cell] - low).abs() < 1e-6 * estimate.diffusivity_std[cell]);
    }
}

#[test]
fn a_stronger_penalty_gives_a_weaker_force_down_to_none() {
    let statistics = displacements::<2>(6, 20, 2).statistics(6);
    let mut last = f64::INFINITY;
    for field_prior in [0.0, 1e-6, 1e-2, 1.0, 1e3, 1e12] {
        let parameters = Parameters {
            field_prior,
            ..SMOOTHED
        };
        let mut posterior: Posterior<2> = row(Model::Force, &statistics, parameters);
        let estimate = solve(&mut posterior);
        assert_eq!(estimate.report.status, Status::Converged);
        let size: f64 = estimate.vector.as_flattened().iter().map(|f| f * f).sum();
        // 1e-6 of the penalty changes nothing that can be seen.
        assert!(
            size <= last * (1.0 + 1e-9),
            "{field_prior}: {size} above {last}"
        );
        last = size;
    }
    assert!(last < 1e-9);
}

#[test]
fn cells_without_visible_diffusion_end_on_the_bound() {
    // Molecules that never move, that all move alike, one displacement, noise above every jump.
    let still = CellStatistics::new(4, &[0, 1, 2, 3, 3], &[[0.0; 2]; 5], &[0.02; 5]).unwrap();
    let alike = CellStatistics::new(4, &[0, 1, 2, 3, 3], &[[0.3, 0.1]; 5], &[0.02; 5]).unwrap();
    for (statistics, precision) in [(&still, 0.0), (&still, 0.03), (&alike, 0.0), (&alike, 3.0)] {
        for parameters in [UNSMOOTHED, SMOOTHED] {
            let parameters = Parameters {
                localization_precision: precision,
                ..parameters
            };
            let mut drift: Posterior<2> = row(Model::Drift, statistics, parameters);
            let mut force: Posterior<2> = row(Model::Force, statistics, parameters);
            let drift = solve(&mut drift);
            let force = solve(&mut force);
            for (estimate, is_force) in [(&drift, false), (&force, true)] {
                assert_eq!(estimate.report.status, Status::Converged);
                assert!(
                    estimate
                        .diffusivity
                        .iter()
                        .all(|d| d.is_finite() && *d >= 0.0)
                );
                let vectors = estimate.vector.as_flattened();
                if is_force && parameters.field_prior == 0.0 {
                    assert!(vectors.iter().all(|f| f.is_nan()));
                } else {
                    assert!(vectors.iter().all(|v| v.is_finite()));
                }
            }
            if parameters
                == (Parameters {
                    localization_precision: 0.0,
                    ..UNSMOOTHED
                })
            {
                assert!(drift.diffusivity.iter().all(|d| (0.0..1e-12).contains(d)));
                assert!(drift.diffusivity_std.iter().all(|s| s.is_nan()));
            }
            if precision > 0.0 && parameters.field_prior == 0.0 {
                assert!(drift.diffusivity.iter().all(|d| *d == 0.0));
                assert!(drift.diffusivity_std.iter().all(|s| *s > 0.0));
            }
        }
    }
}

#[test]
fn empty_cells_take_no_part_and_isolated_ones_stay() {
    let drawn = displacements::<2>(3, 10, 4);
    let cell: Vec<i64> = drawn
        .cell
        .iter()
        .map(|c| if *c == 1 { -1 } else { *c })
        .collect();
    let statistics = CellStatistics::new(3, &cell, &drawn.displacements, &drawn.lags).unwrap();
    let mut posterior: Posterior<2> = row(Model::Diffusivity, &statistics, SMOOTHED);
    assert_eq!(posterior.cells(), [0, 2]);
    // Neither has a neighbour with data, so the prior has nothing to smooth.
    let smoothed = solve(&mut posterior);
    let alone = solve(&mut row::<2>(Model::Diffusivity, &statistics, UNSMOOTHED));
    for (a, b) in smoothed.diffusivity.iter().zip(&alone.diffusivity) {
        assert!((a - b).abs() < 1e-9);
    }
}

#[test]
fn a_lower_bound_on_the_diffusivity_holds() {
    let statistics = displacements::<2>(6, 8, 1).statistics(6);
    let parameters = Parameters {
        min_diffusivity: 0.15,
        ..UNSMOOTHED
    };
    let mut posterior: Posterior<2> = row(Model::Force, &statistics, parameters);
    let estimate = solve(&mut posterior);
    assert_eq!(estimate.report.status, Status::Converged);
    assert!(estimate.diffusivity.iter().all(|d| *d >= 0.15));
    assert!(estimate.diffusivity.contains(&0.15));
    assert!(estimate.vector.as_flattened().iter().all(|f| f.is_finite()));
}

#[test]
fn a_cell_that_is_coupled_with_too_many_others_is_named() {
    let count = 66_000;
    let centers: Vec<_> = (0..count).map(|i| [f64::from(i), 0.0]).collect();
    let count = centers.len();
    let hub = 7;
    let spokes = (0..count)
        .filter(|&cell| cell != hub)
        .map(|cell| (hub, cell));
    let error = Posterior::new(
        Model::Diffusivity,
        &centers,
        Adjacency::from_pairs(count, spokes).unwrap(),
        &vec![1.0; count],
        displacements::<2>(count, 1, 0).statistics(count),
        UNSMOOTHED,
    )
    .unwrap_err()
    .to_string();
    let expected = "`adjacency[7]` is a list of 65999 cells, expected fewer";
    assert!(error.starts_with(expected), "{error}");
}

#[test]
fn bad_input_is_named() {
    let patch = lattice(3, 1, 0.2);
    let build = |volumes: &[f64], parameters, statistics: &CellStatistics<2>| {
        Posterior::new(
            Model::Force,
            &patch.centers,
            patch.adjacency.clone(),
            volumes,
            statistics.clone(),
            parameters,
        )
        .unwrap_err()
        .to_string()
    };
    let statistics = displacements(3, 5, 0).statistics(3);
    let message = build(&[1.0; 2], UNSMOOTHED, &statistics);
    assert!(
        message.contains("`volumes` has length 2, expected 3"),
        "{message}"
    );
    let message = build(&[1.0, f64::INFINITY, 1.0], UNSMOOTHED, &statistics);
    assert!(message.contains("`volumes[1]` is inf"), "{message}");
    let negative = Parameters {
        field_prior: -1.0,
        ..UNSMOOTHED
    };
    let message = build(&patch.volumes, negative, &statistics);
    assert!(
        message.contains("`force_prior` is -1, expected a number ≥ 0"),
        "{message}"
    );
    let empty = CellStatistics::new(3, &[], &[], &[]).unwrap();
    let message = build(&patch.volumes, UNSMOOTHED, &empty);
    assert!(
        message.contains("none of 3 cells holds a translocation"),
        "{message}"
    );
}
