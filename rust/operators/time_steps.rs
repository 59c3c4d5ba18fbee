//! How much a map changes in time, which the time priors penalise.

use super::QuadraticForm;
use crate::error::{check_finite, check_length};
use crate::tessellation::Adjacency;
use crate::{Error, Result};

/// Segments of time that have the same cells of space: of n, cell c in segment s is cell `s n + c`.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeSegments {
    middles: Vec<[f64; 1]>,
    volumes: Vec<f64>,
}

impl TimeSegments {
    /// Takes the time in the middle of each segment, s, and the areas, or volumes, of all cells.
    ///
    /// # Errors
    ///
    /// If the times are not finite and ascending, or do not divide the number of cells.
    pub fn new(middles: &[f64], volumes: &[f64]) -> Result<Self> {
        let middles: Vec<[f64; 1]> = middles.iter().map(|&t| [t]).collect();
        check_finite("middles", &middles)?;
        if middles.is_empty() || middles.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(Error::Value {
                name: "middles",
                seen: format!("a list of {}", middles.len()),
                expected: "at least one time, in ascending order",
            });
        }
        let whole = volumes.len() / middles.len() * middles.len();
        check_length("volumes", volumes.len(), whole, "cells times segments")?;
        Ok(Self {
            middles,
            volumes: volumes.to_vec(),
        })
    }

    /// `Σᵢ aᵢ · mean_j ((x_j − x_i) / (t_j − t_i))²` over the `cells` that hold data, i, of area (or
    /// volume) `aᵢ`, where j are the same cell in the last segment before and in the first segment
    /// after in which it holds data: the mean squared rate of change of each cell, over space, summed
    /// over segments.
    ///
    /// O(n log n) time and O(n) memory for n cells.
    ///
    /// # Errors
    ///
    /// If there is not such a cell, or no cell holds data in two segments.
    pub fn variation(&self, cells: &[usize]) -> Result<QuadraticForm> {
        let per_segment = self.volumes.len() / self.middles.len();
        let mut pairs = Vec::new();
        let mut last = vec![None; per_segment];
        let mut times = Vec::with_capacity(cells.len());
        let mut volumes = Vec::with_capacity(cells.len());
        for (i, &cell) in cells.iter().enumerate() {
            let Some(&volume) = self.volumes.get(cell) else {
                return Err(Error::Element {
                    name: "cells",
                    index: i,
                    seen: cell.to_string(),
                    expected: "a number below cells times segments",
                });
            };
            times.push(self.middles[cell / per_segment]);
            volumes.push(volume);
            pairs.extend(
                last[cell % per_segment]
                    .replace(i)
                    .map(|before| (before, i)),
            );
        }
        if pairs.is_empty() {
            return Err(Error::InsufficientData {
                seen: "no cell holds translocations in two time segments".into(),
                needed: "a time prior needs at least one that does: enlarge the segments or the \
                         cells, or leave the prior out"
                    .into(),
            });
        }
        let adjacency = Adjacency::from_pairs(cells.len(), pairs)?;
        Ok(QuadraticForm::of_slopes(&times, &adjacency, &volumes))
    }
}
