use proptest::prelude::*;
use tramway::inference::{Model, Parameters, Posterior};
use tramway::operators::Smoothness;
use tramway::optimizer::{Curvature, Objective, Settings, Status, minimize};
use tramway::statistics::CellStatistics;

use crate::support::{displacements, lattice, within};

const PARAMETERS: Parameters = Parameters {
    localization_precision: 0.03,
    diffusivity_prior: 2.0,
    field_prior: 0.5,
    min_diffusivity: 0.0,
    smoothness: Smoothness::First,
};

const ORDERS: [Smoothness; 2] = [Smoothness::First, Smoothness::Second];

fn plane(seed: u64, smoothness: Smoothness) -> Posterior<2> {
    let patch = lattice(4, 3, 0.2);
    let statistics = displacements(12, 8, seed).statistics(12);
    patch
        .potential(
            &statistics,
            Parameters {
                smoothness,
                ..PARAMETERS
            },
        )
        .unwrap()
}

/// A cube of 3 × 3 × 3 cells.
fn space(seed: u64, smoothness: Smoothness) -> Posterior<3> {
    let at = |i: usize| 0.2 * i as f64;
    let centers: Vec<[f64; 3]> = (0..27)
        .map(|i| [at(i % 3), at(i / 3 % 3), at(i / 9)])
        .collect();
    let statistics = displacements(27, 8, seed).statistics(27);
    let adjacency = within(&centers, 0.25);
    let parameters = Parameters {
        smoothness,
        ..PARAMETERS
    };
    Posterior::new(
        Model::Potential,
        &centers,
        adjacency,
        &[0.008; 27],
        statistics,
        parameters,
    )
    .unwrap()
}

/// Largest error of the gradient and of the Hessian against central differences along `direction`,
/// relative to their largest element.
pub(crate) fn derivative_errors(
    objective: &impl Objective,
    x: &[f64],
    direction: &[f64],
) -> (f64, f64) {
    let step = 1e-6;
    let shifted = |sign: f64| -> Vec<f64> {
        x.iter()
            .zip(direction)
            .map(|(x, d)| x + sign * step * d)
            .collect()
    };
    let (above, below) = (shifted(1.0), shifted(-1.0));
    let gradient = |x: &[f64]| {
        let mut gradient = vec![0.0; x.len()];
        objective.gradient(x, &mut gradient);
        gradient
    };
    let slope: f64 = gradient(x).iter().zip(direction).map(|(g, d)| g * d).sum();
    let difference = (objective.value(&above) - objective.value(&below)) / (2.0 * step);
    let scale = gradient(x).iter().map(|g| g.abs()).fold(0.0, f64::max);
    let first = (slope - difference).abs() / scale;

    let mut values = vec![0.0; objective.pattern().len()];
    objective.curvature(x, Curvature::Exact, &mut values);
    let mut product = vec![0.0; x.len()];
    objective
        .pattern()
        .multiply_add(&values, direction, &mut product);
    let scale = product.iter().map(|p| p.abs()).fold(0.0, f64::max);
    let second = gradient(&above)
        .iter()
        .zip(gradient(&below))
        .zip(&product)
        .map(|((a, b), p)| ((a - b) / (2.0 * step) - p).abs() / scale)
        .fold(0.0, f64::max);
    (first, second)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    // A central difference with step h has an error of O(h²) = 1e-12 and, for values of order 1e3, a
    // rounding error of 1e-13 / h = 1e-7: 1e-6 leaves room for both.
    #[test]
    fn derivatives_match_finite_differences_in_the_plane(
        seed in 0_u64..1000,
        d in prop::collection::vec(0.02..1.0, 12),
        v in prop::collection::vec(-3.0..3.0, 12),
        direction in prop::collection::vec(-1.0..1.0, 24),
        second_order in any::<bool>(),
    ) {
        let smoothness = ORDERS[usize::from(second_order)];
        let x = [d, v].concat();
        for posterior in [plane(seed, smoothness), plane(seed, smoothness).with_jeffreys_prior()] {
            let (first, second) = derivative_errors(&posterior, &x, &direction);
            prop_assert!(first < 1e-6 && second < 1e-6, "{first} {second}");
        }
    }

    #[test]
    fn derivatives_match_finite_differences_in_space(
        seed in 0_u64..1000,
        d in prop::collection::vec(0.02..1.0, 27),
        v in prop::collection::vec(-3.0..3.0, 27),
        direction in prop::collection::vec(-1.0..1.0, 54),
        second_order in any::<bool>(),
    ) {
        let smoothness = ORDERS[usize::from(second_order)];
        let posterior = space(seed, smoothness);
        let (first, second) = derivative_errors(&posterior, &[d, v].concat(), &direction);
        prop_assert!(first < 1e-6 && second < 1e-6, "{first} {second}");
    }

    #[test]
    fn the_value_is_unchanged_by_a_constant_added_to_the_potential(
        seed in 0_u64..1000,
        shift in -10.0..10.0,
    ) {
        let posterior = plane(seed, Smoothness::Second);
        let mut x = posterior.start();
        let before = posterior.value(&x);
        for v in &mut x[12..] {
            *v += shift;
        }
        prop_assert!((posterior.value(&x) / before - 1.0).abs() < 1e-12);
    }
}

