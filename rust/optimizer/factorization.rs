//! The numeric factorization, front by front, and what is solved with it.

use std::iter::zip;

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, MatMut, MatRef, Par};

use super::fronts::{Front, FrontTree, Run};
use super::memory::Spare;
use super::panel::eliminate;

impl FrontTree {
    /// Writes the factor of the matrix with these values; false if it is not positive definite.
    pub(super) fn factorize(&self, values: &[f64], factor: &mut [f64]) -> bool {
        let mut spare = std::mem::take(&mut *self.spare());
        let is_definite = self.factorize_with(&mut spare, values, factor);
        *self.spare() = spare;
        is_definite
    }

    fn factorize_with(&self, spare: &mut Spare, values: &[f64], factor: &mut [f64]) -> bool {
        // Of the rows below each front, square, its lower triangle: what eliminating other columns has
        // added so far, if any has.
        let mut updates: Vec<Option<Vec<f64>>> = vec![None; self.fronts().len()];
        for (s, front) in self.fronts().iter().enumerate() {
            let (columns, below) = (front.columns, front.below());
            let (eliminated, later) = factor.split_at_mut(front.block.end);
            let block = &mut eliminated[front.block.start..];
            let before = updates[s].take();
            if before.is_none() {
                self.begin(front, values, block);
            }
            if !eliminate(block, front.rows(), columns, front.rows()) {
                return false;
            }
            if below == 0 {
                continue;
            }
            let (mut update, accumulation) = match before {
                Some(update) => (update, Accum::Add),
                None => (spare.take(below * below), Accum::Replace),
            };
            let bottom = MatRef::from_column_major_slice(block, front.rows(), columns)
                .subrows(columns, below);
            triangular::matmul(
                MatMut::from_column_major_slice_mut(&mut update[..below * below], below, below),
                BlockStructure::TriangularLower,
                accumulation,
                bottom,
                BlockStructure::Rectangular,
                bottom.transpose(),
                BlockStructure::Rectangular,
                -1.0,
                Par::Seq,
            );
            let parent = &self.fronts()[front.parent];
            let at = parent.block.start - front.block.end;
            let block = &mut later[at..at + parent.block.len()];
            // Not before its first child needs it, when it stays in the nearest caches.
            let of_parent = updates[front.parent].get_or_insert_with(|| {
                self.begin(parent, values, block);
                zeros(parent.below(), spare)
            });
            add_update(
                &update[..below * below],
                self.runs(front),
                block,
                of_parent,
                parent,
            );
            spare.give_back(update);
        }
        true
    }

    /// Puts the values of the matrix into the block of a front.
    fn begin(&self, front: &Front, values: &[f64], block: &mut [f64]) {
        block.fill(0.0);
        for (entry, place) in self.entries(front) {
            block[place] = values[entry];
        }
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
            let columns = factor[front.block.clone()].chunks_exact(front.rows());
            for (j, column) in columns.enumerate() {
                let (head, rest) = own.split_at_mut(j + 1);
                head[j] /= column[j];
                let (of_own, of_below) = column[j + 1..].split_at(rest.len());
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
            let columns = factor[front.block.clone()].chunks_exact(front.rows());
            for (j, column) in columns.enumerate().rev() {
                let (head, rest) = own.split_at_mut(j + 1);
                let (of_own, of_below) = column[j + 1..].split_at(rest.len());
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
            let columns = factor[front.block.clone()].chunks_exact(front.rows());
            let logarithms = columns.enumerate().map(|(j, column)| column[j].ln());
            2.0 * logarithms.sum::<f64>()
        };
        self.fronts().iter().map(of_front).sum()
    }
}

/// A square whose lower triangle is zero.
fn zeros(size: usize, spare: &mut Spare) -> Vec<f64> {
    let mut square = spare.take(size * size);
    for (j, column) in square.chunks_exact_mut(size.max(1)).take(size).enumerate() {
        column[j..].fill(0.0);
    }
    square
}

/// Adds what a front leaves to its parent: to the block of its columns, and to what it leaves itself.
fn add_update(
    update: &[f64],
    runs: &[Run],
    block: &mut [f64],
    of_parent: &mut [f64],
    parent: &Front,
) {
    let below = runs.last().map_or(0, |run| run.first + run.len);
    for (k, columns) in runs.iter().enumerate() {
        let from = &update[columns.first * below..];
        let (to, first, stride) = match columns.place.checked_sub(parent.columns) {
            None => (&mut *block, 0, parent.rows()),
            Some(_) => (&mut *of_parent, parent.columns, parent.below()),
        };
        let to = &mut to[(columns.place - first) * stride..];
        for (n, rows) in runs[k..].iter().enumerate() {
            for j in 0..columns.len {
                let skipped = if n == 0 { j } else { 0 };
                let len = rows.len - skipped;
                let from = &from[j * below + rows.first + skipped..][..len];
                let to = &mut to[j * stride + rows.place - first + skipped..][..len];
                for (to, from) in zip(to, from) {
                    *to += from;
                }
            }
        }
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
