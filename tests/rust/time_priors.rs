//! Couplings in time: against their definition, and as part of the posterior.

use proptest::prelude::*;
use tramway::inference::{Model, Parameters, Posterior};
use tramway::operators::{Smoothness, TimeSegments};
use tramway::optimizer::{Objective, Settings, Status, minimize};
use tramway::tessellation::Adjacency;

use crate::potential::derivative_errors;
use crate::support::{displacements, lattice};

const CELLS: usize = 6;
const SEGMENTS: usize = 3;

/// Three segments of the same six cells.
fn posterior(seed: u64, diffusivity: Option<f64>, potential: Option<f64>) -> Posterior<2> {
    let patch = lattice(3, 2, 0.2);
    let pairs = (0..SEGMENTS * CELLS).flat_map(|i| {
        let (segment, cell) = (i / CELLS, i % CELLS);
        let neighbours = patch.adjacency.neighbours(cell).iter();
        neighbours
            .map(move |j| (i, segment * CELLS + j))
            .collect::<Vec<_>>()
    });
    let adjacency = Adjacency::from_pairs(SEGMENTS * CELLS, pairs).unwrap();
    let volumes = patch.volumes.repeat(SEGMENTS);
    let mut posterior = Posterior::new(
        Model::Potential,
        &patch.centers.repeat(SEGMENTS),
        adjacency,
        &volumes,
        displacements(SEGMENTS * CELLS, 20, seed).statistics(SEGMENTS * CELLS),
        Parameters {
            localization_precision: 0.03,
            diffusivity_prior: 2.0,
            field_prior: 0.5,
            min_diffusivity: 0.0,
            smoothness: Smoothness::First,
        },
    )
    .unwrap();
    let segments = TimeSegments::new(&[0.5, 1.5, 3.0], &volumes).unwrap();
    posterior
        .add_time_priors(&segments, diffusivity, potential)
        .unwrap();
    posterior
}

#[test]
fn change_is_towards_the_segments_before_and_after_in_which_a_cell_holds_data() {
    // Two cells in four segments, at 0, 1, 3 and 4 s; the second one is empty at 1 s.
    let volumes = [2.0, 5.0].repeat(4);
    let segments = TimeSegments::new(&[0.0, 1.0, 3.0, 4.0], &volumes).unwrap();
    let cells = [0, 1, 2, 4, 5, 6, 7];
    let x = [1.0, 10.0, 3.0, 2.0, 40.0, 7.0, 20.0];
    // By cell, segment by segment: the mean of the squared rates on either side.
    let first = [
        4.0,
        f64::midpoint(4.0, 0.25),
        f64::midpoint(0.25, 25.0),
        25.0,
    ];
    let second = [100.0, f64::midpoint(100.0, 400.0), 400.0];
    let expected = 2.0 * first.iter().sum::<f64>() + 5.0 * second.iter().sum::<f64>();
    let value = segments.variation(&cells).unwrap().value(&x);
    assert!((value - expected).abs() < 1e-10);
}

#[test]
fn segments_that_make_no_sense_are_refused() {
    for (middles, volumes) in [
        (vec![], 2),
        (vec![0.0, 1.0], 3),
        (vec![1.0, 1.0], 2),
        (vec![0.0, f64::NAN], 2),
    ] {
        assert!(TimeSegments::new(&middles, &vec![1.0; volumes]).is_err());
    }
    let segments = TimeSegments::new(&[0.0, 1.0], &[1.0; 4]).unwrap();
    let error = segments.variation(&[0, 3]).unwrap_err();
    assert!(
        error.to_string().contains("in two time segments"),
        "{error}"
    );
    assert!(segments.variation(&[0, 4]).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    // Tolerances: see `potential.rs`.
    #[test]
    fn derivatives_match_finite_differences(
        d in prop::collection::vec(0.02..1.0, SEGMENTS * CELLS),
        v in prop::collection::vec(-3.0..3.0, SEGMENTS * CELLS),
        direction in prop::collection::vec(-1.0..1.0, 2 * SEGMENTS * CELLS),
        weights in prop::array::uniform2(0.0..10.0_f64),
    ) {
        let posterior = posterior(1, Some(weights[0]), Some(weights[1]));
        let (first, second) = derivative_errors(&posterior, &[d, v].concat(), &direction);
        prop_assert!(first < 1e-6 && second < 1e-6, "{first} {second}");
    }
}

#[test]
fn potentials_that_time_couples_have_one_constant() {
    for (weight, constants) in [(None, SEGMENTS), (Some(0.3), 1)] {
        let posterior = posterior(2, Some(1.0), weight);
        assert_eq!(posterior.pinned().len(), constants);
        assert_eq!(
            posterior.prior_weights().len(),
            3 + usize::from(weight.is_some())
        );
        let mut x = posterior.start();
        let report = minimize(&posterior, &mut x, &Settings::default(), &mut || false);
        assert_eq!(report.status, Status::Converged);
        posterior.normalize_potential(&mut x);
        let potential = &x[SEGMENTS * CELLS..];
        assert_eq!(potential.iter().filter(|v| **v == 0.0).count(), constants);
    }
}
