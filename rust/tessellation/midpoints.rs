//! Each translocation under the cell of the point midway to the localization before.

use std::array::from_fn;

use rayon::prelude::*;

use crate::assignment::{Search, check_centers};
use crate::error::check_length;
use crate::trajectories::Succession;
use crate::{Error, Result, threads};

/// Translocations that one thread takes at a time.
const CHUNK: usize = 4096;

/// The bin of each translocation: its cell in `cells`, negative for none, where it follows no other one;
/// where it does, the cell of the point midway between its origin and that of the one before, plus the number
/// of cells.
///
/// `places` are the coordinates of the origins, axis by axis, and a cell is what is nearest to its
/// center. Where both origins are in one cell, the point midway is, too: cells are convex. The others take
/// the time of [`crate::assignment::assign_nearest`].
///
/// # Errors
///
/// As [`crate::assignment::assign_nearest`]; and if lengths differ, or a cell is not below the number of centers.
pub fn file_at_midpoints<const D: usize>(
    order: Succession<'_>,
    places: [&[f64]; D],
    cells: &[i64],
    centers: &[[f64; D]],
) -> Result<Vec<i64>> {
    check_centers(centers)?;
    check_length("cells", cells.len(), order.len(), "the translocations")?;
    for axis in places {
        check_length("places", axis.len(), order.len(), "the translocations")?;
    }
    let mut bins = vec![0; order.len()];
    #[allow(clippy::cast_possible_wrap)] // what memory can hold is below 2^63
    let count = centers.len() as i64;
    // False where there is something to be refused.
    let fill = |search: &Search<'_, D>, chunk: usize, bins: &mut [i64]| {
        let mut is_good = true;
        for (row, bin) in (chunk * CHUNK..).zip(bins) {
            let cell = cells[row];
            is_good &= cell < count;
            *bin = cell;
            let (true, true, Ok(own)) = (order.follows(row), is_good, usize::try_from(cell)) else {
                continue;
            };
            if cells[row - 1] != cell {
                let midpoint = from_fn(|d| 0.5 * places[d][row] + 0.5 * places[d][row - 1]);
                is_good &= midpoint.iter().all(|c: &f64| c.is_finite());
                if is_good {
                    #[allow(clippy::cast_possible_wrap)]
                    let nearest = search.nearest(&midpoint, own) as i64;
                    *bin = nearest;
                }
            }
            *bin += count;
        }
        is_good
    };
    let is_good = threads::install(|| {
        let search = Search::new(order.len(), centers);
        let chunks = bins.par_chunks_mut(CHUNK).enumerate();
        let filled = chunks.map(|(chunk, bins)| fill(&search, chunk, bins));
        filled.reduce(|| true, |one, other| one & other)
    })?;
    if is_good {
        return Ok(bins);
    }
    Err(reason(places, cells, count))
}

/// Why something was refused.
fn reason<const D: usize>(places: [&[f64]; D], cells: &[i64], count: i64) -> Error {
    if let Some(index) = cells.iter().position(|&cell| cell >= count) {
        return Error::Element {
            name: "cells",
            index,
            seen: cells[index].to_string(),
            expected: "a number below the number of centers",
        };
    }
    let place = |row: usize| places.map(|axis| axis[row]);
    let is_finite = |row: &usize| place(*row).iter().all(|c| c.is_finite());
    let index = (0..cells.len()).find(|row| !is_finite(row)).unwrap_or(0);
    Error::Element {
        name: "places",
        index,
        seen: format!("{:?}", place(index)),
        expected: "finite coordinates",
    }
}
