//! Sums over displacements of several lags or noises.

use std::collections::HashMap;
use std::ops::Range;

use rayon::prelude::*;

use super::data::{Data, Displacements};
use super::moments::{InOrder, chunk_size};
use super::{CellStatistics, LagGroup, lag_key};
use crate::Result;
use crate::threads::{self, CHUNK};

/// Rows, for each block of cells, that tell where blocks of about as many rows end.
const SAMPLE: usize = 1024;

/// Displacements, and the cell of each, negative for none.
pub(super) struct Groups<'a, const D: usize, S: ?Sized> {
    data: &'a Data<'a, D, S>,
    cell: &'a [i64],
    chunk_size: usize,
}

impl<'a, const D: usize, S: Displacements<D> + ?Sized> Groups<'a, D, S> {
    /// Takes displacements that are good.
    pub(super) fn new(data: &'a Data<'a, D, S>, cell: &'a [i64], cell_count: usize) -> Self {
        Self {
            data,
            cell,
            chunk_size: chunk_size(cell_count),
        }
    }

    /// Statistics of cells, of any lags and noises, the same on any number of threads.
    pub(super) fn statistics(&self, cell_count: usize) -> Result<CellStatistics<D>> {
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
        share_lags(&mut groups);
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
        let data = self.data;
        rows.sort_by_cached_key(|&row| data.key(row)); // stable: the order of the data remains
        for rows in rows.chunk_by(|&one, &next| data.has_key(next, data.key(one))) {
            let mut sum = InOrder::NONE;
            for &row in rows {
                sum.add(
                    row / self.chunk_size,
                    data.lags[row],
                    data.displacements.of(row),
                );
            }
            groups.push(sum.group(data.noise(rows[0])));
        }
    }
}

/// Gives groups of one key, in whichever cells, one lag: the least.
pub(super) fn share_lags<const D: usize>(groups: &mut [LagGroup<D>]) {
    let mut least = HashMap::new();
    for group in groups.iter() {
        let lag = least.entry(lag_key(group.lag)).or_insert(group.lag);
        *lag = group.lag.min(*lag);
    }
    for group in groups {
        group.lag = least[&lag_key(group.lag)];
        group.diffusion_time = group.lag;
    }
}
