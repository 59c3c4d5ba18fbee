//! The numeric factorization, front by front, and what is solved with it.

// What is not inlined is not compiled for the processor's widest instructions.
#![allow(clippy::inline_always)]

use std::iter::zip;
use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::fronts::{Front, FrontTree, Run};
use super::memory::Spare;
use super::panel::{eliminate, update};
use super::tiles::{Columns, Rows, SIDE};

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
        // Of the present front: its block before elimination, and its part of the factor by rows. They stay
        // in the nearest caches.
        let [mut block, mut rows] = [(); 2].map(|()| spare.take(most.unwrap_or(0)));
        // What fronts leave whose parents are yet to come, the last one last.
        let mut left: Vec<(&Front, Vec<f64>)> = Vec::new();
        for (s, front) in fronts.iter().enumerate() {
            let size = front.block.len();
            let block = &mut block[..size];
            block.fill(0.0);
            for &[entry, place] in tree.entries(front) {
                block[place as usize] = values[entry as usize];
            }
            let others = left.iter().rposition(|(child, _)| child.parent != s);
            let children = left.split_off(others.map_or(0, |other| other + 1));
            for (child, square) in &children {
                let runs = tree.runs(child);
                let to_block = runs.partition_point(|run| run.place < front.columns);
                add_square(square, child, runs, 0..to_block, block, front.stride(), 0);
            }
            let [mut block, mut eliminated] = [block, &mut factor[front.block.clone()]]
                .map(|values| Columns::new(values, front.height(), 0));
            let mut rows = Rows::new(&mut rows[..size], front.columns);
            if !eliminate(simd, &mut block, &mut eliminated, &mut rows) {
                return false;
            }
            if front.below() > 0 {
                let (side, skipped) = (front.side(), front.skipped());
                let mut square = spare.take(side * side);
                let values = &mut square[..side * side];
                update(
                    simd,
                    &rows,
                    &mut Columns::new(values, side / SIDE, skipped / SIDE),
                );
                for (child, of_child) in &children {
                    let runs = tree.runs(child);
                    let to_block = runs.partition_point(|run| run.place < front.columns);
                    let others = to_block..runs.len();
                    add_square(of_child, child, runs, others, values, side, skipped);
                }
                left.push((front, square));
            }
            for (_, square) in children {
                spare.give_back(square);
            }
        }
        spare.give_back(block);
        spare.give_back(rows);
        true
    }
}

/// Adds columns, those of some runs, of the square that a front leaves to columns of its parent that are `stride` apart,
/// of which so many rows and columns are skipped.
#[inline(always)]
fn add_square(
    square: &[f64],
    front: &Front,
    runs: &[Run],
    those: Range<usize>,
    target: &mut [f64],
    stride: usize,
    skipped: usize,
) {
    let side = front.side();
    let first = front.columns - front.skipped();
    for k in those {
        let columns = &runs[k];
        let from = &square[(first + columns.first) * side + first..];
        let to = &mut target[(columns.place - skipped) * stride..];
        for (n, rows) in runs[k..].iter().enumerate() {
            for j in 0..columns.len {
                let above = if n == 0 { j } else { 0 };
                let len = rows.len - above;
                add(
                    &mut to[j * stride + rows.place - skipped + above..][..len],
                    &from[j * side + rows.first + above..][..len],
                );
            }
        }
    }
}

/// Adds values to others.
#[inline(always)]
fn add(to: &mut [f64], values: &[f64]) {
    let (to, last) = to.as_chunks_mut::<SIDE>();
    let (values, last_values) = values.as_chunks::<SIDE>();
    for (to, values) in zip(to, values) {
        for (to, value) in zip(to, values) {
            *to += value;
        }
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
