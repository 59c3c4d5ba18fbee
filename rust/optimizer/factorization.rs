//! The numeric factorization, front by front, and what is solved with it.

// What is not inlined is not compiled for the processor's widest instructions.
#![allow(clippy::inline_always)]

use std::iter::zip;
use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::fronts::{Front, FrontTree};
use super::memory::Spare;
use super::panel::{eliminate, update};
use super::tiles::{Columns, Rows, SIDE, sum};

impl FrontTree {
    /// Writes the factor of the matrix with these values; false if it is not positive definite.
    pub(super) fn factorize(&self, values: &[f64], factor: &mut [f64]) -> bool {
        let mut spare = std::mem::take(&mut *self.spare());
        let is_definite = Arch::new().dispatch(Factorization {
            tree: self,
            values,
            factor,
            spare: &mut spare,
        });
        *self.spare() = spare;
        is_definite
    }

    /// Solves for one right-hand side, in place, with a factor.
    pub(super) fn solve(&self, factor: &[f64], vector: &mut [f64]) {
        let mut x = vec![0.0; vector.len()];
        for (&position, value) in zip(self.position(), vector.iter()) {
            x[position] = *value;
        }
        let most = self.fronts().iter().map(Front::below).max();
        let mut below = vec![0.0; most.unwrap_or(0)];
        for front in self.fronts() {
            let below = &mut below[..front.below()];
            below.fill(0.0);
            let own = &mut x[front.start..front.start + front.columns];
            let columns = factor[front.block.clone()].chunks_exact(front.stride());
            for (j, column) in columns.enumerate() {
                let (head, rest) = own.split_at_mut(j + 1);
                head[j] /= column[j];
                let (of_own, of_below) = column[j + 1..front.rows()].split_at(rest.len());
                subtract(rest, head[j], of_own);
                subtract(below, head[j], of_below);
            }
            for (&row, value) in zip(self.rows_below(front), &*below) {
                x[row] += value;
            }
        }
        for front in self.fronts().iter().rev() {
            let below = &mut below[..front.below()];
            for (value, &row) in zip(&mut *below, self.rows_below(front)) {
                *value = x[row];
            }
            let own = &mut x[front.start..front.start + front.columns];
            let columns = factor[front.block.clone()].chunks_exact(front.stride());
            for (j, column) in columns.enumerate().rev() {
                let (head, rest) = own.split_at_mut(j + 1);
                let (of_own, of_below) = column[j + 1..front.rows()].split_at(rest.len());
                head[j] = (head[j] - dot(of_own, rest) - dot(of_below, below)) / column[j];
            }
        }
        for (value, &position) in zip(vector, self.position()) {
            *value = x[position];
        }
    }

    /// Logarithm of the determinant of the matrix with a factor.
    pub(super) fn log_determinant(&self, factor: &[f64]) -> f64 {
        let of_front = |front: &Front| {
            let columns = factor[front.block.clone()].chunks_exact(front.stride());
            let logarithms = columns.enumerate().map(|(j, column)| column[j].ln());
            2.0 * logarithms.sum::<f64>()
        };
        self.fronts().iter().map(of_front).sum()
    }
}

/// A factorization, by the widest instructions that the processor has.
struct Factorization<'a> {
    tree: &'a FrontTree,
    values: &'a [f64],
    factor: &'a mut [f64],
    spare: &'a mut Spare,
}

impl WithSimd for Factorization<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> bool {
        let Self {
            tree,
            values,
            factor,
            spare,
        } = self;
        let fronts = tree.fronts();
        let most = fronts.iter().map(|front| front.block.len()).max();
        // The columns of the present front by rows, which stay in the nearest caches.
        let mut rows = spare.take(most.unwrap_or(0));
        // What fronts leave whose parents are yet to come, the last one last.
        let mut left: Vec<(&Front, Vec<f64>)> = Vec::new();
        for (s, front) in fronts.iter().enumerate() {
            let block = &mut factor[front.block.clone()];
            block.fill(0.0);
            for &[entry, place] in tree.entries(front) {
                block[place as usize] = values[entry as usize];
            }
            let others = left.iter().rposition(|(child, _)| child.parent != s);
            let children = left.split_off(others.map_or(0, |other| other + 1));
            let mut rows = Rows::new(&mut rows[..block.len()], front.columns);
            let mut block = Columns::new(block, front.height(), 0);
            for child in &children {
                extend_add(simd, tree, child, 0..front.columns, &mut block);
            }
            if !eliminate(simd, &mut block, &mut rows) {
                return false;
            }
            if front.below() > 0 {
                let side = front.side();
                let mut values = spare.take(side * side);
                let first = front.skipped() / SIDE;
                let mut square = Columns::new(&mut values[..side * side], side / SIDE, first);
                update(simd, &rows, &mut square);
                for child in &children {
                    extend_add(simd, tree, child, front.columns..front.rows(), &mut square);
                }
                left.push((front, values));
            }
            for (_, square) in children {
                spare.give_back(square);
            }
        }
        spare.give_back(rows);
        true
    }
}

/// Adds the update matrix of a front to that of its parent, those of its columns that are some of the parent's
/// (extend-add: Liu, SIAM Rev. 34, 82, 1992).
#[inline(always)]
fn extend_add<S: Simd>(
    simd: S,
    tree: &FrontTree,
    (front, update): &(&Front, Vec<f64>),
    columns: Range<usize>,
    target: &mut Columns,
) {
    let runs = tree.runs(front);
    let [begin, end] =
        [columns.start, columns.end].map(|column| runs.partition_point(|run| run.place < column));
    let side = front.side();
    let first = front.columns - front.skipped();
    let before = target.first * SIDE;
    for k in begin..end {
        let columns = &runs[k];
        let from = &update[(first + columns.first) * side + first..];
        let (to, stride) = target.column_on(columns.place);
        for (n, rows) in runs[k..].iter().enumerate() {
            for j in 0..columns.len {
                // What is above the diagonal is left out.
                let above = if n == 0 { j } else { 0 };
                let len = rows.len - above;
                add(
                    simd,
                    &mut to[j * stride + rows.place - before + above..][..len],
                    &from[j * side + rows.first + above..][..len],
                );
            }
        }
    }
}

/// Adds values to others.
#[inline(always)]
fn add<S: Simd>(simd: S, to: &mut [f64], values: &[f64]) {
    let (to, last) = to.as_chunks_mut::<SIDE>();
    let (values, last_values) = values.as_chunks::<SIDE>();
    for (to, values) in zip(to, values) {
        *to = sum(simd, *to, *values);
    }
    for (to, value) in zip(last, last_values) {
        *to += value;
    }
}

/// Subtracts a multiple of one vector from another.
fn subtract(from: &mut [f64], factor: f64, vector: &[f64]) {
    for (value, other) in zip(from, vector) {
        *value -= factor * other;
    }
}

/// The product of two vectors, in eight sums that do not wait for each other.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = zip(a.remainder(), b.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0; 8];
    for (a, b) in zip(a, b) {
        for (sum, (a, b)) in zip(&mut sums, zip(a, b)) {
            *sum += a * b;
        }
    }
    rest + sums.iter().sum::<f64>()
}
