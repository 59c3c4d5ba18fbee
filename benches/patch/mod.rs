//! A square patch of hexagons, with displacements in each.

#![allow(clippy::cast_possible_wrap)]

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tramway::inference::{Model, Parameters, Posterior};
use tramway::operators::Smoothness;
use tramway::statistics::CellStatistics;
use tramway::tessellation::{Tessellation, hexagons};

/// A square with a corner at the origin.
pub(crate) fn frame(side: f64) -> hexagons::Frame {
    hexagons::Frame {
        lower: [0.0; 2],
        upper: [side; 2],
        tilt: 0.0,
        pivot: [0.5 * side; 2],
    }
}

/// Cells of about unit area in that square.
pub(crate) fn cells(side: f64) -> Tessellation<2> {
    let cells = hexagons::by_spacing(&frame(side), 1.07);
    cells.expect("a lattice").tessellation
}

/// Cells with displacements: D = 0.1 µm²/s, σ = 0.03 µm.
pub(crate) struct Patch {
    cells: Tessellation<2>,
    cell: Vec<i64>,
    displacements: Vec<[f64; 2]>,
    lags: Vec<f64>,
}

impl Patch {
    /// The cells of a square, with so many displacements in each.
    pub(crate) fn new(side: f64, density: usize) -> Self {
        let cells = cells(side);
        let count = cells.centers.len() * density;
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let mut step = || 0.077 * random.sample::<f64, _>(StandardNormal);
        Self {
            cells,
            cell: (0..count).map(|k| (k / density) as i64).collect(),
            displacements: (0..count).map(|_| [step(), step()]).collect(),
            lags: vec![0.025; count],
        }
    }

    pub(crate) fn statistics(&self) -> CellStatistics<2> {
        let count = self.cells.centers.len();
        CellStatistics::new(count, &self.cell, &self.displacements, &self.lags)
            .expect("valid displacements")
    }

    /// That of the model DV, with priors 20, 1.
    pub(crate) fn posterior(&self, statistics: &CellStatistics<2>) -> Posterior<2> {
        let parameters = Parameters {
            localization_precision: 0.03,
            diffusivity_prior: 20.0,
            field_prior: 1.0,
            min_diffusivity: 0.0,
            smoothness: Smoothness::First,
        };
        Posterior::new(
            Model::Potential,
            &self.cells.centers,
            self.cells.adjacency.clone(),
            &self.cells.volumes,
            statistics.clone(),
            parameters,
        )
        .expect("a posterior")
    }
}
