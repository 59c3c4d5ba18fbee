//! Sufficient statistics: all that a likelihood needs to know of the displacements in a cell.
//!
//! For one cell, one lag and one variance of the noise, the likelihood of any number of displacements
//! `Δr` under a Gaussian model depends only on their number, `ΣΔr` and `Σ|Δr|²`. One pass over the data
//! replaces every later one.

mod data;
mod groups;
mod moments;
mod noise_drift;
mod one_group;
mod pieces;

use rayon::prelude::*;

use crate::error::check_length;
use crate::tessellation::Midpoints;
use crate::threads::{self, CHUNK};
use crate::{Error, Result};

use data::{Data, Displacements};
use groups::Groups;
pub use noise_drift::Borders;
pub use pieces::SummedPieces;

/// Lags that differ by less than this, in s, are one lag: differences of times written as decimals
/// carry rounding noise far below it, and no camera resolves it.
const LAG_RESOLUTION: f64 = 1e-9;

/// The displacements of one cell that share one lag and one variance of the noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LagGroup<const D: usize> {
    /// The lag `Δt`, s: the least of those that are the same up to rounding, in all cells.
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
    /// the order of the data, over chunks of rows whose number follows from that of the cells, and then over
    /// the chunks: so they are the same on any number of threads. Displacements are in one group only if their noise
    /// is the same to the bit: at worst there are as many groups as displacements. O(N) time for N displacements,
    /// in one pass, where all have the same lag and noise, with a table of the cells for each thread; where they
    /// differ, they are sorted by these, in O(N) memory.
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
        check_lengths(cell, displacements, lags)?;
        if let Some(noise) = imaging.noise {
            check_length("noise", noise.len(), lags.len(), "`lags`")?;
        }
        let data = Data {
            displacements,
            lags,
            imaging,
        };
        let mut found = match data.in_one_group(cell, cell_count)? {
            Some(found) => found,
            None => Self::in_groups(&data, cell_count, cell)?,
        };
        check_imaging(imaging, lags)?;
        for group in &mut found.groups {
            group.diffusion_time = group.lag - imaging.exposure_time / 3.0;
        }
        Ok(found)
    }

    /// Reduces displacements between instantaneous localizations, given axis by axis, to statistics of the bins
    /// of their midpoints: the same as [`CellStatistics::new`] makes of [`Midpoints::bins`], sooner.
    ///
    /// # Errors
    ///
    /// Those of both.
    pub fn at_midpoints(
        midpoints: &Midpoints<'_, D>,
        displacements: [&[f64]; D],
        lags: &[f64],
    ) -> Result<Self> {
        for axis in displacements {
            check_length(
                "displacements",
                axis.len(),
                midpoints.len(),
                "the translocations",
            )?;
        }
        check_length("lags", lags.len(), midpoints.len(), "the translocations")?;
        let data = Data {
            displacements: &displacements,
            lags,
            imaging: Imaging::default(),
        };
        match data.in_one_group(midpoints, midpoints.bin_count())? {
            Some(found) => Ok(found),
            None => Self::in_groups(&data, midpoints.bin_count(), &midpoints.bins()?),
        }
    }

    fn in_groups<S: Displacements<D> + ?Sized>(
        data: &Data<'_, D, S>,
        cell_count: usize,
        cell: &[i64],
    ) -> Result<Self> {
        check_values(cell_count, cell, data.displacements, data.lags)?;
        Groups::new(data, cell, cell_count).statistics(cell_count)
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

    /// The statistics of the cells that hold displacements only, in the same order.
    pub(crate) fn without_empty_cells(mut self) -> Self {
        self.starts.dedup();
        self
    }

    /// The same statistics if every localization has the further noise of variance `variance`, µm².
    pub(crate) fn with_common_noise(mut self, variance: f64) -> Self {
        for group in &mut self.groups {
            group.noise += variance;
        }
        self
    }
}

/// Whether a number is positive and finite: the bits of those are next to each other.
fn is_positive(number: f64) -> bool {
    (1..f64::INFINITY.to_bits()).contains(&number.to_bits())
}

fn check_lengths<const D: usize>(
    cell: &[i64],
    displacements: &[[f64; D]],
    lags: &[f64],
) -> Result<()> {
    check_length("cell", cell.len(), displacements.len(), "`displacements`")?;
    check_length("lags", lags.len(), displacements.len(), "`displacements`")
}

fn check_values<const D: usize>(
    cell_count: usize,
    cell: &[i64],
    displacements: &(impl Displacements<D> + ?Sized),
    lags: &[f64],
) -> Result<()> {
    let is_bad = |row| !displacements.of(row).iter().all(|dr| dr.is_finite());
    if let Some(index) = threads::first(lags.len(), is_bad)? {
        return Err(Error::Element {
            name: "displacements",
            index,
            seen: format!("{:?}", displacements.of(index)),
            expected: "finite numbers",
        });
    }
    if let Some(index) = threads::position(lags, |&lag| !is_positive(lag))? {
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

/// Refuses an exposure that is longer than the shortest lag, which is asked for if need be.
fn check_exposure(exposure: f64, shortest: impl FnOnce() -> Result<f64>) -> Result<()> {
    if exposure == 0.0 {
        return Ok(());
    }
    let shortest = shortest()?;
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
    let least = |lags: &[f64]| lags.iter().copied().fold(f64::INFINITY, f64::min);
    check_exposure(imaging.exposure_time, || {
        threads::install(|| {
            let chunks = lags.par_chunks(CHUNK).map(least);
            chunks.reduce(|| f64::INFINITY, f64::min)
        })
    })?;
    let Some(noise) = imaging.noise else {
        return Ok(());
    };
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
