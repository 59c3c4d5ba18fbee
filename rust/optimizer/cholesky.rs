//! The sparse Cholesky factorization: order and symbolic analysis by `faer`, then by fronts.

use std::sync::Arc;

use faer::Side;
use faer::perm::PermRef;
use faer::sparse::SymbolicSparseColMatRef;
use faer::sparse::linalg::cholesky::supernodal::SymbolicSupernodalCholesky;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, SymbolicCholesky, SymbolicCholeskyRaw, SymmetricOrdering,
    factorize_symbolic_cholesky,
};
use faer::sparse::linalg::{SupernodalThreshold, SymbolicSupernodalParams};

use super::amalgamation::Shape;
use super::dissection::dissected;
use super::fronts::{FrontTree, shapes};
use super::{SelectedInverse, SymmetricPattern};

/// From so many unknowns on an order by their places is tried; with fewer, approximate minimum degree is
/// better, or as good.
const MANY: usize = 16_000;

/// The fill-reducing order and the symbolic analysis of a pattern, which any number of factorizations
/// share.
///
/// The order is that of approximate minimum degree; of many unknowns that have places, nested dissection,
/// unless it takes more operations. In the plane it takes 90 to 160 n^1.5 additions and multiplications for n
/// unknowns, approximate minimum degree 220 to 270 n^1.5.
#[derive(Debug, Clone)]
pub struct Analysis(Arc<FrontTree>);

impl Analysis {
    /// Analyses a pattern.
    ///
    /// # Panics
    ///
    /// If memory runs out.
    #[must_use]
    pub fn new(pattern: &SymmetricPattern) -> Self {
        let symbolic = symbolic(pattern);
        let order = symbolic.perm().expect("an order was asked for");
        let position = order.arrays().1;
        Self(FrontTree::new(supernodes(&symbolic), pattern, position).into())
    }
}

/// Number of additions and multiplications that a factorization takes, and how many it would take if no
/// columns with other rows below were eliminated together.
///
/// # Panics
///
/// If memory runs out.
#[must_use]
pub fn operations(pattern: &SymmetricPattern) -> [f64; 2] {
    let Analysis(fronts) = pattern.analysis();
    let of_fronts = fronts
        .fronts()
        .iter()
        .map(|front| front.shape().operations());
    [of_fronts.sum(), operations_of(&symbolic(pattern))]
}

/// A factorization `L·Lᵀ` of matrices that share one pattern, whose analysis is done once.
///
/// For the graphs of plane tessellations the factor of n unknowns has O(n log n) entries and takes
/// O(n^1.5) operations. It runs on one thread, so its bits do not depend on their number.
pub struct Cholesky {
    fronts: Arc<FrontTree>,
    factor: Vec<f64>,
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
    pub fn analysed(Analysis(fronts): &Analysis) -> Self {
        Self {
            fronts: Arc::clone(fronts),
            factor: fronts.spare().take(fronts.factor_len()),
        }
    }

    /// Factorizes the matrix with these values, one for each entry of the pattern; false if it is not
    /// positive definite.
    pub fn factorize(&mut self, values: &[f64]) -> bool {
        self.fronts.factorize(values, &mut self.factor)
    }

    /// Solves for one right-hand side, in place, with the last matrix that was factorized.
    pub fn solve(&self, vector: &mut [f64]) {
        self.fronts.solve(&self.factor, vector);
    }

    /// Logarithm of the determinant of the last matrix that was factorized.
    #[must_use]
    pub fn log_determinant(&self) -> f64 {
        self.fronts.log_determinant(&self.factor)
    }

    /// Entries of the inverse of the last matrix that was factorized, in the memory of the factor: who
    /// needs both takes those of a clone.
    #[must_use]
    pub fn selected_inverse(mut self) -> SelectedInverse {
        SelectedInverse::new(&self.fronts, std::mem::take(&mut self.factor))
    }
}

impl Clone for Cholesky {
    fn clone(&self) -> Self {
        let mut factor = self.fronts.spare().take(self.fronts.factor_len());
        let values = ..self.fronts.factor_len();
        factor[values].copy_from_slice(&self.factor[values]);
        Self {
            fronts: Arc::clone(&self.fronts),
            factor,
        }
    }
}

/// The symbolic factorization in the order of fewest operations.
fn symbolic(pattern: &SymmetricPattern) -> SymbolicCholesky<usize> {
    let by_degree = || in_order(pattern, None);
    match pattern.places() {
        Some((places, dimension)) if pattern.size() >= MANY => {
            let order = dissected(pattern, &places, dimension);
            let by_place = in_order(pattern, Some(&order));
            if operations_of(&by_place) <= usual_operations(pattern.size()) {
                by_place
            } else {
                [by_place, by_degree()]
                    .map(|symbolic| (operations_of(&symbolic), symbolic))
                    .into_iter()
                    .min_by(|(a, _), (b, _)| a.total_cmp(b))
                    .expect("one of both")
                    .1
            }
        }
        _ => by_degree(),
    }
}

/// Number of additions and multiplications of a factorization.
fn operations_of(symbolic: &SymbolicCholesky<usize>) -> f64 {
    let shapes = shapes(supernodes(symbolic)).into_iter();
    shapes.map(Shape::operations).sum()
}

/// Number of additions and multiplications that is not worth trying another order for.
fn usual_operations(size: usize) -> f64 {
    200.0 * (size as f64).powf(1.5)
}

/// The symbolic factorization in an order of elimination; in that of approximate minimum degree where
/// there is none.
fn in_order(pattern: &SymmetricPattern, order: Option<&[usize]>) -> SymbolicCholesky<usize> {
    let position = order.map(|order| {
        let mut position = vec![0; order.len()];
        for (at, &row) in order.iter().enumerate() {
            position[row] = at;
        }
        position
    });
    let ordering = match (order, &position) {
        (Some(order), Some(position)) => {
            SymmetricOrdering::Custom(PermRef::new_checked(order, position, order.len()))
        }
        _ => SymmetricOrdering::Amd,
    };
    let size = pattern.size();
    let rows: Vec<usize> = pattern.rows().iter().map(|&row| row as usize).collect();
    factorize_symbolic_cholesky(
        SymbolicSparseColMatRef::new_checked(size, size, pattern.starts(), None, &rows),
        Side::Lower,
        ordering,
        CholeskySymbolicParams {
            // Below every ratio: small problems too, so that the factor always has one form.
            supernodal_flop_ratio_threshold: SupernodalThreshold(-1.0),
            // Which ones are eliminated together is decided by what that costs here.
            supernodal_params: SymbolicSupernodalParams { relax: None },
            ..CholeskySymbolicParams::default()
        },
    )
    .expect("memory for the symbolic factorization")
}

impl Drop for Cholesky {
    fn drop(&mut self) {
        let factor = std::mem::take(&mut self.factor);
        self.fronts.spare().give_back(factor);
    }
}

fn supernodes(symbolic: &SymbolicCholesky<usize>) -> &SymbolicSupernodalCholesky<usize> {
    match symbolic.raw() {
        SymbolicCholeskyRaw::Supernodal(symbolic) => symbolic,
        SymbolicCholeskyRaw::Simplicial(_) => unreachable!("the analysis forces supernodes"),
    }
}