#[test]
fn the_expected_curvature_is_the_exact_one_for_data_like_their_expectation() {
    // In every cell, displacements whose sums equal the model's expectation: mean −D Δt ∇V, and a
    // variance 2 (D Δt + σ²) along each axis.
    let patch = lattice(4, 3, 0.2);
    let d: Vec<f64> = (0..12).map(|i| 0.1 + 0.02 * f64::from(i)).collect();
    let v: Vec<f64> = (0..12).map(|i| f64::from(i * 5 % 7) * 0.4).collect();
    let lag = 0.025;
    let gradient = tramway::operators::GradientOperator::new(&patch.centers, &patch.adjacency);
    let (mut cell, mut dr) = (vec![], vec![]);
    for (i, &d) in d.iter().enumerate() {
        let mean = gradient.apply(&v, i).map(|g| -d * lag * g);
        // Four displacements at ±s along each axis have the variance s²/2 along each.
        let s = (4.0 * (d * lag + PARAMETERS.localization_precision.powi(2))).sqrt();
        for offset in [[s, 0.0], [-s, 0.0], [0.0, s], [0.0, -s]] {
            cell.push(i as i64);
            dr.push([mean[0] + offset[0], mean[1] + offset[1]]);
        }
    }
    let statistics = CellStatistics::new(12, &cell, &dr, &[lag; 48]).unwrap();
    let posterior = patch.potential(&statistics, PARAMETERS).unwrap();
    let x = [d, v].concat();
    let mut exact = vec![0.0; posterior.pattern().len()];
    let mut expected = exact.clone();
    posterior.curvature(&x, Curvature::Exact, &mut exact);
    posterior.curvature(&x, Curvature::Expected, &mut expected);
    for (a, b) in exact.iter().zip(&expected) {
        assert!((a - b).abs() < 1e-9 * (1.0 + a.abs()), "{a} {b}");
    }
}

#[test]
fn without_priors_and_forces_the_diffusivity_is_the_mean_squared_displacement() {
    // D = ⟨|Δr|²⟩ / 4Δt − σ²/Δt, the closed form for one lag (and no net displacement).
    let patch = lattice(2, 1, 0.2);
    let dr = [[0.1, 0.0], [-0.1, 0.0], [0.2, 0.2], [-0.2, -0.2]];
    let statistics = CellStatistics::new(2, &[0, 0, 1, 1], &dr, &[0.05; 4]).unwrap();
    let parameters = Parameters {
        diffusivity_prior: 0.0,
        ..PARAMETERS
    };
    let posterior = patch.potential(&statistics, parameters).unwrap();
    let mut x = posterior.start();
    let report = minimize(&posterior, &mut x, &Settings::default(), &mut || false);
    assert_eq!(report.status, Status::Converged);
    let expected = [0.01, 0.08].map(|square: f64| square / 0.2 - 0.0009 / 0.05);
    assert!((x[0] - expected[0]).abs() < 1e-9 && (x[1] - expected[1]).abs() < 1e-9);
}

