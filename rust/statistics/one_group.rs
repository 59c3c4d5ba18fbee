//! Sums over displacements that all have one lag and one noise: as most data.

use std::ops::Range;

use rayon::prelude::*;

use super::data::{Data, Displacements, Key};
use super::moments::{Moments, chunks};
use super::{CellStatistics, LAG_RESOLUTION, is_positive, lag_of};
use crate::Result;
use crate::tessellation::Midpoints;
use crate::threads;

/// Rows whose cells are found, and then summed: so many that the tables of both are not in memory in turn, page by page.
const AT_ONCE: usize = 1 << 16;

/// Cells that one thread adds up at a time.
const SHARE: usize = 4096;

/// Where displacements belong.
pub(super) trait Filed: Sync {
    /// The cells of some rows, negative for none, maybe found in `room`; none where something is to be refused.
    fn cells<'a>(&'a self, rows: Range<usize>, room: &'a mut Vec<i64>) -> Option<&'a [i64]>;
}

impl Filed for [i64] {
    fn cells<'a>(&'a self, rows: Range<usize>, _: &'a mut Vec<i64>) -> Option<&'a [i64]> {
        Some(&self[rows])
    }
}

impl<const D: usize> Filed for Midpoints<'_, D> {
    fn cells<'a>(&'a self, rows: Range<usize>, room: &'a mut Vec<i64>) -> Option<&'a [i64]> {
        room.resize(rows.len(), 0);
        self.file(rows.start, room).then_some(room)
    }
}

impl<const D: usize, S: Displacements<D> + ?Sized> Data<'_, D, S> {
    /// Statistics of cells that hold one group each, of a lag and noise that all share; none where others
    /// are, or anything that is not as it should be.
    ///
    /// One pass over the data, which shows them to be good, too: that takes little longer than to bring them
    /// from the memory. Threads have a chunk of rows and a table of sums each; the tables are added up in the
    /// order of the chunks.
    pub(super) fn in_one_group(
        &self,
        filed: &(impl Filed + ?Sized),
        cell_count: usize,
    ) -> Result<Option<CellStatistics<D>>> {
        if self.lags.is_empty() {
            return Ok(None);
        }
        let key = self.key(0);
        let chunks = chunks(self.lags.len(), cell_count);
        let table = || Vec::with_capacity(cell_count);
        let mut sums = table();
        let summed = |rows: &Range<usize>, table: &mut Vec<Moments<D>>| {
            table.clear();
            table.resize(cell_count, Moments::NONE);
            self.add(filed, rows.clone(), key, table)
        };
        let least = if let [rows] = &chunks[..] {
            summed(rows, &mut sums)
        } else {
            threads::install(|| {
                let at_once = rayon::current_num_threads().min(chunks.len());
                let mut tables: Vec<_> = (0..at_once).map(|_| table()).collect();
                let mut least = f64::INFINITY;
                for chunks in chunks.chunks(at_once) {
                    let each = tables.par_iter_mut().zip(chunks);
                    let found: Option<Vec<f64>> = each.map(|(t, rows)| summed(rows, t)).collect();
                    least = found?.into_iter().fold(least, f64::min);
                    let is_first = sums.is_empty();
                    if is_first {
                        std::mem::swap(&mut sums, &mut tables[0]);
                    }
                    let others = usize::from(is_first)..chunks.len();
                    let shares = sums.par_chunks_mut(SHARE).enumerate();
                    shares.for_each(|(share, sums)| {
                        for table in &tables[others.clone()] {
                            for (sum, part) in sums.iter_mut().zip(&table[share * SHARE..]) {
                                sum.merge(part);
                            }
                        }
                    });
                }
                Some(least)
            })?
        };
        // Sums are finite only of finite numbers; and lags of a positive key are positive.
        let is_good = |sum: &Moments<D>| sum.sum_of_squares.is_finite();
        let lag = least.filter(|_| key.0 > 0 && sums.iter().all(is_good));
        let noise = f64::from_bits(key.1);
        Ok(lag.map(|lag| {
            let mut starts = Vec::with_capacity(cell_count + 1);
            starts.push(0);
            let mut end = 0;
            for sum in &sums {
                end += usize::from(sum.count > 0.0);
                starts.push(end);
            }
            let there = sums.iter().filter(|sum| sum.count > 0.0);
            let mut groups = Vec::with_capacity(end);
            groups.extend(there.map(|sum| sum.group(lag, noise)));
            CellStatistics { starts, groups }
        }))
    }

    /// Adds rows to the sums of their cells, and gives the least lag; none if something is not as it should be.
    fn add(
        &self,
        filed: &(impl Filed + ?Sized),
        rows: Range<usize>,
        key: Key,
        sums: &mut [Moments<D>],
    ) -> Option<f64> {
        let mut room = Vec::new();
        let mut least = f64::INFINITY;
        for begin in rows.clone().step_by(AT_ONCE) {
            let rows = begin..rows.end.min(begin + AT_ONCE);
            least = self.least_lag(rows.clone(), key)?.min(least);
            let cells = filed.cells(rows.clone(), &mut room)?;
            if !add_rows(self.displacements, rows, cells, sums) {
                return None;
            }
        }
        Some(least)
    }

    /// The least lag of some rows; none if they do not all have the key.
    fn least_lag(&self, rows: Range<usize>, key: Key) -> Option<f64> {
        let middle = lag_of(key.0);
        let lags = &self.lags[rows.clone()];
        let is_clear = |lag: &f64| (lag - middle).abs() < 0.49 * LAG_RESOLUTION;
        let are_clear = lags.iter().fold(true, |all, lag| all & is_clear(lag));
        let have_key = match self.imaging.noise {
            None => are_clear,
            Some(noise) => are_clear && noise[rows.clone()].iter().all(|v| v.to_bits() == key.1),
        };
        // Lags beyond 292 years have one key with those that are infinite.
        let has_key = |row| is_positive(self.lags[row]) && self.key(row) == key;
        (have_key || rows.into_iter().all(has_key))
            .then(|| lags.iter().copied().fold(f64::INFINITY, f64::min))
    }
}

/// Adds rows to the sums of their cells; false if something is not as it should be.
///
/// A function of its own, so that all that the loop needs is in registers.
#[inline(never)]
fn add_rows<const D: usize>(
    displacements: &(impl Displacements<D> + ?Sized),
    rows: Range<usize>,
    cells: &[i64],
    sums: &mut [Moments<D>],
) -> bool {
    for (&cell, row) in cells.iter().zip(rows) {
        let displacement = displacements.of(row);
        // What is in no cell is beyond all of them.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        if let Some(sum) = sums.get_mut(cell as usize) {
            sum.add(displacement);
        } else if cell >= 0 || !displacement.iter().all(|dr| dr.is_finite()) {
            return false;
        }
    }
    true
}
