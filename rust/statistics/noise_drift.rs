//! The spurious drift that the noise of localizations makes of changes of their density.

use super::CellStatistics;
use crate::Result;
use crate::error::{check_finite, check_length};
use crate::tessellation::Adjacency;

/// Cells and what is between them, as far as densities change from one to the other.
#[derive(Debug, Clone, Copy)]
pub struct Borders<'a, const D: usize> {
    adjacency: &'a Adjacency,
    volumes: &'a [f64],
    weights: &'a [[f64; D]],
}

impl<'a, const D: usize> Borders<'a, D> {
    /// For each cell, its volume; for each of its neighbours, what the difference of the densities of both adds
    /// to the integral of the gradient over the cell: half the edge that they share, as a vector to the neighbour.
    ///
    /// # Errors
    ///
    /// If lengths differ, or a weight is not finite.
    pub fn new(
        adjacency: &'a Adjacency,
        volumes: &'a [f64],
        weights: &'a [[f64; D]],
    ) -> Result<Self> {
        let (count, pairs) = (adjacency.cell_count(), adjacency.as_parts().1.len());
        check_length("volumes", volumes.len(), count, "the cells")?;
        check_length("borders", weights.len(), pairs, "their neighbours")?;
        check_finite("borders", weights)?;
        Ok(Self {
            adjacency,
            volumes,
            weights,
        })
    }

    /// Relative change `∇ ln w`, µm⁻¹, in each cell, of the density w of which it holds an amount; zero where it
    /// holds nothing.
    ///
    /// # Errors
    ///
    /// If there are not as many amounts as cells.
    pub fn relative_change(&self, amounts: &[f64]) -> Result<Vec<[f64; D]>> {
        check_length("amounts", amounts.len(), self.volumes.len(), "the cells")?;
        let densities = amounts.iter().zip(self.volumes);
        let densities: Vec<f64> = densities.map(|(amount, volume)| amount / volume).collect();
        let (starts, neighbours) = self.adjacency.as_parts();
        let change = |(cell, &amount): (usize, &f64)| {
            let mut flow = [0.0; D];
            if amount > 0.0 {
                for place in starts[cell]..starts[cell + 1] {
                    let difference = densities[neighbours[place]] - densities[cell];
                    for (flow, weight) in flow.iter_mut().zip(self.weights[place]) {
                        *flow += difference * weight / amount;
                    }
                }
            }
            flow
        };
        Ok(amounts.iter().enumerate().map(change).collect())
    }
}

impl<const D: usize> CellStatistics<D> {
    /// The statistics of cells, without the drift that is due to the error of origins, given those of
    /// displacements of several kinds: of all cells for the first kind, then for the next.
    ///
    /// What is subtracted is the same for all displacements of a cell and kind: their mean error, of the variance
    /// `variance` less what the exposure takes of it, times the relative change of the density of their kind, and
    /// the share of that which the kind has. A cell has the groups of all kinds, one kind after the other.
    ///
    /// # Errors
    ///
    /// If there are not as many statistics as cells and kinds.
    pub fn without_noise_drift(
        &self,
        borders: &Borders<'_, D>,
        variance: f64,
        exposure_time: f64,
        shares: &[f64],
    ) -> Result<Self> {
        let cell_count = borders.volumes.len();
        let as_many = "the cells of each kind";
        check_length(
            "sums",
            self.cell_count(),
            shares.len() * cell_count,
            as_many,
        )?;
        let mut drifts = Vec::with_capacity(shares.len());
        for (kind, share) in shares.iter().enumerate() {
            let cells = kind * cell_count..(kind + 1) * cell_count;
            let counts: Vec<f64> = cells.clone().map(|cell| self.count(cell)).collect();
            let change = borders.relative_change(&counts)?;
            let of_cell = |(cell, change): (usize, &[f64; D])| {
                let variance = variance - self.diffusivity(cell, variance) * exposure_time / 3.0;
                change.map(|change| variance * share * change)
            };
            let drift: Vec<[f64; D]> = cells.zip(&change).map(of_cell).collect();
            drifts.push(drift);
        }
        let mut found = Self {
            starts: Vec::with_capacity(cell_count + 1),
            groups: Vec::with_capacity(self.groups.len()),
        };
        found.starts.push(0);
        for cell in 0..cell_count {
            for (kind, drifts) in drifts.iter().enumerate() {
                for group in self.cell(kind * cell_count + cell) {
                    let mut group = *group;
                    for (sum, drift) in group.sum.iter_mut().zip(drifts[cell]) {
                        let taken = group.count * drift;
                        group.sum_of_squares += drift * (taken - 2.0 * *sum);
                        *sum -= taken;
                    }
                    group.sum_of_squares = group.sum_of_squares.max(0.0);
                    found.groups.push(group);
                }
            }
            found.starts.push(found.groups.len());
        }
        Ok(found)
    }

    /// D of the displacements of one cell by themselves, if each coordinate is known but for a variance; 0
    /// without displacements.
    fn diffusivity(&self, cell: usize, variance: f64) -> f64 {
        let (mut spread, mut time) = (0.0, 0.0);
        for group in self.cell(cell) {
            spread += group.sum_of_squares / (2.0 * D as f64) - group.count * variance;
            time += group.count * group.diffusion_time;
        }
        if time > 0.0 {
            spread.max(0.0) / time
        } else {
            0.0
        }
    }
}
