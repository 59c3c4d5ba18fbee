//! Sums over displacements that are all there at once.

use std::ops::Range;

use rayon::prelude::*;

use super::{
    Adding, CellStatistics, Imaging, LAG_RESOLUTION, LagGroup, is_positive, lag_key, lag_of,
};
use crate::Result;
use crate::threads::{self, CHUNK};

/// Rows, for each block of cells, that tell where blocks of about as many rows end.
const SAMPLE: usize = 1024;

/// Displacements, one in each row.
pub(super) struct Data<'a, const D: usize> {
    pub(super) cell: &'a [i64],
    pub(super) displacements: &'a [[f64; D]],
    pub(super) lags: &'a [f64],
    pub(super) imaging: Imaging<'a>,
}

impl<const D: usize> Data<'_, D> {
    /// Statistics of cells that hold one group each, of a lag and noise that all share; none where others
    /// are, or anything that is not as it should be.
    ///
    /// One pass over the data by one thread, which shows them to be good, too: that takes little longer
    /// than to bring them from the memory. Threads with some of the cells each would all have to go
    /// through all rows, in about the same time.
    pub(super) fn in_one_group(&self, cell_count: usize) -> Option<CellStatistics<D>> {
        let first = self.cell.iter().position(|&cell| cell >= 0)?;
        let key = self.key(first);
        let mut found = vec![self.empty(first); cell_count];
        let rows = self.cell.iter().zip(self.displacements).zip(self.lags);
        for (row, ((&cell, displacement), &lag)) in rows.enumerate() {
            // What is in no cell is beyond all of them.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            if let Some(sum) = found.get_mut(cell as usize) {
                if !self.has_key(row, key) {
                    return None;
                }
                sum.add(lag, *displacement);
            } else if cell >= 0 || !is_positive(lag) || !displacement.iter().all(|x| x.is_finite())
            {
                return None;
            }
        }
        // Sums are finite only of finite numbers; and lags of a positive key are positive.
        let is_good = |sum: &Adding<D>| sum.beyond.is_finite() && sum.sum_of_squares.is_finite();
        if key.0 <= 0 || !found.iter().all(is_good) {
            return None;
        }
        let mut starts = Vec::with_capacity(cell_count + 1);
        starts.push(0);
        let mut end = 0;
        for sum in &found {
            end += usize::from(sum.count > 0.0);
            starts.push(end);
        }
        let there = found.into_iter().filter(|sum| sum.count > 0.0);
        let groups = there.map(|sum| sum.group()).collect();
        Some(CellStatistics { starts, groups })
    }

    /// Statistics of cells, of any lags and noises, the same on any number of threads.
    pub(super) fn in_groups(&self, cell_count: usize) -> Result<CellStatistics<D>> {
        // To hand a little to other threads takes longer than to do it.
        let blocks = if self.cell.len() <= CHUNK {
            vec![self.block(0..cell_count)]
        } else {
            threads::install(|| self.blocks(cell_count))?
        };
        let mut starts = vec![0];
        let mut groups = Vec::with_capacity(blocks.iter().map(|block| block.groups.len()).sum());
        for block in blocks {
            let before = groups.len();
            starts.extend(block.starts[1..].iter().map(|start| before + start));
            groups.extend(block.groups);
        }
        Ok(CellStatistics { starts, groups })
    }

    /// Statistics of successive blocks of cells, one for each thread.
    ///
    /// Each thread goes through all rows, and takes those of its block in the order of the data: what is
    /// summed in a cell is summed in that order, however many blocks there are. To deal the rows out
    /// beforehand would take longer than to pass over those of others.
    fn blocks(&self, cell_count: usize) -> Vec<CellStatistics<D>> {
        let count = self.cell.len().div_ceil(CHUNK);
        let ends = self.ends(cell_count, count.clamp(1, rayon::current_num_threads()));
        ends.par_windows(2)
            .map(|ends| self.block(ends[0]..ends[1]))
            .collect()
    }

    /// Where blocks of cells end, from 0 on, so that they hold about as many rows each.
    fn ends(&self, cell_count: usize, block_count: usize) -> Vec<usize> {
        let step = (self.cell.len() / (SAMPLE * block_count)).max(1);
        let some = self.cell.iter().step_by(step);
        let mut sample: Vec<usize> = some.filter_map(|&cell| cell.try_into().ok()).collect();
        sample.sort_unstable();
        let end = |block| match sample.get(block * sample.len() / block_count) {
            _ if block == 0 => 0,
            Some(&cell) => cell,
            None => cell_count,
        };
        (0..=block_count).map(end).collect()
    }

    /// Statistics of a block of cells, whose rows are sorted by it.
    fn block(&self, cells: Range<usize>) -> CellStatistics<D> {
        let cell_count = cells.len();
        let rows = self.cell.iter().enumerate().filter_map(|(row, &cell)| {
            // What is in no cell is beyond all of them.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let cell = (cell as usize).wrapping_sub(cells.start);
            (cell < cell_count).then_some((cell, row))
        });
        let mut ends = vec![0; cell_count + 1];
        for (cell, _) in rows.clone() {
            ends[cell + 1] += 1;
        }
        for cell in 0..cell_count {
            ends[cell + 1] += ends[cell];
        }
        let mut order = vec![0; ends[cell_count]];
        for (cell, row) in rows {
            // Where the cell begins, until all of its rows are there: then where it ends.
            let next = &mut ends[cell];
            order[*next] = row;
            *next += 1;
        }
        let mut block = CellStatistics {
            starts: vec![0],
            groups: Vec::with_capacity(cell_count),
        };
        let mut begin = 0;
        for &end in &ends[..cell_count] {
            self.sort_into_groups(&mut order[begin..end], &mut block.groups);
            block.starts.push(block.groups.len());
            begin = end;
        }
        block
    }

    /// Appends the groups of one cell, given its rows, ascending.
    fn sort_into_groups(&self, rows: &mut [usize], groups: &mut Vec<LagGroup<D>>) {
        rows.sort_by_cached_key(|&row| self.key(row)); // stable: the order of the data remains
        for rows in rows.chunk_by(|&one, &next| self.has_key(next, self.key(one))) {
            let mut sum = self.empty(rows[0]);
            for &row in rows {
                sum.add(self.lags[row], self.displacements[row]);
            }
            groups.push(sum.group());
        }
    }

    /// The group that a row belongs to, before anything is added.
    fn empty(&self, row: usize) -> Adding<D> {
        Adding::empty(lag_key(self.lags[row]), self.noise(row))
    }

    fn noise(&self, row: usize) -> f64 {
        self.imaging.noise.map_or(0.0, |noise| noise[row])
    }

    /// What displacements of one group share; numbers that are not negative are in the order of their
    /// bits.
    fn key(&self, row: usize) -> (i64, u64) {
        (lag_key(self.lags[row]), self.noise(row).to_bits())
    }

    /// Whether that is the key of a row: in less time than the key takes.
    fn has_key(&self, row: usize, key: (i64, u64)) -> bool {
        let is_clear = (self.lags[row] - lag_of(key.0)).abs() < 0.49 * LAG_RESOLUTION;
        (is_clear && self.noise(row).to_bits() == key.1) || self.key(row) == key
    }
}
