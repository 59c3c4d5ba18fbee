use proptest::prelude::*;
use tramway::inference::{Laplace, Parameters, Posterior, Prior, Quantity, choose_priors};
use tramway::operators::{Contrast, QuadraticForm, Smoothness};
use tramway::optimizer::{Objective, Settings, Status, minimize};
use tramway::statistics::CellStatistics;

use crate::potential::derivative_errors;
use crate::support::{Lattice, displacements, lattice};

const CELLS: usize = 12;

fn patch() -> Lattice {
    lattice(4, 3, 0.2)
}

fn slopes() -> QuadraticForm {
    let patch = patch();
    QuadraticForm::of_slopes(&patch.centers, &patch.adjacency, &patch.volumes)
}

fn posterior(seed: u64, priors: [f64; 2]) -> Posterior<2> {
    let patch = patch();
    patch
        .potential(
            &displacements(CELLS, 20, seed).statistics(CELLS),
            Parameters {
                localization_precision: 0.03,
                diffusivity_prior: priors[0],
                field_prior: priors[1],
                min_diffusivity: 0.0,
                smoothness: Smoothness::First,
            },
        )
        .unwrap()
}

/// Contrasts of three cells each, anywhere.
fn contrasts(coefficients: &[f64]) -> Vec<Contrast> {
    let chunks = coefficients.chunks(3).enumerate();
    let contrast = |(k, chunk): (usize, &[f64])| Contrast {
        reference: (5 * k) % CELLS,
        others: vec![
            ((5 * k + 3) % CELLS, chunk[0]),
            ((5 * k + 4) % CELLS, chunk[1]),
        ],
        weight: chunk[2].abs(),
    };
    chunks.map(contrast).collect()
}

fn prior(quantity: Quantity, form: QuadraticForm, weight: f64) -> Prior {
    Prior {
        quantity,
        form,
        weight,
    }
}

