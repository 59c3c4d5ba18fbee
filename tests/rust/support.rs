//! What several topics need: a lattice of cells, and random data on it.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use tramway::inference::{Model, Parameters, Posterior};
use tramway::statistics::CellStatistics;
use tramway::tessellation::Adjacency;

/// A hexagonal patch of cells one unit apart.
pub(crate) struct Lattice {
    pub(crate) centers: Vec<[f64; 2]>,
    pub(crate) adjacency: Adjacency,
    pub(crate) volumes: Vec<f64>,
}

/// `rows` rows of `columns` cells, spaced by `spacing`.
pub(crate) fn lattice(columns: usize, rows: usize, spacing: f64) -> Lattice {
    let centers: Vec<[f64; 2]> = (0..rows)
        .flat_map(|row| {
            (0..columns).map(move |column| {
                let shift = if row % 2 == 1 { 0.5 } else { 0.0 };
                [
                    spacing * (column as f64 + shift),
                    spacing * row as f64 * 0.75_f64.sqrt(),
                ]
            })
        })
        .collect();
    let adjacency = within(&centers, 1.1 * spacing);
    let volumes = vec![spacing * spacing * 0.75_f64.sqrt(); centers.len()];
    Lattice {
        centers,
        adjacency,
        volumes,
    }
}

impl Lattice {
    /// The posterior of the DV model on the cells.
    pub(crate) fn potential(
        &self,
        statistics: &CellStatistics<2>,
        parameters: Parameters,
    ) -> tramway::Result<Posterior<2>> {
        let (centers, adjacency, volumes) = (&self.centers, &self.adjacency, &self.volumes);
        Posterior::new(
            Model::Potential,
            centers,
            adjacency.clone(),
            volumes,
            statistics.clone(),
            parameters,
        )
    }
}

/// Neighbours are the points closer than `distance`.
pub(crate) fn within<const D: usize>(centers: &[[f64; D]], distance: f64) -> Adjacency {
    let mut starts = vec![0];
    let mut neighbours = Vec::new();
    for (i, a) in centers.iter().enumerate() {
        for (j, b) in centers.iter().enumerate() {
            let squared: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
            if i != j && squared < distance * distance {
                neighbours.push(j);
            }
        }
        starts.push(neighbours.len());
    }
    Adjacency::new(starts, neighbours).unwrap()
}

/// Displacements at two lags, with a variance and a drift of their own in every cell.
pub(crate) struct Sample<const D: usize> {
    pub(crate) cell: Vec<i64>,
    pub(crate) displacements: Vec<[f64; D]>,
    pub(crate) lags: Vec<f64>,
}

/// Draws about `per_cell` displacements in each cell.
pub(crate) fn displacements<const D: usize>(cells: usize, per_cell: usize, seed: u64) -> Sample<D> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = Sample {
        cell: vec![],
        displacements: vec![],
        lags: vec![],
    };
    for cell in 0..cells {
        let deviation: f64 = rng.random_range(0.05..0.2);
        let drift: [f64; D] = std::array::from_fn(|_| rng.random_range(-0.05..0.05));
        for k in 0..rng.random_range(1..2 * per_cell) {
            drawn.cell.push(i64::try_from(cell).unwrap());
            drawn.displacements.push(std::array::from_fn(|axis| {
                drift[axis] + deviation * rng.sample::<f64, _>(StandardNormal)
            }));
            drawn.lags.push(if k % 3 == 0 { 0.05 } else { 0.025 });
        }
    }
    drawn
}

impl<const D: usize> Sample<D> {
    pub(crate) fn statistics(&self, cells: usize) -> CellStatistics<D> {
        CellStatistics::new(cells, &self.cell, &self.displacements, &self.lags).unwrap()
    }
}
