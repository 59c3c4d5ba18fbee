//! The dense factorization of one front: the Cholesky factor's columns, and the update matrix of the rows below.

// What is not inlined is not compiled for the processor's widest instructions; rows and columns have numbers.
#![allow(clippy::inline_always, clippy::needless_range_loop)]

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::tiles::{Columns, QUADS, Quad, Rows, SIDE, Tile, less, scaled, subtract_product};

/// So many columns are eliminated before what they add goes to those that follow.
const PANEL: usize = 64;

/// Products are summed over so many columns at a time: those of a tile stay in the nearest cache.
const DEPTH: usize = 128;

/// Turns the columns of a front into those of the Cholesky factor, and writes the same by rows; what is above the
/// diagonal is left to chance. False if the upper square is not positive definite.
#[inline(always)]
pub(super) fn eliminate<S: Simd>(simd: S, block: &mut Columns, rows: &mut Rows) -> bool {
    let columns = block.len();
    for first in (0..columns).step_by(PANEL) {
        let end = columns.min(first + PANEL);
        let across = first / SIDE..end.div_ceil(SIDE);
        subtract_products(simd, rows, 0..first, across.clone(), block, false);
        for own in across {
            subtract_products(simd, rows, first..own * SIDE, own..own + 1, block, false);
            if !eliminate_quad(simd, block, rows, own) {
                return false;
            }
        }
    }
    true
}

/// Writes the update matrix of a front, what its eliminated columns add to the rows below: its lower triangle.
#[inline(always)]
pub(super) fn update<S: Simd>(simd: S, rows: &Rows, update: &mut Columns) {
    let across = update.first..update.end();
    subtract_products(simd, rows, 0..rows.columns(), across, update, true);
}

/// Eliminates the next four columns of a block, or those that are left, from which the products of those before are
/// subtracted: the Cholesky factor of their square, then the rows below divided by it.
#[inline(always)]
fn eliminate_quad<S: Simd>(simd: S, block: &mut Columns, rows: &mut Rows, own: usize) -> bool {
    let square = block.load(own, own).map(|[quad]| quad);
    let Some(triangle) = Triangle::of(simd, square, block.len() - own * SIDE) else {
        return false;
    };
    for row in own..block.end() {
        let mut tile = block.load(row, own).map(|[quad]| quad);
        for j in 0..SIDE {
            tile[j] = scaled(simd, tile[j], triangle.inverses[j]);
            for k in 0..SIDE {
                if k > j {
                    tile[k] = less(simd, tile[k], tile[j], triangle.columns[j][k]);
                }
            }
        }
        block.store(row, own, &tile.map(|quad| [quad]));
        rows.store(row, own * SIDE, &tile);
    }
    true
}

/// Subtracts the products of rows with each other, summed over some columns, from the lower triangle of some columns of
/// a matrix; from zero if the matrix is new.
///
/// Never inlined: as part of a larger function its sums would not all be in registers, which takes an eighth more time.
#[inline(never)]
fn subtract_products<S: Simd>(
    simd: S,
    rows: &Rows,
    summed: Range<usize>,
    across: Range<usize>,
    matrix: &mut Columns,
    is_new: bool,
) {
    simd.vectorize(Products {
        rows,
        summed,
        across,
        matrix,
        is_new,
    });
}

/// What [`subtract_products`] is told.
struct Products<'a, 'b> {
    rows: &'a Rows<'a>,
    summed: Range<usize>,
    across: Range<usize>,
    matrix: &'a mut Columns<'b>,
    is_new: bool,
}

impl WithSimd for Products<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let (summed, across) = (self.summed.clone(), self.across.clone());
        for start in summed.clone().step_by(DEPTH) {
            self.summed = start..summed.end.min(start + DEPTH);
            for row in (across.start..self.matrix.end()).step_by(QUADS) {
                let end = self.matrix.end().min(row + QUADS);
                for columns in across.start..across.end.min(end) {
                    let row = row.max(columns);
                    match end - row {
                        1 => self.subtract::<S, 1>(simd, row, columns),
                        2 => self.subtract::<S, 2>(simd, row, columns),
                        _ => self.subtract::<S, QUADS>(simd, row, columns),
                    }
                }
            }
            self.is_new = false;
        }
    }
}

impl Products<'_, '_> {
    /// Subtracts those of one tile.
    #[inline(always)]
    fn subtract<S: Simd, const QUADS: usize>(&mut self, simd: S, row: usize, columns: usize) {
        let mut tile: Tile<QUADS> = if self.is_new {
            [[[0.0; SIDE]; QUADS]; SIDE]
        } else {
            self.matrix.load(row, columns)
        };
        let [right] = self.rows.get(columns, &self.summed);
        let left = self.rows.get(row, &self.summed);
        subtract_product(simd, &mut tile, left, right);
        self.matrix.store(row, columns, &tile);
    }
}

/// The Cholesky factor of a small square, by columns, and the inverses of its diagonal.
#[derive(Default)]
struct Triangle {
    columns: [Quad; SIDE],
    inverses: Quad,
}

impl Triangle {
    /// Of so many first rows and columns of a square, its lower triangle; none if it is not positive definite.
    ///
    /// Columns wait for the inverse of a pivot, but not for its root.
    #[inline(always)]
    fn of<S: Simd>(simd: S, mut square: [Quad; SIDE], size: usize) -> Option<Self> {
        let mut triangle = Self::default();
        for j in 0..SIDE {
            if j < size {
                let pivot = square[j][j];
                if pivot.is_nan() || pivot <= 0.0 {
                    return None;
                }
                let inverse = pivot.recip();
                for k in 0..SIDE {
                    if k > j {
                        square[k] = less(simd, square[k], square[j], square[j][k] * inverse);
                    }
                }
                triangle.inverses[j] = pivot.sqrt().recip();
                triangle.columns[j] = scaled(simd, square[j], triangle.inverses[j]);
            }
        }
        Some(triangle)
    }
}
