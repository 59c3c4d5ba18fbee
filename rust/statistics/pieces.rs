//! Statistics of displacements that come piece by piece, so that these need not be in memory at once.

use std::ops::Range;

use super::groups::share_lags;
use super::moments::{InOrder, chunk_size};
use super::{CellStatistics, LagGroup, check_exposure, check_lengths, check_values, lag_key};
use crate::{Error, Result};

/// Sums over the displacements of every cell, that pieces of data are added to.
///
/// Cells take their displacements in the order of the data, chunk by chunk: the sums are those of all data at
/// once, to the bit, however these are cut into pieces.
#[derive(Debug, Clone)]
pub struct SummedPieces<const D: usize> {
    /// The groups of each cell, by ascending key of the lag.
    cells: Vec<Vec<(i64, InOrder<D>)>>,
    group_count: usize,
    /// Number of displacements so far, those in no cell as well.
    row_count: usize,
}

impl<const D: usize> SummedPieces<D> {
    /// Starts with cells that hold nothing.
    #[must_use]
    pub fn new(cell_count: usize) -> Self {
        Self {
            cells: vec![Vec::new(); cell_count],
            group_count: 0,
            row_count: 0,
        }
    }

    /// Adds displacements, each assigned to a cell, or to none by a negative number. O(N) time, where
    /// cells have few lags each.
    ///
    /// # Errors
    ///
    /// As those of [`CellStatistics::new`]; nothing is added then.
    pub fn add(&mut self, cell: &[i64], displacements: &[[f64; D]], lags: &[f64]) -> Result<()> {
        check_lengths(cell, displacements, lags)?;
        check_values(self.cells.len(), cell, displacements, lags)?;
        let size = chunk_size(self.cells.len());
        let begin = self.row_count;
        self.row_count += cell.len();
        let rows = cell.iter().zip(displacements).zip(lags);
        for (row, ((&cell, &displacement), &lag)) in (begin..).zip(rows) {
            let Ok(cell) = usize::try_from(cell) else {
                continue;
            };
            let key = lag_key(lag);
            let groups = &mut self.cells[cell];
            let place = match groups.binary_search_by_key(&key, |&(key, _)| key) {
                Ok(place) => place,
                Err(place) => {
                    groups.insert(place, (key, InOrder::NONE));
                    self.group_count += 1;
                    place
                }
            };
            groups[place].1.add(row / size, lag, displacement);
        }
        Ok(())
    }

    /// Number of groups so far, of a cell and a lag each.
    #[must_use]
    pub fn group_count(&self) -> usize {
        self.group_count
    }

    /// The statistics of all that was added.
    #[must_use]
    pub fn statistics(&self) -> CellStatistics<D> {
        let mut found = CellStatistics {
            starts: vec![0],
            groups: Vec::with_capacity(self.group_count),
        };
        for cell in &self.cells {
            found
                .groups
                .extend(cell.iter().map(|(_, sum)| sum.group(0.0)));
            found.starts.push(found.groups.len());
        }
        share_lags(&mut found.groups);
        found
    }
}

impl<const D: usize> CellStatistics<D> {
    /// Takes sums that were made before.
    ///
    /// `groups[starts[c]..starts[c + 1]]` are those of cell c. Their diffusion times follow from the
    /// exposure time, s.
    ///
    /// # Errors
    ///
    /// If these are not ranges of the groups, a lag is not positive or shorter than the exposure, a
    /// number of displacements is not positive, or a sum is not finite.
    pub fn of_groups(
        starts: Vec<usize>,
        mut groups: Vec<LagGroup<D>>,
        exposure_time: f64,
    ) -> Result<Self> {
        let count = groups.len();
        let are_ranges = starts.first() == Some(&0)
            && starts.last() == Some(&count)
            && starts.windows(2).all(|ends| ends[0] <= ends[1]);
        if !are_ranges {
            return Err(Error::Value {
                name: "starts",
                seen: format!("{} numbers", starts.len()),
                expected: "where the groups of each cell begin, from 0 to the number of groups",
            });
        }
        let is_finite = |group: &LagGroup<D>| group.sum.iter().all(|sum| sum.is_finite());
        if let Some(index) = groups.iter().position(|group| !is_finite(group)) {
            return Err(Error::Element {
                name: "sums",
                index,
                seen: format!("{:?}", groups[index].sum),
                expected: "finite numbers",
            });
        }
        let is_good = |group: &LagGroup<D>| {
            [group.lag, group.count]
                .iter()
                .all(|value| value.is_finite() && *value > 0.0)
                && group.sum_of_squares.is_finite()
                && group.noise >= 0.0
        };
        if let Some(index) = groups.iter().position(|group| !is_good(group)) {
            return Err(Error::Element {
                name: "groups",
                index,
                seen: format!("{:?}", groups[index]),
                expected: "a lag in s and a number of displacements, both positive, and finite sums",
            });
        }
        let lags = groups.iter().map(|group| group.lag);
        check_exposure(exposure_time, || Ok(lags.fold(f64::INFINITY, f64::min)))?;
        for group in &mut groups {
            group.diffusion_time = group.lag - exposure_time / 3.0;
        }
        Ok(Self { starts, groups })
    }

    /// All groups, cell by cell, and the range of them that each cell has.
    pub fn groups(&self) -> (&[LagGroup<D>], impl Iterator<Item = Range<usize>>) {
        let ranges = self.starts.windows(2).map(|ends| ends[0]..ends[1]);
        (&self.groups, ranges)
    }
}
