//! Each translocation under the cell of the point midway to the localization before.

use std::array::from_fn;
use std::hint::select_unpredictable;

use rayon::prelude::*;

use crate::assignment::{Search, check_centers};
use crate::error::check_length;
use crate::trajectories::Succession;
use crate::{Error, Result, threads};

/// Translocations that one thread takes at a time.
const CHUNK: usize = 4096;

/// Translocations of which those between two cells, near neither center, are first found, and then located.
const AT_ONCE: usize = 256;

/// Translocations by the points midway to the localizations before them.
///
/// The bin of a translocation is its cell, negative for none, where it follows no other one; where it does, it is
/// the cell of the point midway between its origin and that of the one before, plus the number of cells. A cell is
/// what is nearest to its center. Where both origins are in one cell, the point midway is, too: cells are convex.
pub struct Midpoints<'a, const D: usize> {
    order: Succession<'a>,
    places: [&'a [f64]; D],
    cells: &'a [i64],
    cell_count: i64,
    search: Search<'a, D>,
}

impl<'a, const D: usize> Midpoints<'a, D> {
    /// Of origins with coordinates `places`, axis by axis, that are in `cells`, negative for none.
    ///
    /// # Errors
    ///
    /// If lengths differ, there is no center, or one is not finite.
    pub fn new(
        order: Succession<'a>,
        places: [&'a [f64]; D],
        cells: &'a [i64],
        centers: &'a [[f64; D]],
    ) -> Result<Self> {
        check_centers(centers)?;
        check_length("cells", cells.len(), order.len(), "the translocations")?;
        for axis in places {
            check_length("places", axis.len(), order.len(), "the translocations")?;
        }
        let search = Search::new(order.len(), centers)?;
        #[allow(clippy::cast_possible_wrap)] // what memory can hold is below 2^63
        let cell_count = centers.len() as i64;
        Ok(Self {
            order,
            places,
            cells,
            cell_count,
            search,
        })
    }

    /// Number of translocations.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // nobody asks
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Number of bins, twice that of cells.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // made of a length
    pub fn bin_count(&self) -> usize {
        2 * self.cell_count as usize
    }

    /// The bin of each translocation, in the time of [`crate::assignment::assign_nearest`] for those between two
    /// cells.
    ///
    /// # Errors
    ///
    /// If a cell is not below the number of centers, or a midpoint that is to be located is not finite.
    pub fn bins(&self) -> Result<Vec<i64>> {
        let mut bins = vec![0; self.len()];
        let is_good = threads::install(|| {
            let chunks = bins.par_chunks_mut(CHUNK).enumerate();
            let filed = chunks.map(|(chunk, bins)| self.file(chunk * CHUNK, bins));
            filed.reduce(|| true, |one, other| one & other)
        })?;
        if is_good {
            Ok(bins)
        } else {
            Err(self.reason())
        }
    }

    /// Finds the bins of translocations from a row on; false where there is something to be refused.
    pub(crate) fn file(&self, first: usize, bins: &mut [i64]) -> bool {
        let (first, bins) = match bins {
            [bin, bins @ ..] if first == 0 => {
                *bin = self.cells[0]; // it follows no other one
                (1, bins)
            }
            bins => (first, bins),
        };
        let parts = bins.chunks_mut(AT_ONCE).enumerate();
        let mut filed = parts.map(|(part, bins)| self.file_few(first + part * AT_ONCE, bins));
        filed.all(|is_good| is_good)
            && self
                .cells
                .first()
                .is_none_or(|&cell| cell < self.cell_count)
    }

    #[allow(clippy::cast_possible_wrap)] // what memory can hold is below 2^63
    #[allow(clippy::needless_bitwise_bool)] // without branches
    fn file_few(&self, first: usize, bins: &mut [i64]) -> bool {
        // What is between two cells, most of it, and of this what is near neither of the centers, some: in no
        // order, and so told without branches.
        let (mut places, mut midpoints, mut count) = ([0; AT_ONCE], [[0.0; D]; AT_ONCE], 0);
        let rows = first..first + bins.len();
        let axes = self.places.map(|axis| &axis[rows.clone()]);
        let centers = self.search.centers();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // what is no cell is beyond all
        let center_of = |cell: i64| &centers[(cell as usize).min(centers.len() - 1)];
        let mut before = self.cells[first - 1];
        let mut center_before = center_of(before);
        let mut half_before = self.places.map(|axis| 0.5 * axis[first - 1]);
        let mut are_cells = before < self.cell_count;
        let each = self.cells[rows.clone()].iter().zip(self.order.each(rows));
        for (place, ((&cell, follows), bin)) in each.zip(&mut *bins).enumerate() {
            let follows = follows & (cell >= 0);
            are_cells &= cell < self.cell_count;
            let center = center_of(cell);
            let half = axes.map(|axis| 0.5 * axis[place]);
            let midpoint = from_fn(|d| half[d] + half_before[d]);
            let (is_here, is_before) = (center.is_by(&midpoint), center_before.is_by(&midpoint));
            let nearest = select_unpredictable(follows & is_before, before, cell);
            *bin = nearest + select_unpredictable(follows, self.cell_count, 0);
            (places[count], midpoints[count]) = (place, midpoint);
            count += usize::from(follows & (before != cell) & !(is_here | is_before));
            (before, center_before, half_before) = (cell, center, half);
        }
        let midpoints = &midpoints[..count];
        if !(are_cells && midpoints.as_flattened().iter().all(|c| c.is_finite())) {
            return false;
        }
        self.search.nearest_each(midpoints, |found, nearest| {
            bins[places[found]] = nearest as i64 + self.cell_count;
        });
        true
    }

    /// Why something was refused.
    fn reason(&self) -> Error {
        if let Some(index) = self.cells.iter().position(|&cell| cell >= self.cell_count) {
            return Error::Element {
                name: "cells",
                index,
                seen: self.cells[index].to_string(),
                expected: "a number below the number of centers",
            };
        }
        let place = |row: usize| self.places.map(|axis| axis[row]);
        let is_finite = |row: &usize| place(*row).iter().all(|c| c.is_finite());
        let index = (0..self.len()).find(|row| !is_finite(row)).unwrap_or(0);
        Error::Element {
            name: "places",
            index,
            seen: format!("{:?}", place(index)),
            expected: "finite coordinates",
        }
    }
}
