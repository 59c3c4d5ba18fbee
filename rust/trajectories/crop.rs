//! Cutting the translocations of a region out of a table of tracks.

use rayon::prelude::*;

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
    check_bounds(D, lower, upper)?;
    let inside = threads::filter(track.len(), |row| columns.is_in_box(row, lower, upper))?;
    columns.crop(inside, lower, upper)
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

/// A table that many regions are cut out of.
///
/// Its rows are filed once under the squares, or cubes, of a grid: a region takes time in proportion
/// to the rows in and around it, not to the table, unless it is limited in time. The columns stay
/// where they are, and are given each time.
#[derive(Debug)]
pub struct Croppable<const D: usize> {
    grid: Grid<D>,
}

impl<const D: usize> Croppable<D> {
    /// Takes the columns of a table, in O(N) time.
    ///
    /// # Errors
    ///
    /// As those of [`crop`].
    pub fn new(columns: Columns<'_, D>) -> Result<Self> {
        columns.check()?;
        let grid = Grid::new(columns.coordinates);
        Ok(Self { grid })
    }

    /// Finds the translocations whose origin lies in a box, as [`crop`] does, given the same columns.
    ///
    /// # Errors
    ///
    /// As those of [`crop`]; [`Error::Length`] if the columns are others.
    pub fn crop(&self, columns: Columns<'_, D>, lower: &[f64], upper: &[f64]) -> Result<Cropped> {
        let count = self.grid.rows.len();
        check_length("coordinates", columns.coordinates.len(), count, "the grid")?;
        check_bounds(D, lower, upper)?;
        let mut rows = ascending(self.grid.rows_around(lower, upper));
        rows.retain(|&row| columns.is_in_box(row, lower, upper));
        columns.crop(rows, lower, upper)
    }
}

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

    fn is_in_box(&self, row: usize, lower: &[f64], upper: &[f64]) -> bool {
        (0..D).all(|d| (lower[d]..=upper[d]).contains(&self.coordinates[row][d]))
    }

    /// The translocations in a box, given the rows that lie in its space, ascending.
    fn crop(&self, inside: Vec<usize>, lower: &[f64], upper: &[f64]) -> Result<Cropped> {
        if lower.len() == D {
            return self.visits(&inside, self.track.len(), |row| row);
        }
        // Only rows within the times of the box are neighbours.
        let is_in_time = |row: usize| (lower[D]..=upper[D]).contains(&self.time[row]);
        let in_time = threads::filter(self.track.len(), is_in_time)?;
        let ranks: Vec<usize> = inside
            .into_iter()
            .filter_map(|row| in_time.binary_search(&row).ok())
            .collect();
        self.visits(&ranks, in_time.len(), |rank| in_time[rank])
    }

    /// Translocations from rows inside a box, given by their ranks among all `count` that matter.
    ///
    /// A visit is a run of rows of one track, with no row outside the box but the first.
    fn visits(
        &self,
        inside: &[usize],
        count: usize,
        row_of: impl Fn(usize) -> usize + Sync,
    ) -> Result<Cropped> {
        let Some(&first) = inside.first() else {
            return Ok(Cropped::default());
        };
        let is_same_track =
            |rank: usize, other: usize| self.track[row_of(rank)] == self.track[row_of(other)];
        // Translocations of a chunk, with the number of visits begun in it up to each of them, and in all.
        let of_chunk = |(chunk, ranks): (usize, &[usize])| {
            let mut found = Cropped::default();
            let mut begun = 0_i64;
            for (i, &rank) in (chunk * CHUNK..).zip(ranks) {
                let begins_track = rank > 0 && !is_same_track(rank - 1, rank);
                let has_successor = rank + 1 < count && is_same_track(rank, rank + 1);
                let stays = has_successor && inside.get(i + 1) == Some(&(rank + 1));
                if begins_track && !stays {
                    continue;
                }
                let follows = rank <= 1 || (i > 0 && inside[i - 1] + 1 == rank);
                if begins_track || !follows {
                    begun += 1;
                }
                if has_successor {
                    found.rows.push(row_of(rank));
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
        let mut number = self.track[row_of(0)].saturating_add(i64::from(first > 0));
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

/// Rows by the square, or cube, of a grid that they lie in.
#[derive(Debug)]
struct Grid<const D: usize> {
    lower: [f64; D],
    /// Cells along one axis, for each unit of length.
    density: [f64; D],
    /// Number of cells along each axis.
    side: usize,
    /// Where the rows of each cell begin, and how many there are in all.
    starts: Vec<usize>,
    rows: Vec<usize>,
}

/// Rows in a cell of a grid, on average.
const ROWS_PER_CELL: f64 = 16.0;

impl<const D: usize> Grid<D> {
    fn new(coordinates: &[[f64; D]]) -> Self {
        let (mut lower, mut upper) = ([f64::INFINITY; D], [f64::NEG_INFINITY; D]);
        for place in coordinates {
            for d in 0..D {
                lower[d] = lower[d].min(place[d]);
                upper[d] = upper[d].max(place[d]);
            }
        }
        let cells = coordinates.len() as f64 / ROWS_PER_CELL;
        #[allow(clippy::cast_possible_truncation)] // 2 or 3
        let dimension = D as u32;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // below the rows
        let side = (cells.powf(1.0 / D as f64).ceil() as usize).max(1);
        let mut grid = Self {
            lower,
            density: std::array::from_fn(|d| side as f64 / (upper[d] - lower[d])),
            side,
            starts: Vec::new(),
            rows: vec![0; coordinates.len()],
        };
        // To find the cell of a row twice takes less than to keep it.
        let mut starts = vec![0; side.pow(dimension) + 1];
        for place in coordinates {
            starts[grid.cell_of(place) + 1] += 1;
        }
        for cell in 1..starts.len() {
            starts[cell] += starts[cell - 1];
        }
        let mut next = starts.clone();
        for (row, place) in coordinates.iter().enumerate() {
            let cell = grid.cell_of(place);
            grid.rows[next[cell]] = row;
            next[cell] += 1;
        }
        grid.starts = starts;
        grid
    }

    fn cell_of(&self, place: &[f64; D]) -> usize {
        (0..D).fold(0, |cell, d| {
            cell * self.side + self.number_along(d, place[d])
        })
    }

    /// Number of the cell that a coordinate lies in, which grows with it.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // what is outside is clamped
    fn number_along(&self, d: usize, coordinate: f64) -> usize {
        let cells = (coordinate - self.lower[d]) * self.density[d];
        (cells as usize).min(self.side - 1)
    }

    /// Rows in all cells that a box touches.
    fn rows_around(&self, lower: &[f64], upper: &[f64]) -> Vec<usize> {
        let first: [usize; D] = std::array::from_fn(|d| self.number_along(d, lower[d]));
        let last: [usize; D] = std::array::from_fn(|d| self.number_along(d, upper[d]));
        // Cells along the last axis are neighbours in memory.
        let mut lines = vec![0];
        for d in 0..D - 1 {
            let across = first[d]..=last[d];
            lines = lines
                .iter()
                .flat_map(|line| across.clone().map(move |number| line * self.side + number))
                .collect();
        }
        let mut rows = Vec::new();
        for line in lines {
            let begin = self.starts[line * self.side + first[D - 1]];
            let end = self.starts[line * self.side + last[D - 1] + 1];
            rows.extend_from_slice(&self.rows[begin..end]);
        }
        rows
    }
}

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
