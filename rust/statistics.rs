//! Sufficient statistics: all that a likelihood needs to know of the displacements in a cell.
//!
//! For one cell, one lag and one variance of the noise, the likelihood of any number of displacements
//! `Δr` under a Gaussian model depends only on their number, `ΣΔr` and `Σ|Δr|²`. One pass over the data
//! replaces every later one.

mod pieces;

use std::ops::Range;

use rayon::prelude::*;

use crate::error::{check_finite, check_length};
use crate::threads::{self, CHUNK};
use crate::{Error, Result};

pub use pieces::SummedPieces;

/// Lags that differ by less than this, in s, are one lag: differences of times written as decimals
/// carry rounding noise far below it, and no camera resolves it.
const LAG_RESOLUTION: f64 = 1e-9;

/// Rows, for each block of cells, that tell where blocks of about as many rows end.
const SAMPLE: usize = 1024;

/// The displacements of one cell that share one lag and one variance of the noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LagGroup<const D: usize> {
    /// The lag `Δt`, s (the mean over the group).
    pub lag: f64,
    /// The time that diffusion has to spread molecules, s: the lag less a third of the exposure.
    pub diffusion_time: f64,
    /// Half the variance along each axis that is due to noise, µm²: σ² if both ends have the precision
    /// σ, the mean of their σ² in general.
    pub noise: f64,
    /// Number of displacements.
    pub count: f64,
    /// `ΣΔr`, µm.
    pub sum: [f64; D],
    /// `Σ|Δr|²`, µm².
    pub sum_of_squares: f64,
}

impl<const D: usize> LagGroup<D> {
    /// Half the variance of a displacement along each axis, `D (Δt − t_E/3) + σ²`, µm².
    #[must_use]
    pub fn half_variance(&self, diffusivity: f64) -> f64 {
        diffusivity * self.diffusion_time + self.noise
    }
}

/// A group that displacements are added to.
#[derive(Debug, Clone, Copy)]
struct Adding<const D: usize> {
    /// What all lags of the group are near to, s.
    near: f64,
    /// Sum of their differences to that: so each is added without a division, and equal lags keep their
    /// exact value.
    beyond: f64,
    noise: f64,
    count: f64,
    sum: [f64; D],
    sum_of_squares: f64,
}

impl<const D: usize> Adding<D> {
    /// That of lags with a key, before anything is added.
    fn empty(lag_key: i64, noise: f64) -> Self {
        Self {
            near: lag_of(lag_key),
            beyond: 0.0,
            noise,
            count: 0.0,
            sum: [0.0; D],
            sum_of_squares: 0.0,
        }
    }

    /// Adds a displacement.
    fn add(&mut self, lag: f64, displacement: [f64; D]) {
        self.count += 1.0;
        self.beyond += lag - self.near;
        for (sum, dr) in self.sum.iter_mut().zip(displacement) {
            *sum += dr;
            self.sum_of_squares += dr * dr;
        }
    }

    /// The group of what was added.
    fn group(&self) -> LagGroup<D> {
        let lag = self.near + self.beyond / self.count;
        LagGroup {
            lag,
            diffusion_time: lag,
            noise: self.noise,
            count: self.count,
            sum: self.sum,
            sum_of_squares: self.sum_of_squares,
        }
    }
}

/// How localizations tell of positions, beside a precision that all of them share.
#[derive(Debug, Clone, Copy, Default)]
pub struct Imaging<'a> {
    /// For each displacement, half the variance along each axis that is due to noise, µm²: the mean σ²
    /// of its two ends. None where they have no precision of their own.
    pub noise: Option<&'a [f64]>,
    /// Time `t_E` that each localization averages over, s. Averages of a diffusing position vary less
    /// than the position: `2 D (Δt − t_E/3)` along each axis (Berglund, Phys. Rev. E 82, 011917, 2010).
    pub exposure_time: f64,
}

/// Statistics of every cell, grouped by lag and by noise.
#[derive(Debug, Clone, PartialEq)]
pub struct CellStatistics<const D: usize> {
    starts: Vec<usize>,
    groups: Vec<LagGroup<D>>,
}

