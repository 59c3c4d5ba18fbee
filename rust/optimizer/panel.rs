//! The dense factorization of one front: of its columns, and what they add to the rows below.

// What is not inlined is not compiled for the processor's widest instructions; rows and columns have numbers.
#![allow(clippy::inline_always, clippy::needless_range_loop)]

use std::ops::Range;

use pulp::Simd;

use super::tiles::{Columns, QUADS, Quad, Rows, SIDE, Tile, less, scaled, subtract_product};

/// So many columns are eliminated before what they add goes to those that follow.
const PANEL: usize = 64;

/// Products are summed over so many columns at a time: those of a tile stay in the nearest cache.
const DEPTH: usize = 128;

/// Eliminates the columns of a block, and writes its part of the Cholesky factor, and the same by rows; what is above
/// the diagonal is left to chance. False if the upper square is not positive definite.
#[inline(always)]
pub(super) fn eliminate<S: Simd>(
    simd: S,
    block: &mut Columns,
    factor: &mut Columns,
    rows: &mut Rows,
) -> bool {
    let columns = block.len();
    for first in (0..columns).step_by(PANEL) {
        let end = columns.min(first + PANEL);
        let across = first / SIDE..end.div_ceil(SIDE);
        subtract_products(simd, rows, 0..first, across.clone(), block, false);
        for own in across {
            let before = first..own * SIDE;
            let mut triangle = Triangle::default();
            for row in (own..block.end()).step_by(QUADS) {
                let is_definite = match block.end() - row {
                    1 => eliminate_tile::<S, 1>(
                        simd,
                        block,
                        factor,
                        rows,
                        row,
                        &before,
                        &mut triangle,
                    ),
                    2 => eliminate_tile::<S, 2>(
                        simd,
                        block,
                        factor,
                        rows,
                        row,
                        &before,
                        &mut triangle,
                    ),
                    _ => eliminate_tile::<S, QUADS>(
                        simd,
                        block,
                        factor,
                        rows,
                        row,
                        &before,
                        &mut triangle,
                    ),
                };
                if !is_definite {
                    return false;
                }
            }
        }
    }
    true
}

/// Writes what the eliminated columns of a front add to the rows below, its lower triangle.
#[inline(always)]
pub(super) fn update<S: Simd>(simd: S, rows: &Rows, update: &mut Columns) {
    let across = update.first..update.end();
    subtract_products(simd, rows, 0..rows.columns(), across, update, true);
}

/// Subtracts the products of rows with each other, summed over some columns, from the lower triangle of some columns of
/// a matrix; from zero if the matrix is new.
#[inline(always)]
fn subtract_products<S: Simd>(
    simd: S,
    rows: &Rows,
    summed: Range<usize>,
    across: Range<usize>,
    matrix: &mut Columns,
    is_new: bool,
) {
    for start in summed.clone().step_by(DEPTH) {
        let summed = start..summed.end.min(start + DEPTH);
        let is_new = is_new && start == 0;
        for row in (across.start..matrix.end()).step_by(QUADS) {
            let end = matrix.end().min(row + QUADS);
            for columns in across.start..across.end.min(end) {
                let row = row.max(columns);
                match end - row {
                    1 => subtract_tile::<S, 1>(simd, rows, &summed, [row, columns], matrix, is_new),
                    2 => subtract_tile::<S, 2>(simd, rows, &summed, [row, columns], matrix, is_new),
                    _ => subtract_tile::<S, QUADS>(
                        simd,
                        rows,
                        &summed,
                        [row, columns],
                        matrix,
                        is_new,
                    ),
                }
            }
        }
    }
}

#[inline(always)]
fn subtract_tile<S: Simd, const QUADS: usize>(
    simd: S,
    rows: &Rows,
    summed: &Range<usize>,
    [row, columns]: [usize; 2],
    matrix: &mut Columns,
    is_new: bool,
) {
    let mut tile: Tile<QUADS> = if is_new {
        [[[0.0; SIDE]; QUADS]; SIDE]
    } else {
        matrix.load(row, columns)
    };
    let [right] = rows.get(columns, summed);
    subtract_product(simd, &mut tile, rows.get(row, summed), right);
    matrix.store(row, columns, &tile);
}

/// Eliminates the next four columns of a block, or those that are left, from some rows, beginning with their own, which
/// give their triangle. The products of those eliminated before are not yet subtracted.
#[inline(always)]
fn eliminate_tile<S: Simd, const QUADS: usize>(
    simd: S,
    block: &Columns,
    factor: &mut Columns,
    rows: &mut Rows,
    row: usize,
    before: &Range<usize>,
    triangle: &mut Triangle,
) -> bool {
    let column = before.end;
    let own = column / SIDE;
    let mut tile = block.load::<QUADS>(row, own);
    subtract_product(
        simd,
        &mut tile,
        rows.get(row, before),
        rows.get::<1>(own, before)[0],
    );
    if row == own {
        let square = [tile[0][0], tile[1][0], tile[2][0], tile[3][0]];
        match Triangle::of(simd, square, block.len() - column) {
            Some(found) => *triangle = found,
            None => return false,
        }
    }
    for j in 0..SIDE {
        for m in 0..QUADS {
            tile[j][m] = scaled(simd, tile[j][m], triangle.inverses[j]);
        }
        for k in 0..SIDE {
            if k > j {
                for m in 0..QUADS {
                    tile[k][m] = less(simd, tile[k][m], tile[j][m], triangle.columns[j][k]);
                }
            }
        }
    }
    factor.store(row, own, &tile);
    rows.store(row, column, &tile);
    true
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
