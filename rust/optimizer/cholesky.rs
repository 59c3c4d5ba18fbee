//! The sparse Cholesky factorization, by `faer`.

use std::sync::Arc;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::sparse::SymbolicSparseColMatRef;
use faer::sparse::linalg::SupernodalThreshold;
use faer::sparse::linalg::cholesky::supernodal::{SupernodalLltRef, SymbolicSupernodalCholesky};
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, LltRef, SymbolicCholesky, SymbolicCholeskyRaw, SymmetricOrdering,
    factorize_symbolic_cholesky,
};
use faer::{Conj, MatMut, Par, Side};

use super::fronts::FrontTree;
use super::{SelectedInverse, SymmetricPattern};

/// The fill-reducing order (approximate minimum degree) and the symbolic analysis of a pattern, which
/// any number of factorizations share.
#[derive(Debug, Clone)]
pub struct Analysis(Arc<Analysed>);

#[derive(Debug)]
struct Analysed {
    symbolic: SymbolicCholesky<usize>,
    fronts: Arc<FrontTree>,
}

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
        let order = symbolic.perm().expect("an order was asked for");
        let fronts = FrontTree::new(supernodes(&symbolic), pattern, order.arrays().1).into();
        Self(Arc::new(Analysed { symbolic, fronts }))
    }
}

/// A factorization `L·Lᵀ` of matrices that share one pattern, whose analysis is done once.
///
/// For the graphs of plane tessellations the factor of n unknowns has O(n log n) entries and takes
/// O(n^1.5) operations. It runs on one thread, so its bits do not depend on their number.
pub struct Cholesky {
    analysed: Arc<Analysed>,
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
    pub fn analysed(Analysis(analysed): &Analysis) -> Self {
        Self {
            analysed: Arc::clone(analysed),
            factor: vec![0.0; analysed.symbolic.len_val()],
            memory: analysed.fronts.memory(),
        }
    }

    /// Factorizes the matrix with these values, one for each entry of the pattern; false if it is not
    /// positive definite.
    pub fn factorize(&mut self, values: &[f64]) -> bool {
        let fronts = &self.analysed.fronts;
        fronts.factorize(values, &mut self.factor, &mut self.memory)
    }

    /// Solves for one right-hand side, in place, with the last matrix that was factorized.
    pub fn solve(&self, vector: &mut [f64]) {
        let rows = vector.len();
        let mut memory = MemBuffer::new(
            self.analysed
                .symbolic
                .solve_in_place_scratch::<f64>(1, Par::Seq),
        );
        LltRef::new(&self.analysed.symbolic, &self.factor).solve_in_place_with_conj(
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
        SelectedInverse::new(&self.analysed.fronts, &self.factor)
    }

    fn supernodal(&self) -> SupernodalLltRef<'_, usize, f64> {
        SupernodalLltRef::new(supernodes(&self.analysed.symbolic), &self.factor)
    }
}

fn supernodes(symbolic: &SymbolicCholesky<usize>) -> &SymbolicSupernodalCholesky<usize> {
    match symbolic.raw() {
        SymbolicCholeskyRaw::Supernodal(symbolic) => symbolic,
        SymbolicCholeskyRaw::Simplicial(_) => unreachable!("the analysis forces supernodes"),
    }
}

fn structure(pattern: &SymmetricPattern) -> SymbolicSparseColMatRef<'_, usize> {
    let size = pattern.size();
    SymbolicSparseColMatRef::new_checked(size, size, pattern.starts(), None, pattern.rows())
}