impl<const D: usize> CellStatistics<D> {
    /// Reduces displacements between instantaneous localizations, each assigned to a cell, to
    /// statistics: see [`CellStatistics::imaged`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn new(
        cell_count: usize,
        cell: &[i64],
        displacements: &[[f64; D]],
        lags: &[f64],
    ) -> Result<Self> {
        Self::imaged(cell_count, cell, displacements, lags, Imaging::default())
    }

    /// Reduces displacements, each assigned to a cell, to statistics.
    ///
    /// `cell[k]` is the cell of displacement `k`, or negative if it belongs to none. The sums run in
    /// the order of the data. Displacements are in one group only if their noise is the same to the
    /// bit: at worst there are as many groups as displacements. O(N) time for N displacements and O(N)
    /// memory while it runs, on any number of threads; where those of a cell differ in their lags or noise,
    /// they are sorted by these.
    ///
    /// # Errors
    ///
    /// If lengths differ, a displacement is not finite, a lag is not positive or shorter than the
    /// exposure, a variance is negative or not finite, or a cell number is not below `cell_count`.
    pub fn imaged(
        cell_count: usize,
        cell: &[i64],
        displacements: &[[f64; D]],
        lags: &[f64],
        imaging: Imaging<'_>,
    ) -> Result<Self> {
        check_displacements(cell_count, cell, displacements, lags)?;
        check_imaging(imaging, lags)?;
        let data = Data {
            cell,
            displacements,
            lags,
            imaging,
        };
        // To hand a little to other threads takes longer than to do it.
        let blocks = if cell.len() <= CHUNK {
            vec![data.block(0..cell_count)]
        } else {
            threads::install(|| data.blocks(cell_count))?
        };
        let mut starts = vec![0];
        let mut groups = Vec::with_capacity(blocks.iter().map(|block| block.groups.len()).sum());
        for block in blocks {
            let before = groups.len();
            starts.extend(block.starts[1..].iter().map(|start| before + start));
            groups.extend(block.groups);
        }
        for group in &mut groups {
            group.diffusion_time = group.lag - imaging.exposure_time / 3.0;
        }
        Ok(Self { starts, groups })
    }

    /// Number of cells.
    #[must_use]
    pub fn cell_count(&self) -> usize {
        self.starts.len() - 1
    }

    /// The groups of a cell, by ascending lag and noise; empty if it holds no displacement.
    #[must_use]
    pub fn cell(&self, cell: usize) -> &[LagGroup<D>] {
        &self.groups[self.starts[cell]..self.starts[cell + 1]]
    }

    /// Number of displacements in a cell.
    #[must_use]
    pub fn count(&self, cell: usize) -> f64 {
        self.cell(cell).iter().map(|group| group.count).sum()
    }

    /// The statistics of some cells only, renumbered in the order given.
    #[must_use]
    pub fn restricted(&self, cells: &[usize]) -> Self {
        let mut starts = vec![0];
        let mut groups = Vec::new();
        for &cell in cells {
            groups.extend_from_slice(self.cell(cell));
            starts.push(groups.len());
        }
        Self { starts, groups }
    }

    /// The same statistics if every localization has the further noise of variance `variance`, µm².
    pub(crate) fn with_common_noise(mut self, variance: f64) -> Self {
        for group in &mut self.groups {
            group.noise += variance;
        }
        self
    }
}

/// Displacements, one in each row.
struct Data<'a, const D: usize> {
    cell: &'a [i64],
    displacements: &'a [[f64; D]],
    lags: &'a [f64],
    imaging: Imaging<'a>,
}

