//! The numeric factorization, by fronts.

use std::iter::zip;
use std::ops::Range;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::sparse::linalg::cholesky::supernodal::SymbolicSupernodalCholesky;
use faer::{Accum, MatMut, Par, Spec};

use super::SymmetricPattern;

/// The tree of fronts of a sparse matrix (multifrontal method: Duff & Reid, ACM Trans. Math. Softw. 9,
/// 302, 1983; Liu, SIAM Rev. 34, 82, 1992).
///
/// The front of a supernode, some columns with the same rows below, is a small dense matrix of these
/// columns and rows. Once its columns are eliminated, what that adds to the rows below goes to the front
/// of its parent, which has all of them: so each supernode takes few products, and large ones.
#[derive(Debug)]
pub(super) struct FrontTree {
    /// Position of each row of the matrix in the order of elimination.
    position: Vec<usize>,
    /// Front that eliminates each position.
    owner: Vec<usize>,
    /// Children before parents.
    fronts: Vec<Front>,
    /// Positions of the rows below of every front, one front after the other.
    rows: Vec<usize>,
    /// Number of each of them in the front of its parent.
    places: Vec<usize>,
    /// Where each entry of the matrix goes in the factor.
    slots: Vec<usize>,
}

/// What is known of a front beforehand. In the factor it has a block of its columns, each with the rows
/// of these columns first and then those below.
#[derive(Debug)]
pub(super) struct Front {
    /// The front that its rows below are in; itself where there are none.
    pub parent: usize,
    /// Number of its columns.
    pub columns: usize,
    /// Position of the first of them.
    start: usize,
    /// Of its rows below, among those of all fronts.
    rows: Range<usize>,
    /// Of its values in the factor.
    pub block: Range<usize>,
}

impl Front {
    /// Number of rows below the columns.
    pub(super) fn below(&self) -> usize {
        self.rows.len()
    }

    /// Number of all rows of its block.
    pub(super) fn rows(&self) -> usize {
        self.columns + self.below()
    }
}

impl FrontTree {
    /// The fronts of a pattern whose rows have these positions in the order of elimination.
    pub(super) fn new(
        symbolic: &SymbolicSupernodalCholesky<usize>,
        pattern: &SymmetricPattern,
        position: &[usize],
    ) -> Self {
        let starts = symbolic.supernode_begin();
        let ends = symbolic.supernode_end();
        let rows = symbolic.col_ptr_for_row_idx();
        let blocks = symbolic.col_ptr_for_val();
        let mut owner = vec![0; position.len()];
        let mut fronts = Vec::with_capacity(symbolic.n_supernodes());
        for s in 0..symbolic.n_supernodes() {
            owner[starts[s]..ends[s]].fill(s);
            fronts.push(Front {
                parent: s,
                columns: ends[s] - starts[s],
                start: starts[s],
                rows: rows[s]..rows[s + 1],
                block: blocks[s]..blocks[s + 1],
            });
        }
        let mut made = Self {
            position: position.to_vec(),
            owner,
            fronts,
            rows: symbolic.row_idx().to_vec(),
            places: Vec::new(),
            slots: Vec::new(),
        };
        made.places = vec![0; made.rows.len()];
        for s in 0..made.fronts.len() {
            let rows = made.fronts[s].rows.clone();
            let Some(&first) = made.rows[rows.clone()].first() else {
                continue;
            };
            made.fronts[s].parent = made.owner[first];
            let parent = &made.fronts[made.owner[first]];
            // Both ascend, and the parent has all of them.
            let mut of_parent = (parent.start..parent.start + parent.columns)
                .chain(made.rows[parent.rows.clone()].iter().copied())
                .enumerate();
            for (place, &row) in zip(&mut made.places[rows.clone()], &made.rows[rows]) {
                *place = of_parent
                    .find_map(|(place, other)| (other == row).then_some(place))
                    .expect("a parent with the rows of its children");
            }
        }
        made.slots = (0..pattern.size())
            .flat_map(|column| {
                let range = pattern.starts()[column]..pattern.starts()[column + 1];
                pattern.rows()[range].iter().map(move |&row| (row, column))
            })
            .map(|(row, column)| made.slot(row, column))
            .collect();
        made
    }

