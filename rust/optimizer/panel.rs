//! The dense factorization of the columns of one front.

// What is not inlined is not compiled for the processor's widest instructions; rows and columns have numbers.
#![allow(clippy::inline_always, clippy::needless_range_loop)]

use std::array;
use std::iter::zip;

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, MatMut, MatRef, Par};
use pulp::{Arch, Simd, WithSimd};

/// So many columns, and rows below them, are worked on at a time: they stay in the processor's registers
/// and nearest cache.
const PANEL: usize = 16;

/// Some rows of some columns, or their transpose.
type Tile = [[f64; PANEL]; PANEL];

/// Eliminates the columns of a block, of which each begins `stride` after the one before: the Cholesky factor of
/// its upper square and what belongs to the rows below take the place of its lower triangle; false if the
/// square is not positive definite.
///
/// Left half, then what it adds to the right one, then that (recursive algorithm: Gustavson, IBM J. Res. Dev. 41,
/// 737, 1997): nearly all is products of large matrices.
pub(super) fn eliminate(block: &mut [f64], rows: usize, columns: usize, stride: usize) -> bool {
    if columns <= PANEL {
        return Arch::new().dispatch(Panel {
            block,
            rows,
            columns,
            stride,
        });
    }
    let left = (columns / 2).next_multiple_of(PANEL);
    let right = columns - left;
    if !eliminate(block, rows, left, stride) {
        return false;
    }
    let (eliminated, others) = block.split_at_mut(left * stride);
    let others = &mut others[left..];
    let below = rows - left;
    let eliminated =
        MatRef::from_column_major_slice_with_stride(&eliminated[left..], below, left, stride);
    let (square, rectangle) =
        MatMut::from_column_major_slice_with_stride_mut(others, below, right, stride)
            .split_at_row_mut(right);
    let (beside_square, beside_rectangle) = eliminated.split_at_row(right);
    triangular::matmul(
        square,
        BlockStructure::TriangularLower,
        Accum::Add,
        beside_square,
        BlockStructure::Rectangular,
        beside_square.transpose(),
        BlockStructure::Rectangular,
        -1.0,
        Par::Seq,
    );
    matmul(
        rectangle,
        Accum::Add,
        beside_rectangle,
        beside_square.transpose(),
        -1.0,
        Par::Seq,
    );
    eliminate(others, below, right, stride)
}

/// A block of a few columns to be eliminated, by the widest instructions that the processor has.
struct Panel<'a> {
    block: &'a mut [f64],
    rows: usize,
    columns: usize,
    stride: usize,
}

impl WithSimd for Panel<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let Self {
            block,
            rows,
            columns,
            stride,
        } = self;
        let mut factor: Tile = [[0.0; PANEL]; PANEL];
        let mut inverses = [0.0; PANEL];
        for j in 0..columns {
            factor[j][j..columns].copy_from_slice(&block[j * stride..][j..columns]);
        }
        for j in 0..columns {
            let pivot = factor[j][j];
            if pivot.is_nan() || pivot <= 0.0 {
                return false;
            }
            inverses[j] = pivot.sqrt().recip();
            let column = factor[j].map(|value| value * inverses[j]);
            // Above the diagonal there are values that nobody asks for.
            for k in j + 1..columns {
                subtract(&mut factor[k], column[k], &column);
            }
            factor[j] = column;
            block[j * stride..][j..columns].copy_from_slice(&column[j..columns]);
        }
        let mut strip: Tile = [[0.0; PANEL]; PANEL];
        for first in (columns..rows).step_by(PANEL) {
            let len = PANEL.min(rows - first);
            for j in 0..columns {
                let values = &mut block[j * stride..][first..first + len];
                let mut column = load(values);
                for k in 0..j {
                    subtract(&mut column, factor[k][j], &strip[k]);
                }
                strip[j] = column.map(|value| value * inverses[j]);
                store(&strip[j], values);
            }
        }
        true
    }
}

#[inline(always)]
fn load(values: &[f64]) -> [f64; PANEL] {
    values
        .try_into()
        .unwrap_or_else(|_| array::from_fn(|k| values.get(k).copied().unwrap_or(0.0)))
}

#[inline(always)]
fn store(column: &[f64; PANEL], values: &mut [f64]) {
    if let Ok(values) = <&mut [f64; PANEL]>::try_from(&mut *values) {
        *values = *column;
    } else {
        values.copy_from_slice(&column[..values.len()]);
    }
}

#[inline(always)]
fn subtract(from: &mut [f64; PANEL], factor: f64, column: &[f64; PANEL]) {
    for (value, other) in zip(from, column) {
        *value -= factor * other;
    }
}