fn log_evidence(posterior: &Posterior<2>) -> f64 {
    let mut x = posterior.start();
    let report = minimize(posterior, &mut x, &Settings::default(), &mut || false);
    assert_eq!(report.status, Status::Converged);
    posterior.log_evidence(&x, &Laplace::new(posterior, &x).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_variation_is_its_contrasts_and_its_matrix(
        coefficients in prop::collection::vec(-2.0..2.0, 30),
        x in prop::collection::vec(-3.0..3.0, CELLS),
    ) {
        let contrasts = contrasts(&coefficients);
        let value = |c: &Contrast| {
            let value: f64 = c.others.iter().map(|(j, a)| a * (x[*j] - x[c.reference])).sum();
            c.weight * value * value
        };
        let expected: f64 = contrasts.iter().map(value).sum();
        let variation = QuadraticForm::from_contrasts(contrasts);
        let mut product = vec![0.0; CELLS];
        for (i, j, value) in variation.entries() {
            product[i] += value * x[j];
            if i != j {
                product[j] += value * x[i];
            }
        }
        let quadratic: f64 = product.iter().zip(&x).map(|(p, x)| p * x).sum();
        let mut gradient = vec![0.0; CELLS];
        variation.add_gradient(0.5, &x, &mut gradient);
        // Sums of hundreds of terms up to 1e3.
        prop_assert!((variation.value(&x) - expected).abs() < 1e-11 * (1.0 + expected));
        prop_assert!((quadratic - expected).abs() < 1e-11 * (1.0 + expected));
        for (g, p) in gradient.iter().zip(&product) {
            prop_assert!((g - p).abs() < 1e-10);
        }
    }

    // Tolerances: see `potential.rs`.
    #[test]
    fn derivatives_with_any_priors_match_finite_differences(
        coefficients in prop::collection::vec(-2.0..2.0, 30),
        d in prop::collection::vec(0.02..1.0, CELLS),
        v in prop::collection::vec(-3.0..3.0, CELLS),
        direction in prop::collection::vec(-1.0..1.0, 2 * CELLS),
    ) {
        let mut posterior = posterior(1, [2.0, 0.5]);
        let variation = QuadraticForm::from_contrasts(contrasts(&coefficients));
        posterior.add_priors([
            prior(Quantity::Field, variation.clone(), 0.3),
            prior(Quantity::Diffusivity, variation, 3.0),
        ]);
        let (first, second) = derivative_errors(&posterior, &[d, v].concat(), &direction);
        prop_assert!(first < 1e-6 && second < 1e-6, "{first} {second}");
    }
}

#[test]
fn two_priors_of_one_form_are_one_of_their_weights_sum() {
    let once = log_evidence(&posterior(2, [5.0, 0.8]));
    let mut split = posterior(2, [2.0, 0.5]);
    split.add_priors([
        prior(Quantity::Field, slopes(), 0.3),
        prior(Quantity::Diffusivity, slopes(), 3.0),
    ]);
    assert_eq!(split.prior_weights(), [2.0, 0.5, 0.3, 3.0]);
    assert!((log_evidence(&split) - once).abs() < 1e-8);
    split.set_prior_weights(&[4.0, 0.1, 0.7, 1.0]);
    assert!((log_evidence(&split) - once).abs() < 1e-8);
}

#[test]
fn a_prior_that_joins_sets_of_cells_leaves_one_constant_for_both() {
    // Two rows of three cells, far from each other, then joined by a prior.
    let mut patch = lattice(3, 2, 0.2);
    patch.adjacency = crate::support::within(
        &patch
            .centers
            .iter()
            .enumerate()
            .map(|(i, [x, y])| [*x, if i < 3 { *y } else { y + 9.0 }])
            .collect::<Vec<_>>(),
        0.3,
    );
    let statistics: CellStatistics<2> = displacements(6, 20, 3).statistics(6);
    let parameters = Parameters {
        localization_precision: 0.03,
        diffusivity_prior: 2.0,
        field_prior: 0.5,
        min_diffusivity: 0.0,
        smoothness: Smoothness::First,
    };
    let mut posterior = patch.potential(&statistics, parameters).unwrap();
    assert_eq!(posterior.pinned().len(), 2);
    let link = Contrast {
        reference: 1,
        others: vec![(4, 1.0)],
        weight: 1.0,
    };
    let link = QuadraticForm::from_contrasts([link]);
    posterior.add_priors([prior(Quantity::Field, link, 0.4)]);
    assert_eq!(posterior.pinned().len(), 1);
    let mut x = posterior.start();
    minimize(&posterior, &mut x, &Settings::default(), &mut || false);
    // Nothing else ties the two sets: the prior makes the linked cells equal.
    assert!((x[6 + 1] - x[6 + 4]).abs() < 1e-6);
    posterior.normalize_potential(&mut x);
    let potential = &x[6..];
    assert_eq!(potential.iter().copied().fold(f64::INFINITY, f64::min), 0.0);
}

#[test]
fn weights_of_any_number_of_priors_are_chosen() {
    // A second prior of V, beside the slopes: the weights found are no worse than others near them, up
    // to what the fixed point neglects (0.3 nats).
    let mut posterior = posterior(4, [2.0, 0.5]);
    let far = (0..CELLS / 2).map(|i| Contrast {
        reference: i,
        others: vec![(CELLS - 1 - i, 1.0)],
        weight: 1.0,
    });
    posterior.add_priors([prior(
        Quantity::Field,
        QuadraticForm::from_contrasts(far),
        1.0,
    )]);
    let mut x = posterior.start();
    let settings = Settings::default();
    let (trials, report) =
        choose_priors(&mut posterior, &mut x, &[true; 3], &settings, &mut || false);
    assert_eq!(report.status, Status::Converged);
    let best = trials.last().unwrap();
    assert_eq!(posterior.prior_weights(), best.weights);
    for k in 0..3 {
        for factor in [0.3, 3.0] {
            let mut weights = best.weights.clone();
            weights[k] *= factor;
            posterior.set_prior_weights(&weights);
            assert!(
                log_evidence(&posterior) < best.log_evidence + 0.3,
                "{k} {factor}"
            );
        }
    }
}
