//! Which translocations of a table follow the one before.

use std::ops::Range;

use rayon::prelude::*;

use crate::Result;
use crate::error::check_length;
use crate::threads::{self, CHUNK};

/// Largest difference of two times that are the same, in units of the lag: far above rounding, far below
/// a frame.
const SAME_TIME: f64 = 1e-3;

/// Whether one follows another, given the tracks and times of both, and the lag of the first.
#[inline]
fn is_next(track: [i64; 2], time: [f64; 2], lag: f64) -> bool {
    (track[0] == track[1]) & ((time[1] - time[0] - lag).abs() <= SAME_TIME * lag)
}

/// Translocations, the rows of a table, as far as their order is concerned.
#[derive(Debug, Clone, Copy)]
pub struct Succession<'a> {
    track: &'a [i64],
    time: &'a [f64],
    lag: &'a [f64],
}

impl<'a> Succession<'a> {
    /// Number of the track, time of the origin (s) and lag (s) of each translocation.
    ///
    /// # Errors
    ///
    /// If lengths differ.
    pub fn new(track: &'a [i64], time: &'a [f64], lag: &'a [f64]) -> Result<Self> {
        check_length("time", time.len(), track.len(), "`track`")?;
        check_length("lag", lag.len(), track.len(), "`track`")?;
        Ok(Self { track, time, lag })
    }

    /// Number of translocations.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // nobody asks
    pub fn len(&self) -> usize {
        self.track.len()
    }

    /// Whether a translocation begins when the one before it ends, in the same track.
    #[inline]
    #[must_use]
    pub fn follows(&self, row: usize) -> bool {
        let Some(before) = row.checked_sub(1) else {
            return false;
        };
        is_next(
            [self.track[before], self.track[row]],
            [self.time[before], self.time[row]],
            self.lag[before],
        )
    }

    /// The same of successive rows, of which each has one before.
    pub(crate) fn each(&self, rows: Range<usize>) -> impl Iterator<Item = bool> {
        let before = rows.start - 1..rows.end - 1;
        let track = self.track[before.clone()]
            .iter()
            .zip(&self.track[rows.clone()]);
        let time = self.time[before.clone()].iter().zip(&self.time[rows]);
        let each = track.zip(time).zip(&self.lag[before]);
        each.map(|(((&a, &b), (&begin, &end)), &lag)| is_next([a, b], [begin, end], lag))
    }

    /// The same of each.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Value`] if threads cannot be started.
    pub fn all(&self) -> Result<Vec<bool>> {
        let mut found = vec![false; self.len()];
        let fill = |(chunk, found): (usize, &mut [bool])| {
            for (row, is_next) in (chunk * CHUNK..).zip(found) {
                *is_next = self.follows(row);
            }
        };
        // To hand a little to other threads takes longer than to do it.
        if found.len() <= CHUNK {
            fill((0, &mut found));
        } else {
            threads::install(|| found.par_chunks_mut(CHUNK).enumerate().for_each(fill))?;
        }
        Ok(found)
    }

    /// Mean product, along an axis, of each displacement and the one that it follows, µm²; NaN where none
    /// follows another.
    ///
    /// `steps` are the displacements along each axis, µm. One pass, in the order of the rows.
    ///
    /// # Errors
    ///
    /// If lengths differ.
    pub fn mean_product(&self, steps: &[&[f64]]) -> Result<f64> {
        for step in steps {
            check_length("steps", step.len(), self.len(), "`track`")?;
        }
        let (mut sum, mut count) = (0.0, 0_usize);
        for row in (0..self.len()).filter(|&row| self.follows(row)) {
            let products = steps.iter().map(|step| step[row] * step[row - 1]);
            sum += products.sum::<f64>();
            count += steps.len();
        }
        Ok(sum / count as f64)
    }
}
