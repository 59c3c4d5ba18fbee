//! Sufficient statistics: all that a likelihood needs to know of the displacements in a cell.
//!
//! For one cell, one lag and one variance of the noise, the likelihood of any number of displacements
//! `Δr` under a Gaussian model depends only on their number, `ΣΔr` and `Σ|Δr|²`. One pass over the data
//! replaces every later one.

use crate::error::{check_finite, check_length};
use crate::{Error, Result};

/// Lags that differ by less than this, in s, are one lag: differences of times written as decimals
/// carry rounding noise far below it, and no camera resolves it.
const LAG_RESOLUTION: f64 = 1e-9;

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
    /// bit: at worst there are as many groups as displacements. O(N log N) time for N displacements,
    /// O(N) memory while it runs.
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
        check_length("cell", cell.len(), displacements.len(), "`displacements`")?;
        check_length("lags", lags.len(), displacements.len(), "`displacements`")?;
        check_finite("displacements", displacements)?;
        if let Some(index) = lags.iter().position(|t| !(t.is_finite() && *t > 0.0)) {
            return Err(Error::Element {
                name: "lags",
                index,
                seen: lags[index].to_string(),
                expected: "a positive time in s",
            });
        }
        check_imaging(imaging, lags)?;
        let noise = |index: usize| imaging.noise.map_or(0.0, |noise| noise[index]);
        let mut order = Vec::with_capacity(cell.len());
        for (index, &c) in cell.iter().enumerate() {
            match usize::try_from(c) {
                Err(_) => {}
                Ok(c) if c < cell_count => {
                    // Numbers that are not negative are in the order of their bits.
                    let key = (lag_key(lags[index]), noise(index).to_bits());
                    order.push((c, key, index));
                }
                Ok(_) => {
                    return Err(Error::Element {
                        name: "cell",
                        index,
                        seen: c.to_string(),
                        expected: "a number below the number of cells",
                    });
                }
            }
        }
        order.sort_unstable(); // the index makes every key distinct

        let mut starts = vec![0; cell_count + 1];
        let mut groups: Vec<LagGroup<D>> = Vec::new();
        let mut last = None;
        for (c, key, index) in order {
            if last != Some((c, key)) {
                last = Some((c, key));
                starts[c + 1] += 1;
                let lag = lags[index];
                groups.push(LagGroup {
                    lag,
                    diffusion_time: lag,
                    noise: noise(index),
                    count: 0.0,
                    sum: [0.0; D],
                    sum_of_squares: 0.0,
                });
            }
            if let Some(group) = groups.last_mut() {
                group.count += 1.0;
                // The running mean: equal lags keep their exact value.
                group.lag += (lags[index] - group.lag) / group.count;
                group.diffusion_time = group.lag - imaging.exposure_time / 3.0;
                for (sum, dr) in group.sum.iter_mut().zip(displacements[index]) {
                    *sum += dr;
                    group.sum_of_squares += dr * dr;
                }
            }
        }
        for c in 0..cell_count {
            starts[c + 1] += starts[c];
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

fn check_imaging(imaging: Imaging<'_>, lags: &[f64]) -> Result<()> {
    let exposure = imaging.exposure_time;
    let shortest = lags.iter().copied().fold(f64::INFINITY, f64::min);
    if !(exposure.is_finite() && (0.0..=shortest + LAG_RESOLUTION).contains(&exposure)) {
        return Err(Error::Value {
            name: "exposure_time",
            seen: format!("{exposure} s, with a shortest lag of {shortest} s"),
            expected: "a time in s from 0 to the shortest lag",
        });
    }
    let Some(noise) = imaging.noise else {
        return Ok(());
    };
    check_length("noise", noise.len(), lags.len(), "`lags`")?;
    match noise.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
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
