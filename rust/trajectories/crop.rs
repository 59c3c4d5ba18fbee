//! Cutting the translocations of a region out of a table of tracks.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::grid::Grid;
use super::tracks::{check_times, first_out_of_order};
use crate::error::{check_finite, check_length};
use crate::threads::{self, CHUNK};
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
///   the first row, plus one if that lies outside the box.
///
/// Takes O(N) time; the rows must be sorted by track and time. Where several regions are cut out of
/// one table, [`Croppable`] takes less.
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
    let columns = Columns {
        track,
        coordinates,
        time,
    };
    columns.check()?;
    let limits = Limits::new(lower, upper)?;
    let inside = threads::filter(track.len(), |row| columns.is_in(row, &limits))?;
    columns.visits(&inside, &limits)
}

/// The columns of a table of localizations, sorted by track and time.
#[derive(Debug, Clone, Copy)]
pub struct Columns<'a, const D: usize> {
    /// Number of the track of each row.
    pub track: &'a [i64],
    /// Where it is.
    pub coordinates: &'a [[f64; D]],
    /// When.
    pub time: &'a [f64],
}

/// A table that many regions are cut out of, one by one or all at once. The columns stay where they
/// are, and are given each time.
#[derive(Debug)]
pub struct Croppable<const D: usize> {
    row_count: usize,
    grid: OnceLock<Grid<D>>,
}

impl<const D: usize> Croppable<D> {
    /// Takes the columns of a table, in O(N) time.
    ///
    /// # Errors
    ///
    /// As those of [`crop`].
    pub fn new(columns: Columns<'_, D>) -> Result<Self> {
        columns.check()?;
        Ok(Self {
            row_count: columns.track.len(),
            grid: OnceLock::new(),
        })
    }

    /// Finds the translocations whose origin lies in a box, as [`crop`] does, given the same columns.
    ///
    /// Rows are filed once under the squares, or cubes, of a grid: a region takes time in proportion
    /// to the rows in and around it, not to the table.
    ///
    /// # Errors
    ///
    /// As those of [`crop`]; [`Error::Length`] if the columns are others.
    pub fn crop(&self, columns: Columns<'_, D>, lower: &[f64], upper: &[f64]) -> Result<Cropped> {
        self.check_same(columns)?;
        let limits = Limits::new(lower, upper)?;
        let grid = self.grid.get_or_init(|| Grid::of_rows(columns.coordinates));
        // In order first: neighbours in the table are neighbours in memory.
        let mut rows = ascending(grid.around(&limits));
        rows.retain(|&row| columns.is_in(row, &limits));
        columns.visits(&rows, &limits)
    }

    /// Number of the translocations in each of some boxes, and what [`Columns::digest`] makes of them.
    ///
    /// The rows of all are found in one pass over the table.
    ///
    /// # Errors
    ///
    /// Those of [`Croppable::crop`] and of [`Columns::digest`], of the first box that there is one for.
    pub fn digests(
        &self,
        columns: Columns<'_, D>,
        boxes: &[(Vec<f64>, Vec<f64>)],
        others: &[u64],
        seed: u64,
    ) -> Result<Vec<(usize, u128)>> {
        self.check_same(columns)?;
        let limits = boxes.iter().map(|(lower, upper)| Limits::new(lower, upper));
        let limits: Vec<Limits<D>> = limits.collect::<Result<_>>()?;
        let rows = columns.rows_in_each(&limits);
        let of_box = |(rows, limits): (&Vec<usize>, _)| {
            let found = columns.visits(rows, limits)?;
            Ok((found.rows.len(), columns.digest(&found, others, seed)?))
        };
        let found: Vec<_> = threads::install(|| {
            let boxes = rows.par_iter().zip(&limits);
            boxes.with_min_len(BOXES_AT_ONCE).map(of_box).collect()
        })?;
        found.into_iter().collect() // of errors the first, whichever came first
    }

    fn check_same(&self, columns: Columns<'_, D>) -> Result<()> {
        let count = columns.coordinates.len();
        check_length("coordinates", count, self.row_count, "the table")
    }
}

/// Boxes that one thread takes at a time, at least.
const BOXES_AT_ONCE: usize = 8;

