//! The sparse Cholesky factorisation, by `faer`.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::LltRegularization;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, LltRef, SymbolicCholesky, SymmetricOrdering,
    factorize_symbolic_cholesky,
};
use faer::sparse::{SparseColMatRef, SymbolicSparseColMatRef};
use faer::{Conj, MatMut, Par, Side, Spec};

use super::SymmetricPattern;

/// A factorisation `L·Lᵀ` of matrices that share one pattern: fill-reducing order (approximate
/// minimum degree) and symbolic analysis are done once.
///
/// For the graphs of plane tessellations the factor of n unknowns has O(n log n) entries and takes
/// O(n^1.5) operations. It runs on one thread, so its bits do not depend on their number.
pub struct Cholesky {
    symbolic: SymbolicCholesky<usize>,
    factor: Vec<f64>,
    memory: MemBuffer,
}

impl Cholesky {
    /// Analyses a pattern.
    ///
    /// # Panics
    ///
    /// If memory runs out.
    #[must_use]
    pub fn new(pattern: &SymmetricPattern) -> Self {
        let symbolic = factorize_symbolic_cholesky(
            structure(pattern),
            Side::Lower,
            SymmetricOrdering::Amd,
            CholeskySymbolicParams::default(),
        )
        .expect("memory for the symbolic factorisation");
        let memory = MemBuffer::new(
            symbolic
                .factorize_numeric_llt_scratch::<f64>(Par::Seq, Spec::default())
                .or(symbolic.solve_in_place_scratch::<f64>(1, Par::Seq)),
        );
        let factor = vec![0.0; symbolic.len_val()];
        Self {
            symbolic,
            factor,
            memory,
        }
    }

    /// Factorises the matrix with these values; false if it is not positive definite.
    pub fn factorize(&mut self, pattern: &SymmetricPattern, values: &[f64]) -> bool {
        self.symbolic
            .factorize_numeric_llt(
                &mut self.factor,
                SparseColMatRef::new(structure(pattern), values),
                Side::Lower,
                LltRegularization::default(),
                Par::Seq,
                MemStack::new(&mut self.memory),
                Spec::default(),
            )
            .is_ok()
    }

    /// Solves for one right-hand side, in place, with the last matrix that was factorised.
    pub fn solve(&mut self, vector: &mut [f64]) {
        let rows = vector.len();
        LltRef::new(&self.symbolic, &self.factor).solve_in_place_with_conj(
            Conj::No,
            MatMut::from_column_major_slice_mut(vector, rows, 1),
            Par::Seq,
            MemStack::new(&mut self.memory),
        );
    }
}

fn structure(pattern: &SymmetricPattern) -> SymbolicSparseColMatRef<'_, usize> {
    let size = pattern.size();
    SymbolicSparseColMatRef::new_checked(size, size, pattern.starts(), None, pattern.rows())
}
