//! Cutting the translocations of a region out of a table of tracks.

use super::tracks::check_times;
use crate::error::{check_finite, check_length};
use crate::{Error, Result};

/// The translocations of a region: each goes from a row of the table to the row below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cropped {
    /// Rows of the origins, ascending.
    pub rows: Vec<usize>,
    /// Track number of each: a track that leaves the region and returns is numbered anew.
    pub tracks: Vec<i64>,
}

/// Finds the translocations whose origin lies in a box, by the rule of the original `TRamWAy`.
///
/// The box has `D` lower and upper bounds, or `D + 1`, the last of which are times; all bounds
/// belong to it, and may be infinite.
///
/// * Both localizations of a translocation must lie within the times of the box, but only its
///   origin within the space of the box.
/// * A localization in the box whose neighbours in the table belong to other tracks or visits is
///   no track: where a track begins in the box and leaves it at once, its first translocation is
///   dropped, unless it comes first in the table.
/// * Track numbers grow by one from track to track and from visit to visit; the first is that of
///   the first row, plus the rows passed outside the box before.
///
/// Takes O(N) time; the rows must be sorted by track and time.
///
/// # Errors
///
/// [`Error::Length`] if lengths differ; [`Error::Element`] if a coordinate or time is not finite, if
/// rows are not sorted, or if a lower bound is above its upper bound.
pub fn crop<const D: usize>(
    track: &[i64],
    coordinates: &[[f64; D]],
    time: &[f64],
    lower: &[f64],
    upper: &[f64],
) -> Result<Cropped> {
    check_length("coordinates", coordinates.len(), track.len(), "track")?;
    check_length("t", time.len(), track.len(), "track")?;
    check_finite("coordinates", coordinates)?;
    check_times(time)?;
    check_order(track, time)?;
    check_bounds(D, lower, upper)?;

    let is_in_box =
        |row: usize| (0..D).all(|d| (lower[d]..=upper[d]).contains(&coordinates[row][d]));
    let is_in_time = |row: usize| lower.len() == D || (lower[D]..=upper[D]).contains(&time[row]);
    let in_time: Vec<usize> = (0..track.len()).filter(|&row| is_in_time(row)).collect();

    // A visit is a run of rows of one track, with no row outside the box but the first: the track
    // and the number of rows passed outside tell visits apart.
    let mut passed_outside: i64 = 0;
    let visit: Vec<(i64, i64)> = in_time
        .iter()
        .map(|&row| {
            passed_outside += i64::from(!is_in_box(row));
            (track[row], passed_outside)
        })
        .collect();

    let mut cropped = Cropped::default();
    let mut latest = None; // visit and number of the latest row that is not alone
    for (i, &row) in in_time.iter().enumerate() {
        let begins = i > 0 && visit[i] != visit[i - 1];
        let ends = i + 1 == visit.len() || visit[i + 1] != visit[i];
        if begins && ends {
            continue;
        }
        let number = match latest {
            None => visit[i].0.saturating_add(visit[i].1),
            Some((previous, number)) if previous == visit[i] => number,
            Some((_, number)) => i64::saturating_add(number, 1),
        };
        latest = Some((visit[i], number));
        let has_successor = in_time
            .get(i + 1)
            .is_some_and(|&next| track[next] == track[row]);
        if has_successor && is_in_box(row) {
            cropped.rows.push(row);
            cropped.tracks.push(number);
        }
    }
    Ok(cropped)
}

fn check_order(track: &[i64], time: &[f64]) -> Result<()> {
    let is_below = |row: usize| (track[row], time[row]) <= (track[row - 1], time[row - 1]);
    match (1..track.len()).find(|&row| is_below(row)) {
        None => Ok(()),
        Some(index) => Err(Error::Element {
            name: "track",
            index,
            seen: format!(
                "{} at t = {}, below track {} at t = {}",
                track[index],
                time[index],
                track[index - 1],
                time[index - 1]
            ),
            expected: "rows sorted by track number, then by time",
        }),
    }
}

fn check_bounds(dimension: usize, lower: &[f64], upper: &[f64]) -> Result<()> {
    check_length("upper", upper.len(), lower.len(), "`lower`")?;
    if lower.len() != dimension && lower.len() != dimension + 1 {
        return Err(Error::Value {
            name: "lower",
            seen: format!("{} bounds", lower.len()),
            expected: "one per space coordinate, and one for time if wanted",
        });
    }
    match (0..lower.len()).find(|&d| lower[d].is_nan() || upper[d].is_nan() || lower[d] > upper[d])
    {
        None => Ok(()),
        Some(index) => Err(Error::Element {
            name: "lower",
            index,
            seen: format!("{}, with upper bound {}", lower[index], upper[index]),
            expected: "a number not above the upper bound",
        }),
    }
}