impl<const D: usize> Columns<'_, D> {
    fn check(&self) -> Result<()> {
        check_length(
            "coordinates",
            self.coordinates.len(),
            self.track.len(),
            "track",
        )?;
        check_length("t", self.time.len(), self.track.len(), "track")?;
        check_finite("coordinates", self.coordinates)?;
        check_times(self.time)?;
        check_order(self.track, self.time)
    }

    fn is_in(&self, row: usize, limits: &Limits<D>) -> bool {
        let place = &self.coordinates[row];
        (0..D).all(|d| limits.lower[d] <= place[d] && place[d] <= limits.upper[d])
            && limits.is_in_time(self.time[row])
    }

    /// Rows in each of some boxes, ascending.
    fn rows_in_each(&self, boxes: &[Limits<D>]) -> Vec<Vec<usize>> {
        let mut found = vec![Vec::new(); boxes.len()];
        let grid = Grid::of_boxes(boxes);
        for (row, place) in self.coordinates.iter().enumerate() {
            for &number in grid.at(place) {
                if self.is_in(row, &boxes[number]) {
                    found[number].push(row);
                }
            }
        }
        found
    }

    /// Translocations from the rows in a box, ascending.
    ///
    /// A visit is a run of rows of one track, with no row outside the box but the first. Only rows within
    /// the times of the box matter; those of one track follow each other.
    fn visits(&self, inside: &[usize], limits: &Limits<D>) -> Result<Cropped> {
        let Some(&first_inside) = inside.first() else {
            return Ok(Cropped::default());
        };
        let is_in_time = |row: usize| limits.is_in_time(self.time[row]);
        let first = (0..first_inside)
            .find(|&row| is_in_time(row))
            .unwrap_or(first_inside);
        let has_successor = |row: usize| {
            row + 1 < self.track.len()
                && self.track[row] == self.track[row + 1]
                && is_in_time(row + 1)
        };
        let begins_track = |row: usize| {
            row > first && (self.track[row - 1] != self.track[row] || !is_in_time(row - 1))
        };
        // Translocations of a chunk, with the number of visits begun in it up to each of them, and in all.
        let of_chunk = |(chunk, rows): (usize, &[usize])| {
            let mut found = Cropped::default();
            let mut begun = 0_i64;
            for (i, &row) in (chunk * CHUNK..).zip(rows) {
                let (begins_track, has_successor) = (begins_track(row), has_successor(row));
                let stays = has_successor && inside.get(i + 1) == Some(&(row + 1));
                if begins_track && !stays {
                    continue;
                }
                let follows = row <= first + 1 || (i > 0 && inside[i - 1] + 1 == row);
                if begins_track || !follows {
                    begun += 1;
                }
                if has_successor {
                    found.rows.push(row);
                    found.tracks.push(begun);
                }
            }
            (found, begun)
        };
        let chunks: Vec<_> = if inside.len() <= CHUNK {
            vec![of_chunk((0, inside))]
        } else {
            threads::install(|| inside.par_chunks(CHUNK).enumerate().map(of_chunk).collect())?
        };
        // The first row of all is, or begins, a visit wherever it is.
        let mut number = self.track[first].saturating_add(i64::from(first_inside > first));
        let mut cropped = Cropped::default();
        for (found, begun) in chunks {
            cropped.rows.extend(found.rows);
            let numbers = found.tracks.into_iter().map(|n| number.saturating_add(n));
            cropped.tracks.extend(numbers);
            number = number.saturating_add(begun);
        }
        Ok(cropped)
    }
}

/// A box in space, and in time, be it from and to infinity.
pub(super) struct Limits<const D: usize> {
    pub(super) lower: [f64; D],
    pub(super) upper: [f64; D],
    begin: f64,
    end: f64,
}

impl<const D: usize> Limits<D> {
    fn new(lower: &[f64], upper: &[f64]) -> Result<Self> {
        check_bounds(D, lower, upper)?;
        Ok(Self {
            lower: std::array::from_fn(|d| lower[d]),
            upper: std::array::from_fn(|d| upper[d]),
            begin: lower.get(D).copied().unwrap_or(f64::NEG_INFINITY),
            end: upper.get(D).copied().unwrap_or(f64::INFINITY),
        })
    }

    fn is_in_time(&self, time: f64) -> bool {
        self.begin <= time && time <= self.end
    }
}

/// Different rows in ascending order.
fn ascending(mut rows: Vec<usize>) -> Vec<usize> {
    let first = rows.iter().copied().min().unwrap_or(0);
    let words = rows.iter().map(|row| (row - first) / WORD).max();
    let mut marks = match words {
        // To look at a word for each row takes less than to compare it with others.
        Some(last) if last < rows.len() => vec![0_u64; last + 1],
        _ => {
            rows.sort_unstable();
            return rows;
        }
    };
    for row in &rows {
        marks[(row - first) / WORD] |= 1 << ((row - first) % WORD);
    }
    rows.clear();
    for (number, mut mark) in marks.into_iter().enumerate() {
        while mark != 0 {
            rows.push(first + number * WORD + mark.trailing_zeros() as usize);
            mark &= mark - 1;
        }
    }
    rows
}

/// Rows that one word marks.
const WORD: usize = 64;

fn check_order(track: &[i64], time: &[f64]) -> Result<()> {
    match first_out_of_order(track, time)? {
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
