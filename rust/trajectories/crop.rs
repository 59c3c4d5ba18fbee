//! Cutting the translocations of a region out of a table of tracks.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::grid::Grid;
use super::region::{Area, Limits, Region};
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
    let areas = [Area::Box(lower.to_vec(), upper.to_vec())];
    let region = Region::new(&areas)?;
    let limits = &region.limits[0];
    let inside = threads::filter(track.len(), |row| columns.is_in(row, limits))?;
    columns.visits(&inside, &region)
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

    /// Finds the translocations whose origin lies in any of some areas, given the same columns.
    ///
    /// The rule is that of [`crop`]. A track that goes from one area to another does not leave the
    /// region; a translocation is there while an area is that it begins in, of those that are limited in
    /// time. Rows are filed once under the squares, or cubes, of a grid: a region takes time in proportion
    /// to the rows in and around it, not to the table.
    ///
    /// # Errors
    ///
    /// As those of [`crop`]; [`Error::Length`] if the columns are others; [`Error::Value`] if there is
    /// a polygon, and places have three coordinates.
    pub fn crop(&self, columns: Columns<'_, D>, areas: &[Area]) -> Result<Cropped> {
        self.check_same(columns)?;
        let region = Region::new(areas)?;
        let grid = self.grid.get_or_init(|| Grid::of_rows(columns.coordinates));
        let near = region.limits.iter().map(|limits| {
            // In order first: neighbours in the table are neighbours in memory.
            let mut rows = ascending(grid.around(limits));
            rows.retain(|&row| columns.is_in(row, limits));
            rows
        });
        let rows = region.inside(&columns, near.collect());
        columns.visits(&rows, &region)
    }

    /// Number of the translocations in each of some regions, and what [`Columns::digest`] makes of them.
    ///
    /// A region is one area or more, as for [`Croppable::crop`]. The rows of all are found in one pass
    /// over the table.
    ///
    /// # Errors
    ///
    /// Those of [`Croppable::crop`] and of [`Columns::digest`], of the first region that there is one for.
    pub fn digests(
        &self,
        columns: Columns<'_, D>,
        regions: &[Vec<Area>],
        others: &[u64],
        seed: u64,
    ) -> Result<Vec<(usize, u128)>> {
        self.check_same(columns)?;
        let regions = regions.iter().map(|areas| Region::new(areas));
        let regions: Vec<Region<'_, D>> = regions.collect::<Result<_>>()?;
        let limits = regions.iter().flat_map(|region| &region.limits);
        let mut near = columns
            .rows_in_each(&limits.copied().collect::<Vec<_>>())
            .into_iter();
        let near: Vec<Vec<Vec<usize>>> = regions
            .iter()
            .map(|region| near.by_ref().take(region.limits.len()).collect())
            .collect();
        let of_region = |(near, region): (Vec<Vec<usize>>, &Region<'_, D>)| {
            let rows = region.inside(&columns, near);
            let found = columns.visits(&rows, region)?;
            Ok((found.rows.len(), columns.digest(&found, others, seed)?))
        };
        let found: Vec<_> = threads::install(|| {
            let regions = near.into_par_iter().zip(&regions);
            regions
                .with_min_len(REGIONS_AT_ONCE)
                .map(of_region)
                .collect()
        })?;
        found.into_iter().collect() // of errors the first, whichever came first
    }

    fn check_same(&self, columns: Columns<'_, D>) -> Result<()> {
        let count = columns.coordinates.len();
        check_length("coordinates", count, self.row_count, "the table")
    }
}

/// Regions that one thread takes at a time, at least.
const REGIONS_AT_ONCE: usize = 8;

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
        limits.contain(&self.coordinates[row], self.time[row])
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

    /// Translocations from the rows in a region, ascending.
    ///
    /// A visit is a run of rows of one track, with no row outside the region but the first. Only rows
    /// within the times of the region matter.
    fn visits(&self, inside: &[usize], region: &Region<'_, D>) -> Result<Cropped> {
        let Some(&first_inside) = inside.first() else {
            return Ok(Cropped::default());
        };
        let is_in_time = |&row: &usize| region.is_in_time(self.time[row]);
        let first = (0..first_inside).find(is_in_time).unwrap_or(first_inside);
        // The row before, and behind, in the same track.
        let predecessor = |row: usize| {
            let is_same = |&before: &usize| self.track[before] == self.track[row];
            (0..row).rev().take_while(is_same).find(is_in_time)
        };
        let successor = |row: usize| {
            let is_same = |&behind: &usize| self.track[behind] == self.track[row];
            let mut behind = (row + 1..self.track.len()).take_while(is_same);
            behind.find(is_in_time)
        };
        // Translocations of a chunk, with the number of visits begun in it up to each of them, and in all.
        let of_chunk = |(chunk, rows): (usize, &[usize])| {
            let mut found = Cropped::default();
            let mut begun = 0_i64;
            // What is behind the row of the region before.
            let mut awaited = (chunk > 0)
                .then(|| successor(inside[chunk * CHUNK - 1]))
                .flatten();
            for (i, &row) in (chunk * CHUNK..).zip(rows) {
                let (stayed, behind) = (awaited == Some(row), successor(row));
                awaited = behind;
                let before = if stayed { None } else { predecessor(row) };
                let begins_track = row > first && !stayed && before.is_none();
                if begins_track && (behind.is_none() || behind.as_ref() != inside.get(i + 1)) {
                    continue;
                }
                if !(stayed || row == first || before == Some(first)) {
                    begun += 1;
                }
                if behind.is_some() && region.stays_until(self, row, self.time[row + 1]) {
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