#[test]
fn empty_cells_take_no_part_and_isolated_ones_have_no_potential() {
    // Five cells in a row; the third holds nothing, so the last two are a component of their own,
    // and a sixth lies far away.
    let mut centers: Vec<[f64; 2]> = (0..5).map(|i| [f64::from(i), 0.3 * f64::from(i)]).collect();
    centers.push([50.0, 0.0]);
    let adjacency = within(&centers, 1.2);
    let mut drawn = displacements::<2>(6, 10, 4);
    for cell in &mut drawn.cell {
        if *cell == 2 {
            *cell = -1;
        }
    }
    let posterior = Posterior::new(
        Model::Potential,
        &centers,
        adjacency,
        &[1.0; 6],
        drawn.statistics(6),
        PARAMETERS,
    )
    .unwrap();
    assert_eq!(posterior.cells(), [0, 1, 3, 4, 5]);
    let mut x = posterior.start();
    let report = minimize(&posterior, &mut x, &Settings::default(), &mut || false);
    posterior.normalize_potential(&mut x);
    assert_eq!(report.status, Status::Converged);
    let (d, v) = x.split_at(5);
    assert!(d.iter().all(|d| d.is_finite()));
    assert_eq!((v[0].min(v[1]), v[2].min(v[3])), (0.0, 0.0));
    assert!(v[4].is_nan());
    assert!(posterior.vectors(&x)[4].iter().all(|f| f.is_nan()));
    assert!(posterior.vectors(&x)[0].iter().all(|f| f.is_finite()));
}

#[test]
fn molecules_that_never_move_end_at_the_bound() {
    let patch = lattice(3, 3, 0.2);
    for precision in [0.0, 0.03] {
        let parameters = Parameters {
            localization_precision: precision,
            ..PARAMETERS
        };
        let cell: Vec<i64> = (0..90).map(|k| k % 9).collect();
        let statistics = CellStatistics::new(9, &cell, &[[0.0; 2]; 90], &[0.025; 90]).unwrap();
        let posterior = patch.potential(&statistics, parameters).unwrap();
        let mut x = posterior.start();
        let report = minimize(&posterior, &mut x, &Settings::default(), &mut || false);
        assert_eq!(report.status, Status::Converged, "σ = {precision}");
        assert!(x[..9].iter().all(|d| (0.0..1e-12).contains(d)), "{x:?}");
    }
}

#[test]
fn bad_input_is_named() {
    let patch = lattice(3, 1, 0.2);
    let statistics = displacements::<2>(3, 5, 0).statistics(3);
    let build = |volumes: &[f64], parameters: Parameters| {
        Posterior::new(
            Model::Potential,
            &patch.centers,
            patch.adjacency.clone(),
            volumes,
            statistics.clone(),
            parameters,
        )
        .unwrap_err()
        .to_string()
    };
    assert!(build(&[1.0; 2], PARAMETERS).contains("`volumes` has length 2, expected 3"));
    assert!(build(&[1.0, f64::NAN, 1.0], PARAMETERS).contains("`volumes[1]` is NaN"));
    let negative = Parameters {
        field_prior: -1.0,
        ..PARAMETERS
    };
    assert!(build(&patch.volumes, negative).contains("`potential_prior` is -1"));

    let alone = CellStatistics::new(3, &[0, 2], &[[0.1, 0.0]; 2], &[0.1; 2]).unwrap();
    let error = patch.potential(&alone, PARAMETERS).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("2 cells hold translocations, none beside another")
    );
}