    /// Where the entry in row `i` and column `j` of the matrix, or its mirror image, is in the factor.
    ///
    /// # Panics
    ///
    /// If it is not in the pattern of the factor.
    pub(super) fn slot(&self, i: usize, j: usize) -> usize {
        let (i, j) = (self.position[i], self.position[j]);
        let (row, column) = (i.max(j), i.min(j));
        let front = &self.fronts[self.owner[column]];
        let offset = (column - front.start) * front.rows();
        front.block.start + offset + self.place(front, row)
    }

    /// Number in a front of the row in a position.
    fn place(&self, front: &Front, row: usize) -> usize {
        if row < front.start + front.columns {
            return row - front.start;
        }
        let Ok(place) = self.rows[front.rows.clone()].binary_search(&row) else {
            panic!("position {row} is not in the pattern of the factor");
        };
        front.columns + place
    }

    /// The fronts, children before parents.
    pub(super) fn fronts(&self) -> &[Front] {
        &self.fronts
    }

    /// Number of each row below a front in the front of its parent, ascending.
    pub(super) fn places(&self, front: &Front) -> &[usize] {
        &self.places[front.rows.clone()]
    }

    /// Workspace of a factorization.
    pub(super) fn memory(&self) -> MemBuffer {
        let most = self.fronts.iter().map(|front| front.columns).max();
        MemBuffer::new(cholesky_in_place_scratch::<f64>(
            most.unwrap_or(0),
            Par::Seq,
            Spec::default(),
        ))
    }

    /// Writes the factor of the matrix with these values; false if it is not positive definite.
    pub(super) fn factorize(
        &self,
        values: &[f64],
        factor: &mut [f64],
        memory: &mut MemBuffer,
    ) -> bool {
        factor.fill(0.0);
        for (&slot, &value) in zip(&self.slots, values) {
            factor[slot] = value;
        }
        // Of the rows below each front, square: what eliminating other columns has added so far.
        let mut updates = vec![Vec::new(); self.fronts.len()];
        for (s, front) in self.fronts.iter().enumerate() {
            let (columns, below) = (front.columns, front.below());
            let (eliminated, later) = factor.split_at_mut(front.block.end);
            let block = &mut eliminated[front.block.start..];
            let block = MatMut::from_column_major_slice_mut(block, columns + below, columns);
            let (mut top, mut bottom) = block.split_at_row_mut(columns);
            let is_definite = cholesky_in_place(
                top.as_mut(),
                LltRegularization::default(),
                Par::Seq,
                MemStack::new(memory),
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
            let mut update: Vec<f64> = std::mem::take(&mut updates[s]);
            update.resize(below * below, 0.0);
            triangular::matmul(
                MatMut::from_column_major_slice_mut(&mut update, below, below),
                BlockStructure::TriangularLower,
                Accum::Add,
                bottom.as_ref(),
                BlockStructure::Rectangular,
                bottom.as_ref().transpose(),
                BlockStructure::Rectangular,
                -1.0,
                Par::Seq,
            );
            let parent = &self.fronts[front.parent];
            let at = parent.block.start - front.block.end;
            let block = &mut later[at..at + parent.block.len()];
            let of_parent = &mut updates[front.parent];
            of_parent.resize(parent.below().pow(2), 0.0);
            add_update(&update, self.places(front), block, of_parent, parent);
        }
        true
    }
}

/// Adds what a front leaves to its parent: to the block of its columns, and to what it leaves itself.
fn add_update(
    update: &[f64],
    places: &[usize],
    block: &mut [f64],
    of_parent: &mut [f64],
    parent: &Front,
) {
    for (j, (&column, from)) in zip(places, update.chunks_exact(places.len())).enumerate() {
        let (to, first) = match column.checked_sub(parent.columns) {
            None => (&mut block[column * parent.rows()..], 0),
            Some(column) => (&mut of_parent[column * parent.below()..], parent.columns),
        };
        for (&place, value) in zip(&places[j..], &from[j..]) {
            to[place - first] += value;
        }
    }
}
