//! A square patch of hexagons.

#![allow(clippy::cast_possible_wrap)]

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tramway::inference::{Model, Parameters, Posterior};
use tramway::operators::Smoothness;
use tramway::statistics::CellStatistics;
use tramway::tessellation::hexagons;

/// About `cells` cells of 100 displacements each, with D = 0.1 µm²/s, σ = 0.03 µm and priors 20, 1.
pub(crate) fn posterior(cells: usize) -> Posterior<2> {
    let side = (cells as f64).sqrt();
    let frame = hexagons::Frame {
        lower: [0.0; 2],
        upper: [side; 2],
        tilt: 0.0,
        pivot: [0.5 * side; 2],
    };
    let mesh = hexagons::by_spacing(&frame, 1.07)
        .expect("a lattice")
        .tessellation;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let count = mesh.centers.len() * 100;
    let cell: Vec<i64> = (0..count).map(|k| (k / 100) as i64).collect();
    let displacements: Vec<[f64; 2]> = (0..count)
        .map(|_| [0; 2].map(|_| 0.077 * rng.sample::<f64, _>(StandardNormal)))
        .collect();
    let lags = vec![0.025; count];
    let statistics = CellStatistics::new(mesh.centers.len(), &cell, &displacements, &lags)
        .expect("valid displacements");
    let parameters = Parameters {
        localization_precision: 0.03,
        diffusivity_prior: 20.0,
        field_prior: 1.0,
        min_diffusivity: 0.0,
        smoothness: Smoothness::First,
    };
    Posterior::new(
        Model::Potential,
        &mesh.centers,
        &mesh.adjacency,
        &mesh.volumes,
        &statistics,
        parameters,
    )
    .expect("a posterior")
}
