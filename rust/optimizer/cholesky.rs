//! The sparse Cholesky factorization, by `faer`.

use std::sync::Arc;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::LltRegularization;
use faer::sparse::linalg::SupernodalThreshold;
use faer::sparse::linalg::cholesky::supernodal::SupernodalLltRef;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, LltRef, SymbolicCholesky, SymbolicCholeskyRaw, SymmetricOrdering,
    factorize_symbolic_cholesky,
};
use faer::sparse::{SparseColMatRef, SymbolicSparseColMatRef};
use faer::{Conj, MatMut, Par, Side, Spec};

use super::{SelectedInverse, SymmetricPattern};

/// The fill-reducing order (approximate minimum degree) and the symbolic analysis of a pattern, which
/// any number of factorizations share.
#[derive(Debug, Clone)]
pub struct Analysis(Arc<SymbolicCholesky<usize>>);

impl Analysis {
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
            CholeskySymbolicParams {
                // Below every ratio: small problems too, so that the factor always has one form.
                supernodal_flop_ratio_threshold: SupernodalThreshold(-1.0),
                ..CholeskySymbolicParams::default()
            },
        )
        .expect("memory for the symbolic factorization");
        Self(Arc::new(symbolic))
    }
}

/// A factorization `L·Lᵀ` of matrices that share one pattern, whose analysis is done once.
///
/// For the graphs of plane tessellations the factor of n unknowns has O(n log n) entries and takes
/// O(n^1.5) operations. It runs on one thread, so its bits do not depend on their number.
pub struct Cholesky {
    symbolic: Arc<SymbolicCholesky<usize>>,
    factor: Vec<f64>,
    memory: MemBuffer,
}

impl Cholesky {
    /// A factorization of a pattern, which is analysed unless it was before.
    ///
    /// # Panics
    ///
    /// If memory runs out.
    #[must_use]
    pub fn new(pattern: &SymmetricPattern) -> Self {
        Self::analysed(pattern.analysis())
    }

    /// A factorization of a pattern that was analysed.
    ///
    /// # Panics
    ///
    /// If memory runs out.
    #[must_use]
    pub fn analysed(Analysis(symbolic): &Analysis) -> Self {
        let symbolic = Arc::clone(symbolic);
        let memory = MemBuffer::new(
            symbolic.factorize_numeric_llt_scratch::<f64>(Par::Seq, Spec::default()),
        );
        let factor = vec![0.0; symbolic.len_val()];
        Self {
            symbolic,
            factor,
            memory,
        }
    }

    /// Factorizes the matrix with these values; false if it is not positive definite.
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

    /// Solves for one right-hand side, in place, with the last matrix that was factorized.
    pub fn solve(&self, vector: &mut [f64]) {
        let rows = vector.len();
        let mut memory = MemBuffer::new(self.symbolic.solve_in_place_scratch::<f64>(1, Par::Seq));
        LltRef::new(&self.symbolic, &self.factor).solve_in_place_with_conj(
            Conj::No,
            MatMut::from_column_major_slice_mut(vector, rows, 1),
            Par::Seq,
            MemStack::new(&mut memory),
        );
    }

    /// Logarithm of the determinant of the last matrix that was factorized.
    #[must_use]
    pub fn log_determinant(&self) -> f64 {
        let factor = self.supernodal();
        (0..factor.symbolic().n_supernodes())
            .map(|s| {
                let block = factor.supernode(s).val();
                (0..block.ncols())
                    .map(|j| 2.0 * block[(j, j)].ln())
                    .sum::<f64>()
            })
            .sum()
    }

    /// Entries of the inverse of the last matrix that was factorized.
    #[must_use]
    pub fn selected_inverse(&self) -> SelectedInverse {
        let position = match self.symbolic.perm() {
            Some(order) => order.arrays().1.to_vec(),
            None => (0..self.symbolic.nrows()).collect(),
        };
        SelectedInverse::new(self.supernodal(), position)
    }

    fn supernodal(&self) -> SupernodalLltRef<'_, usize, f64> {
        match self.symbolic.raw() {
            SymbolicCholeskyRaw::Supernodal(symbolic) => {
                SupernodalLltRef::new(symbolic, &self.factor)
            }
            SymbolicCholeskyRaw::Simplicial(_) => unreachable!("the analysis forces supernodes"),
        }
    }
}

fn structure(pattern: &SymmetricPattern) -> SymbolicSparseColMatRef<'_, usize> {
    let size = pattern.size();
    SymbolicSparseColMatRef::new_checked(size, size, pattern.starts(), None, pattern.rows())
}
