//! Putting the localizations of tracks in order.

use crate::error::check_length;
use crate::{Error, Result, threads};

/// Rows sorted by track, then by time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderedTracks {
    /// Row numbers, in order; none where the rows are in order already.
    pub rows: Option<Vec<usize>>,
    /// How many tracks had localizations that went back in time. A table sorted by time, with its
    /// tracks interleaved, has none.
    pub disordered: usize,
}

/// Sorts localizations by track number and time, in O(N log N); in O(N), on all threads, where they
/// are sorted already.
///
/// # Errors
///
/// [`Error::Length`] if the lengths differ; [`Error::Element`] if a time is not finite, or if a
/// track has two localizations at one time.
pub fn order_tracks(track: &[i64], time: &[f64]) -> Result<OrderedTracks> {
    check_length("time", time.len(), track.len(), "track")?;
    let is_odd = |row: usize| !time[row].is_finite() || is_out_of_order(track, time, row);
    if threads::first(track.len(), is_odd)?.is_none() {
        return Ok(OrderedTracks {
            rows: None,
            disordered: 0,
        });
    }
    check_times(time)?;
    let mut rows: Vec<usize> = (0..track.len()).collect();
    rows.sort_by_key(|&row| track[row]); // stable: within a track, the order of the table
    let mut disordered = 0;
    for group in rows.chunk_by_mut(|&a, &b| track[a] == track[b]) {
        if !group.is_sorted_by(|&a, &b| time[a] <= time[b]) {
            disordered += 1;
            group.sort_by(|&a, &b| time[a].total_cmp(&time[b]));
        }
        if let Some(pair) = group.windows(2).find(|pair| time[pair[0]] >= time[pair[1]]) {
            return Err(Error::Element {
                name: "t",
                index: pair[1],
                seen: format!(
                    "{}, when row {} already has a localization of track {}",
                    time[pair[1]], pair[0], track[pair[0]]
                ),
                expected: "one localization per track and time: remove one of the two rows, or \
                           give the molecules different track numbers",
            });
        }
    }
    Ok(OrderedTracks {
        rows: Some(rows),
        disordered,
    })
}

/// The first row that is not of a later track than the row above it, nor later in the same.
pub(super) fn first_out_of_order(track: &[i64], time: &[f64]) -> Result<Option<usize>> {
    threads::first(track.len(), |row| is_out_of_order(track, time, row))
}

fn is_out_of_order(track: &[i64], time: &[f64], row: usize) -> bool {
    row > 0 && (track[row], time[row]) <= (track[row - 1], time[row - 1])
}

pub(super) fn check_times(time: &[f64]) -> Result<()> {
    match threads::position(time, |t| !t.is_finite())? {
        None => Ok(()),
        Some(index) => Err(Error::Element {
            name: "t",
            index,
            seen: time[index].to_string(),
            expected: "a finite number",
        }),
    }
}
