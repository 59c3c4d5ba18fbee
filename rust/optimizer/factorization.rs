//! The numeric factorization, front by front, and what is solved with it.

use std::iter::zip;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Accum, MatMut, Par, Spec};

use super::fronts::{Front, FrontTree, Run};
use super::memory::Spare;

impl FrontTree {
    /// Writes the factor of the matrix with these values; false if it is not positive definite.
    pub(super) fn factorize(&self, values: &[f64], factor: &mut [f64]) -> bool {
        let mut spare = std::mem::take(&mut *self.spare());
        let is_definite = self.factorize_with(&mut spare, values, factor);
        *self.spare() = spare;
        is_definite
    }

    fn factorize_with(&self, spare: &mut Spare, values: &[f64], factor: &mut [f64]) -> bool {
        let most = self.fronts().iter().map(|front| front.columns).max();
        let scratch =
            cholesky_in_place_scratch::<f64>(most.unwrap_or(0), Par::Seq, Spec::default());
        let mut memory = MemBuffer::new(scratch);
        let factor = &mut factor[..self.factor_len()];
        factor.fill(0.0);
        for (&slot, &value) in zip(self.slots(), values) {
            factor[slot] = value;
        }
        // Of the rows below each front, square, its lower triangle: what eliminating other columns has
        // added so far, if any has.
        let mut updates: Vec<Option<Vec<f64>>> = vec![None; self.fronts().len()];
        for (s, front) in self.fronts().iter().enumerate() {
            let (columns, below) = (front.columns, front.below());
            let (eliminated, later) = factor.split_at_mut(front.block.end);
            let block = &mut eliminated[front.block.start..];
            let block = MatMut::from_column_major_slice_mut(block, columns + below, columns);
            let (mut top, mut bottom) = block.split_at_row_mut(columns);
            let is_definite = cholesky_in_place(
                top.as_mut(),
                LltRegularization::default(),
                Par::Seq,
                MemStack::new(&mut memory),
                Spec::default(),
            )
            .is_ok();
            if !is_definite {
                return false;
            }
            if below == 0 {
                continue;
            }
            solve_lower_triangular_in_place(
                top.as_ref(),
                bottom.as_mut().transpose_mut(),
                Par::Seq,
            );
            let (mut update, accumulation) = match updates[s].take() {
                Some(update) => (update, Accum::Add),
                None => (spare.take(below * below), Accum::Replace),
            };
            triangular::matmul(
                MatMut::from_column_major_slice_mut(&mut update[..below * below], below, below),
                BlockStructure::TriangularLower,
                accumulation,
                bottom.as_ref(),
                BlockStructure::Rectangular,
                bottom.as_ref().transpose(),
                BlockStructure::Rectangular,
                -1.0,
                Par::Seq,
            );
            let parent = &self.fronts()[front.parent];
            let at = parent.block.start - front.block.end;
            let block = &mut later[at..at + parent.block.len()];
            let of_parent =
                updates[front.parent].get_or_insert_with(|| zeros(parent.below(), spare));
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
        for j in 0..columns.len {
            let from = &update[(columns.first + j) * below..][..below];
            let column = columns.place + j;
            let (to, first) = match column.checked_sub(parent.columns) {
                None => (&mut block[column * parent.rows()..], 0),
                Some(column) => (&mut of_parent[column * parent.below()..], parent.columns),
            };
            for (n, rows) in runs[k..].iter().enumerate() {
                let skipped = if n == 0 { j } else { 0 };
                let at = rows.place + skipped - first;
                let len = rows.len - skipped;
                let added = &from[rows.first + skipped..][..len];
                for (value, added) in zip(&mut to[at..at + len], added) {
                    *value += added;
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