impl<const D: usize> Data<'_, D> {
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

    /// Statistics of a block of cells.
    fn block(&self, cells: Range<usize>) -> CellStatistics<D> {
        let rows = self.cell.iter().enumerate().filter_map(|(row, &cell)| {
            // What is in no cell is beyond all of them.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let cell = (cell as usize).wrapping_sub(cells.start);
            (cell < cells.len()).then_some((cell, row))
        });
        self.in_one_group(cells.len(), rows.clone())
            .unwrap_or_else(|| self.in_groups(cells.len(), rows))
    }

    /// Statistics of cells that hold one group each, of a lag and noise that all share; none if there are
    /// others. Given are the numbers of cells, and their rows in order, of which each is looked at once.
    fn in_one_group(
        &self,
        cell_count: usize,
        mut rows: impl Iterator<Item = (usize, usize)> + Clone,
    ) -> Option<CellStatistics<D>> {
        let first = rows.clone().next();
        // One with a count of zero is none: so each takes no more than a line of the cache.
        let empty = first.map_or(Adding::empty(0, 0.0), |(_, row)| self.empty(row));
        let mut found = vec![empty; cell_count];
        if let Some((_, first)) = first {
            let key = self.key(first);
            let all = rows.all(|(cell, row)| {
                let has_key = self.has_key(row, key);
                if has_key {
                    found[cell].add(self.lags[row], self.displacements[row]);
                }
                has_key
            });
            if !all {
                return None;
            }
        }
        let mut block = CellStatistics {
            starts: vec![0],
            groups: Vec::with_capacity(cell_count),
        };
        for sum in found {
            if sum.count > 0.0 {
                block.groups.push(sum.group());
            }
            block.starts.push(block.groups.len());
        }
        Some(block)
    }

    /// Statistics of cells, as [`Data::in_one_group`], of any lags and noises.
    fn in_groups(
        &self,
        cell_count: usize,
        rows: impl Iterator<Item = (usize, usize)> + Clone,
    ) -> CellStatistics<D> {
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

fn check_displacements<const D: usize>(
    cell_count: usize,
    cell: &[i64],
    displacements: &[[f64; D]],
    lags: &[f64],
) -> Result<()> {
    check_length("cell", cell.len(), displacements.len(), "`displacements`")?;
    check_length("lags", lags.len(), displacements.len(), "`displacements`")?;
    check_finite("displacements", displacements)?;
    if let Some(index) = threads::position(lags, |t| !((*t > 0.0) & t.is_finite()))? {
        return Err(Error::Element {
            name: "lags",
            index,
            seen: lags[index].to_string(),
            expected: "a positive time in s",
        });
    }
    let is_beyond = |&c: &i64| usize::try_from(c).is_ok_and(|c| c >= cell_count);
    match threads::position(cell, is_beyond)? {
        None => Ok(()),
        Some(index) => Err(Error::Element {
            name: "cell",
            index,
            seen: cell[index].to_string(),
            expected: "a number below the number of cells",
        }),
    }
}

fn check_exposure(exposure: f64, lags: &[f64]) -> Result<()> {
    if exposure == 0.0 {
        return Ok(());
    }
    let least = |lags: &[f64]| lags.iter().copied().fold(f64::INFINITY, f64::min);
    let shortest = threads::install(|| {
        lags.par_chunks(CHUNK)
            .map(least)
            .reduce(|| f64::INFINITY, f64::min)
    })?;
    if !(exposure.is_finite() && (0.0..=shortest + LAG_RESOLUTION).contains(&exposure)) {
        return Err(Error::Value {
            name: "exposure_time",
            seen: format!("{exposure} s, with a shortest lag of {shortest} s"),
            expected: "a time in s from 0 to the shortest lag",
        });
    }
    Ok(())
}

fn check_imaging(imaging: Imaging<'_>, lags: &[f64]) -> Result<()> {
    check_exposure(imaging.exposure_time, lags)?;
    let Some(noise) = imaging.noise else {
        return Ok(());
    };
    check_length("noise", noise.len(), lags.len(), "`lags`")?;
    match threads::position(noise, |v| !(v.is_finite() && *v >= 0.0))? {
        None => Ok(()),
        Some(index) => Err(Error::Element {
            name: "noise",
            index,
            seen: noise[index].to_string(),
            expected: "a variance in µm², not negative",
        }),
    }
}

/// The lag in units of the resolution; lags with equal keys are merged.
#[allow(clippy::cast_possible_truncation)] // saturates for lags above 292 years
fn lag_key(lag: f64) -> i64 {
    (lag / LAG_RESOLUTION).round() as i64
}

/// The lag in the middle of those with a key, s.
fn lag_of(lag_key: i64) -> f64 {
    lag_key as f64 * LAG_RESOLUTION
}
