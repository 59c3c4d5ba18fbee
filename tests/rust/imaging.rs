//! Noise of single localizations, and motion blur.

use std::f64::consts::PI;

use proptest::prelude::*;
use tramway::Error;
use tramway::inference::{Model, Parameters, Posterior};
use tramway::operators::Smoothness;
use tramway::optimizer::Objective;
use tramway::statistics::{CellStatistics, Imaging};

use crate::cellwise::{SMOOTHED, UNSMOOTHED, row};
use crate::potential::derivative_errors;
use crate::support::{Sample, displacements, lattice};

const EXPOSURE: f64 = 0.02; // s; the lags of the samples are 0.025 and 0.05

/// One of five variances for each displacement, one of which is zero.
fn noise<const D: usize>(drawn: &Sample<D>) -> Vec<f64> {
    (0..drawn.lags.len())
        .map(|k| (0.01 * (k % 5) as f64).powi(2))
        .collect()
}

fn imaged<const D: usize>(drawn: &Sample<D>, cells: usize) -> CellStatistics<D> {
    let imaging = Imaging {
        noise: Some(&noise(drawn)),
        exposure_time: EXPOSURE,
    };
    CellStatistics::imaged(
        cells,
        &drawn.cell,
        &drawn.displacements,
        &drawn.lags,
        imaging,
    )
    .unwrap()
}

fn potential(statistics: &CellStatistics<2>, precision: f64) -> Posterior<2> {
    let patch = lattice(4, 3, 0.2);
    let parameters = Parameters {
        localization_precision: precision,
        diffusivity_prior: 2.0,
        field_prior: 0.5,
        min_diffusivity: 0.0,
        smoothness: Smoothness::First,
    };
    patch.potential(statistics, parameters).unwrap()
}

#[test]
fn displacements_are_grouped_by_their_noise() {
    // Worked by hand: three displacements of one lag, two of which have one variance.
    let statistics = CellStatistics::imaged(
        1,
        &[0; 3],
        &[[1.0, 0.0], [0.0, 2.0], [3.0, 0.0]],
        &[0.03; 3],
        Imaging {
            noise: Some(&[0.5, 0.25, 0.5]),
            exposure_time: 0.015,
        },
    )
    .unwrap();
    let [precise, other] = statistics.cell(0) else {
        panic!("two variances")
    };
    assert_eq!(
        (precise.noise, precise.count, precise.sum),
        (0.25, 1.0, [0.0, 2.0])
    );
    assert_eq!(
        (other.noise, other.count, other.sum),
        (0.5, 2.0, [4.0, 0.0])
    );
    assert_eq!((other.lag, other.diffusion_time), (0.03, 0.03 - 0.005));
}

#[test]
fn the_likelihood_is_that_of_each_displacement_with_its_own_noise() {
    // The sum over displacements of the logarithm of a Gaussian, without any grouping.
    fn check<const D: usize>(model: Model, seed: u64) {
        let drawn = displacements::<D>(6, 10, seed);
        let posterior = row::<D>(model, &imaged(&drawn, 6), UNSMOOTHED);
        let x: Vec<f64> = (0..posterior.pattern().size())
            .map(|i| 0.1 + 0.05 * i as f64)
            .collect();
        let mut expected = 0.0;
        for (k, noise) in noise(&drawn).iter().enumerate() {
            let cell = usize::try_from(drawn.cell[k]).unwrap();
            let lag = drawn.lags[k];
            let noise = noise + UNSMOOTHED.localization_precision.powi(2);
            let variance = 2.0 * (x[cell] * (lag - EXPOSURE / 3.0) + noise);
            let [mobility, _] = model.mobility(x[cell]);
            for axis in 0..D {
                let vector = if model.has_vector() {
                    x[6 + D * cell + axis]
                } else {
                    0.0
                };
                let rest = drawn.displacements[k][axis] - mobility * lag * vector;
                expected += 0.5 * (2.0 * PI * variance).ln() + rest * rest / (2.0 * variance);
            }
        }
        let value = posterior.value(&x);
        assert!((value / expected - 1.0).abs() < 1e-12, "{value} {expected}");
    }
    check::<2>(Model::Diffusivity, 1);
    check::<3>(Model::Drift, 2);
    check::<2>(Model::Force, 3);
}

#[test]
fn one_noise_for_all_is_the_same_however_it_is_given() {
    // To the last bit: as the precision of all, or as the variance of each.
    let drawn = displacements::<2>(12, 8, 4);
    let variances = vec![0.03_f64.powi(2); drawn.lags.len()];
    let given = CellStatistics::imaged(
        12,
        &drawn.cell,
        &drawn.displacements,
        &drawn.lags,
        Imaging {
            noise: Some(&variances),
            exposure_time: 0.0,
        },
    )
    .unwrap();
    let (common, own) = (
        potential(&drawn.statistics(12), 0.03),
        potential(&given, 0.0),
    );
    assert_eq!(common.start(), own.start());
    let x = common.start();
    assert_eq!(common.value(&x).to_bits(), own.value(&x).to_bits());
    let gradient = |posterior: &Posterior<2>| {
        let mut gradient = vec![0.0; x.len()];
        posterior.gradient(&x, &mut gradient);
        gradient
    };
    assert_eq!(gradient(&common), gradient(&own));
}

proptest! {
    #[test]
    fn derivatives_agree_with_differences(
        seed in 0_u64..1000,
        random in prop::collection::vec(0.0_f64..1.0, 48),
        direction in prop::collection::vec(-1.0_f64..1.0, 48),
    ) {
        // Central differences at a step of 1e-6 are good to about 1e-7.
        let drawn = displacements::<2>(12, 8, seed);
        let x: Vec<f64> = random[..24]
            .iter()
            .enumerate()
            .map(|(i, u)| if i < 12 { 0.02 + u } else { 4.0 * u - 2.0 })
            .collect();
        let posterior = potential(&imaged(&drawn, 12), 0.01);
        let (first, second) = derivative_errors(&posterior, &x, &direction[..24]);
        prop_assert!(first < 1e-5 && second < 1e-5, "{first} {second}");

        let drawn = displacements::<2>(6, 8, seed);
        let x: Vec<f64> = random[..18].iter().map(|u| 0.02 + u).collect();
        let posterior = row::<2>(Model::Force, &imaged(&drawn, 6), SMOOTHED);
        let (first, second) = derivative_errors(&posterior, &x, &direction[..18]);
        prop_assert!(first < 1e-5 && second < 1e-5, "{first} {second}");
    }
}

#[test]
fn bad_imaging_is_named() {
    let error = |noise: Option<&[f64]>, exposure_time: f64| -> Error {
        let imaging = Imaging {
            noise,
            exposure_time,
        };
        CellStatistics::imaged(1, &[0; 2], &[[0.1, 0.0]; 2], &[0.02, 0.04], imaging).unwrap_err()
    };
    for exposure in [-0.01, 0.03, f64::NAN, f64::INFINITY] {
        let message = error(None, exposure).to_string();
        assert!(message.contains("`exposure_time` is"), "{message}");
        assert!(message.contains("shortest lag of 0.02 s"), "{message}");
    }
    let message = error(Some(&[0.1]), 0.0).to_string();
    assert!(
        message.contains("`noise` has length 1, expected 2"),
        "{message}"
    );
    for bad in [-1e-9, f64::NAN, f64::INFINITY] {
        let message = error(Some(&[0.0, bad]), 0.0).to_string();
        assert!(message.contains("`noise[1]` is"), "{message}");
    }
}
