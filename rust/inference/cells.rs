//! What every posterior starts from: the cells that hold data.

use super::Model;
use crate::error::{check_finite, check_length};
use crate::statistics::{CellStatistics, LagGroup};
use crate::tessellation::Adjacency;
use crate::{Error, Result};

/// The least variance `D Δt + σ²` that a displacement may be given, µm²: without localization noise
/// the likelihood of a cell whose molecules never move would otherwise have no maximum.
pub const MIN_VARIANCE: f64 = 1e-16;

/// Variables that one may be coupled with: their places in its column of the curvature have 16 bits.
const MOST_COUPLED: usize = 65_000;

/// The cells of a tessellation that hold displacements, numbered anew from 0; neighbours are counted
/// among them.
pub(super) struct Cells<const D: usize> {
    /// Number of cells of the tessellation.
    of: usize,
    /// Number of each in the tessellation; ascending.
    pub(super) numbers: Vec<usize>,
    pub(super) centers: Vec<[f64; D]>,
    pub(super) adjacency: Adjacency,
    pub(super) volumes: Vec<f64>,
    pub(super) statistics: CellStatistics<D>,
}

impl<const D: usize> Cells<D> {
    /// Takes the cells that hold displacements, maybe none, and adds to the noise of the displacements
    /// that of a precision which all localizations share.
    ///
    /// # Errors
    ///
    /// If lengths differ, or a center or volume is not finite and positive.
    pub(super) fn with_data(
        centers: &[[f64; D]],
        adjacency: Adjacency,
        volumes: &[f64],
        statistics: CellStatistics<D>,
        localization_precision: f64,
    ) -> Result<Self> {
        let count = centers.len();
        check_length("adjacency", adjacency.cell_count(), count, "`centers`")?;
        check_length("volumes", volumes.len(), count, "`centers`")?;
        check_length("statistics", statistics.cell_count(), count, "`centers`")?;
        check_finite("centers", centers)?;
        let mut numbers = Vec::with_capacity(count);
        numbers.extend((0..count).filter(|&cell| !statistics.cell(cell).is_empty()));
        if let Some(&index) = numbers
            .iter()
            .find(|&&cell| !(volumes[cell].is_finite() && volumes[cell] > 0.0))
        {
            return Err(Error::Element {
                name: "volumes",
                index,
                seen: volumes[index].to_string(),
                expected: "a positive area or volume",
            });
        }
        Ok(Self {
            of: count,
            centers: numbers.iter().map(|&cell| centers[cell]).collect(),
            adjacency: if numbers.len() == count {
                adjacency
            } else {
                adjacency.restricted(&numbers)
            },
            volumes: numbers.iter().map(|&cell| volumes[cell]).collect(),
            statistics: statistics
                .without_empty_cells()
                .with_common_noise(localization_precision.powi(2)),
            numbers,
        })
    }

    /// Checks that there is enough to infer the maps of a model.
    ///
    /// # Errors
    ///
    /// [`Error::InsufficientData`] if no cell holds displacements, or, for a potential, no two
    /// neighbouring ones do.
    pub(super) fn check_enough_for(&self, model: Model) -> Result<()> {
        let m = self.numbers.len();
        if model == Model::Potential {
            if (0..m).all(|cell| self.adjacency.neighbours(cell).is_empty()) {
                return Err(Error::InsufficientData {
                    seen: format!("{m} cells hold translocations, none beside another"),
                    needed:
                        "a potential needs at least two neighbouring cells with data: enlarge the \
                             region or the cells"
                            .into(),
                });
            }
        } else if m == 0 {
            return Err(Error::InsufficientData {
                seen: format!("none of {} cells holds a translocation", self.of),
                needed: "a map needs at least one: enlarge the region".into(),
            });
        }
        Ok(())
    }

    /// Checks that no variable, of which there are so many in each cell, is coupled with more others than the
    /// curvature can tell apart: those of neighbours, and of their neighbours. O(m) for m cells that have few.
    ///
    /// # Errors
    ///
    /// [`Error::Element`] for the cell that has the most neighbours.
    pub(super) fn check_couplings(&self, variables_per_cell: usize) -> Result<()> {
        let m = self.numbers.len();
        let count = |cell: usize| self.adjacency.neighbours(cell).len();
        let Some(hub) = (0..m).max_by_key(|&cell| count(cell)) else {
            return Ok(());
        };
        let is_too_many = |cells: usize| cells.min(m) * variables_per_cell > MOST_COUPLED;
        let near = |cell: usize| {
            let neighbours = self.adjacency.neighbours(cell).iter();
            neighbours.map(|&other| 1 + count(other)).sum()
        };
        if is_too_many(count(hub) * (1 + count(hub))) && (0..m).map(near).any(is_too_many) {
            return Err(Error::Element {
                name: "adjacency",
                index: self.numbers[hub],
                seen: format!("a list of {} cells", count(hub)),
                expected: "fewer: the variables of cells that are neighbours, or have one in common, are \
                           coupled, and one can be with 65000 others; merge small cells",
            });
        }
        Ok(())
    }
}

/// The least diffusivity of a cell that makes sense: 0, or what [`MIN_VARIANCE`] asks for.
pub(super) fn floor<const D: usize>(groups: &[LagGroup<D>]) -> f64 {
    let floor = |group: &LagGroup<D>| (MIN_VARIANCE - group.noise).max(0.0) / group.diffusion_time;
    groups.iter().map(floor).fold(0.0, f64::max)
}

/// Checks that each of some named parameters is a number that is not negative.
pub(super) fn check_not_negative(parameters: &[(&'static str, f64)]) -> Result<()> {
    for &(name, value) in parameters {
        if !(value.is_finite() && value >= 0.0) {
            return Err(Error::Value {
                name,
                seen: value.to_string(),
                expected: "a number ≥ 0",
            });
        }
    }
    Ok(())
}
