//! Tracks as a microscope tells them.

use crate::error::{check_finite, check_length};
use crate::{Error, Result};

/// Shorter lags than the exposure by no more than this, in s, are rounding.
const LAG_RESOLUTION: f64 = 1e-9;

/// The localizations of tracks, one track after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracks<const D: usize> {
    starts: Vec<usize>,
    positions: Vec<[f64; D]>,
    times: Vec<f64>,
    noise: Vec<f64>,
    cells: Vec<Option<usize>>,
    exposure: f64,
}

impl<const D: usize> Tracks<D> {
    /// Takes over tracks: localization k of track i is number `starts[i] + k`; `starts` ends with the
    /// number of all. `times` are in s, `noise` is the σ² of each localization, µm², and `cells` the
    /// cell it is in, or none; `exposure` is the time that each averages over, s.
    ///
    /// # Errors
    ///
    /// If lengths differ, a value is not finite, a variance is negative, or times of a track do not
    /// ascend by at least the exposure.
    pub fn new(
        starts: Vec<usize>,
        positions: Vec<[f64; D]>,
        times: Vec<f64>,
        noise: Vec<f64>,
        cells: Vec<Option<usize>>,
        exposure: f64,
    ) -> Result<Self> {
        let count = positions.len();
        check_length("times", times.len(), count, "`positions`")?;
        check_length("noise", noise.len(), count, "`positions`")?;
        check_length("cells", cells.len(), count, "`positions`")?;
        check_finite("positions", &positions)?;
        if starts.first() != Some(&0)
            || starts.last() != Some(&count)
            || starts.windows(2).any(|pair| pair[0] >= pair[1])
        {
            return Err(Error::Value {
                name: "starts",
                seen: format!("a list of {}", starts.len()),
                expected: "offsets from 0 up to the number of localizations, ascending",
            });
        }
        if !(exposure.is_finite() && exposure >= 0.0) {
            return Err(Error::Value {
                name: "exposure",
                seen: exposure.to_string(),
                expected: "a time in s, not negative",
            });
        }
        if let Some(index) = noise.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
            return Err(Error::Element {
                name: "noise",
                index,
                seen: noise[index].to_string(),
                expected: "a variance in µm², not negative",
            });
        }
        let tracks = Self {
            starts,
            positions,
            times,
            noise,
            cells,
            exposure,
        };
        for track in 0..tracks.count() {
            for index in tracks.range(track).skip(1) {
                let lag = tracks.times[index] - tracks.times[index - 1];
                if !(lag.is_finite() && lag > 0.0 && lag + LAG_RESOLUTION >= exposure) {
                    return Err(Error::Element {
                        name: "times",
                        index,
                        seen: format!("{lag} s after the localization before"),
                        expected: "times that ascend along a track, by the exposure at least",
                    });
                }
            }
        }
        Ok(tracks)
    }

    /// Number of tracks.
    #[must_use]
    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// The localizations of a track.
    #[must_use]
    pub fn range(&self, track: usize) -> std::ops::Range<usize> {
        self.starts[track]..self.starts[track + 1]
    }

    /// The first track that begins at or after a localization.
    pub(super) fn track_from(&self, localization: usize) -> usize {
        self.starts[..self.count()].partition_point(|&start| start < localization)
    }

    /// Positions of all localizations, µm.
    #[must_use]
    pub fn positions(&self) -> &[[f64; D]] {
        &self.positions
    }

    /// Their times, s.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// Their σ², µm².
    #[must_use]
    pub fn noise(&self) -> &[f64] {
        &self.noise
    }

    /// Their cells.
    #[must_use]
    pub fn cells(&self) -> &[Option<usize>] {
        &self.cells
    }

    /// The time that each averages over, s.
    #[must_use]
    pub fn exposure(&self) -> f64 {
        self.exposure
    }
}
