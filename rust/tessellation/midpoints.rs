//! Each translocation under the cell of the point midway to the localization before.

// What is not inlined is not compiled for the widest instructions.
#![allow(clippy::inline_always)]

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

use crate::assignment::{Center, Search, check_centers};
use crate::error::check_length;
use crate::trajectories::Succession;
use crate::{Error, Result, threads};

/// Translocations that one thread takes at a time.
const CHUNK: usize = 4096;

/// Translocations of which those between two cells, near neither center, are first found, and then located.
const AT_ONCE: usize = 512;

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
        let is_cell = |&cell: &i64| cell < self.cell_count;
        self.cells.first().is_none_or(is_cell)
            && Arch::new().dispatch(Filing {
                midpoints: self,
                first,
                bins,
            })
    }

    /// Finds the bins of as many translocations as there is room for.
    #[allow(clippy::cast_possible_wrap)] // what memory can hold is below 2^63
    #[allow(clippy::needless_bitwise_bool)] // without branches
    #[inline(always)]
    fn file_few(&self, first: usize, bins: &mut [i64], few: &mut Few<D>) -> bool {
        let count = bins.len();
        let (rows, with_one_before) = (first..first + count, first - 1..first + count);
        let cells = &self.cells[with_one_before.clone()];
        let places = self.places.map(|axis| &axis[with_one_before.clone()]);
        few.gather(self.search.centers(), cells);
        let centers = few.centers.each_ref().map(|axis| &axis[..=count]);
        let clearances = &few.clearances[..=count];
        let is_open = &mut few.is_open[..count];
        for (is_open, follows) in is_open.iter_mut().zip(self.order.each(rows)) {
            *is_open = u64::from(follows);
        }
        // What is between two cells, most of it, and of this what is near neither of the centers, some: in no
        // order, and so told without branches, of several at once.
        let mut are_cells = true;
        for i in 0..count {
            let (mut from_before, mut from_here) = (0.0, 0.0);
            for d in 0..D {
                let midpoint = 0.5 * places[d][i + 1] + 0.5 * places[d][i];
                from_before += (midpoint - centers[d][i]).powi(2);
                from_here += (midpoint - centers[d][i + 1]).powi(2);
            }
            let is_by_before = from_before < clearances[i];
            let is_by_here = from_here < clearances[i + 1];
            let (before, cell) = (cells[i], cells[i + 1]);
            let follows = (is_open[i] != 0) & (cell >= 0);
            let nearest = if follows & is_by_before { before } else { cell };
            bins[i] = nearest + if follows { self.cell_count } else { 0 };
            is_open[i] = u64::from(follows & (before != cell) & !(is_by_before | is_by_here));
            are_cells &= cell < self.cell_count;
        }
        let mut count = 0;
        for (place, is_open) in is_open.iter().enumerate() {
            few.open[count] = place;
            count += usize::from(*is_open != 0);
        }
        let (open, midpoints) = (&few.open[..count], &mut few.midpoints[..count]);
        for (midpoint, &i) in midpoints.iter_mut().zip(open) {
            *midpoint = places.map(|axis| 0.5 * axis[i + 1] + 0.5 * axis[i]);
        }
        if !(are_cells && midpoints.as_flattened().iter().all(|c| c.is_finite())) {
            return false;
        }
        self.search.nearest_each(midpoints, |found, nearest| {
            bins[open[found]] = nearest as i64 + self.cell_count;
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

/// What is told of some translocations, one after the other.
struct Few<const D: usize> {
    /// Centers of the cells of the one before them, and of each, axis by axis.
    centers: [[f64; AT_ONCE + 1]; D],
    clearances: [f64; AT_ONCE + 1],
    /// Whether each follows another; then whether its midpoint is to be located.
    is_open: [u64; AT_ONCE],
    /// Those of which it is.
    open: [usize; AT_ONCE],
    midpoints: [[f64; D]; AT_ONCE],
}

impl<const D: usize> Few<D> {
    /// Copies the centers of cells to where they follow each other: so the memory is asked for many at once.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // what is no cell is beyond all
    #[inline(always)]
    fn gather(&mut self, centers: &[Center<D>], cells: &[i64]) {
        let none = centers.len() - 1;
        for (i, &cell) in cells.iter().enumerate() {
            let center = &centers[(cell as usize).min(none)];
            for (axis, place) in self.centers.iter_mut().zip(center.place) {
                axis[i] = place;
            }
            self.clearances[i] = center.clearance;
        }
    }
}

/// The filing of translocations from a row on, compiled for each kind of processor.
struct Filing<'a, 'b, const D: usize> {
    midpoints: &'b Midpoints<'a, D>,
    first: usize,
    bins: &'b mut [i64],
}

impl<const D: usize> WithSimd for Filing<'_, '_, D> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let mut few = Few {
            centers: [[0.0; AT_ONCE + 1]; D],
            clearances: [0.0; AT_ONCE + 1],
            is_open: [0; AT_ONCE],
            open: [0; AT_ONCE],
            midpoints: [[0.0; D]; AT_ONCE],
        };
        let firsts = (self.first..).step_by(AT_ONCE);
        let mut parts = firsts.zip(self.bins.chunks_mut(AT_ONCE));
        parts.all(|(first, bins)| self.midpoints.file_few(first, bins, &mut few))
    }
}
