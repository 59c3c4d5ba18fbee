//! The entries of the inverse of a sparse matrix that lie in the pattern of its factor.

use std::iter::zip;
use std::sync::Arc;

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::{Accum, Mat, MatMut, MatRef, Par};

use super::fronts::{Front, FrontTree};

/// Entries of the inverse of a factorized matrix: all those in the pattern of `L + Lᵀ`, which
/// contains that of the matrix itself.
///
/// By the recursion of Takahashi, Fagan & Chin (1973; Erisman & Tinney, Commun. ACM 18, 177, 1975), in
/// its supernodal form: with `Y = L₂₁ L₁₁⁻¹` for the columns J of a front and its rows P below,
/// `Z_PJ = −Z_PP Y` and `Z_JJ = L₁₁⁻ᵀ L₁₁⁻¹ − Yᵀ Z_PJ`, from the last front to the first; `Z_PP` is part
/// of what its parent has. Time is about twice that of the factorization, and memory is that.
pub struct SelectedInverse {
    fronts: Arc<FrontTree>,
    /// Where the factor has its own.
    values: Vec<f64>,
}

impl SelectedInverse {
    pub(super) fn new(fronts: &Arc<FrontTree>, factor: &[f64]) -> Self {
        let mut values = vec![0.0; factor.len()];
        let mut children = vec![0_usize; fronts.fronts().len()];
        for front in fronts.fronts() {
            children[front.parent] += 1;
        }
        // Of the rows below each front, the lower triangle, as long as some child has yet to ask for it.
        let mut laters = vec![Mat::new(); fronts.fronts().len()];
        for (s, front) in fronts.fronts().iter().enumerate().rev() {
            let parent = &fronts.fronts()[front.parent];
            let (before, after) = values.split_at_mut(front.block.end);
            let later = if front.below() == 0 {
                Mat::new()
            } else {
                let at = parent.block.start - front.block.end;
                let later = &laters[front.parent];
                gather(fronts.places(front), parent, &after[at..], later)
            };
            let shape = (front.rows(), front.columns);
            let block = &mut before[front.block.start..];
            invert(
                MatRef::from_column_major_slice(&factor[front.block.clone()], shape.0, shape.1),
                later.as_ref(),
                MatMut::from_column_major_slice_mut(block, shape.0, shape.1),
            );
            laters[s] = later;
            children[front.parent] -= 1;
            for front in [front.parent, s] {
                if children[front] == 0 {
                    laters[front] = Mat::new();
                }
            }
        }
        Self {
            fronts: Arc::clone(fronts),
            values,
        }
    }

    /// Entry of the inverse in row `i` and column `j` of the matrix.
    ///
    /// # Panics
    ///
    /// If it is not in the pattern of the factor.
    #[must_use]
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.values[self.fronts.slot(i, j)]
    }
}

/// The square block of the inverse at the rows below a front, by their places in that of its parent,
/// from the parent's block and the square at the rows below the parent.
fn gather(places: &[usize], parent: &Front, block: &[f64], later: &Mat<f64>) -> Mat<f64> {
    let mut gathered = Mat::zeros(places.len(), places.len());
    for (j, &column) in places.iter().enumerate() {
        let (from, first) = match column.checked_sub(parent.columns) {
            None => (&block[column * parent.rows()..], 0),
            Some(column) => (later.col_as_slice(column), parent.columns),
        };
        let to = &mut gathered.col_as_slice_mut(j)[j..];
        for (to, &place) in zip(to, &places[j..]) {
            *to = from[place - first];
        }
    }
    for j in 0..places.len() {
        for i in 0..j {
            gathered[(i, j)] = gathered[(j, i)];
        }
    }
    gathered
}

/// Writes the block of the inverse at the columns of a front, its upper triangle left out, from its
/// block of the factor and the inverse at its rows below.
fn invert(factor: MatRef<'_, f64>, later: MatRef<'_, f64>, inverse: MatMut<'_, f64>) {
    let columns = factor.ncols();
    let (diagonal, below) = factor.split_at_row(columns);
    let (mut top, mut bottom) = inverse.split_at_row_mut(columns);
    let mut root = Mat::<f64>::identity(columns, columns);
    solve_lower_triangular_in_place(diagonal, root.as_mut(), Par::Seq);
    triangular::matmul(
        top.as_mut(),
        BlockStructure::TriangularLower,
        Accum::Replace,
        root.transpose(),
        BlockStructure::TriangularUpper,
        root.as_ref(),
        BlockStructure::TriangularLower,
        1.0,
        Par::Seq,
    );
    if below.nrows() == 0 {
        return;
    }
    // Y L₁₁ = L₂₁, that is L₁₁ᵀ Yᵀ = L₂₁ᵀ.
    let mut y = below.to_owned();
    solve_upper_triangular_in_place(diagonal.transpose(), y.as_mut().transpose_mut(), Par::Seq);
    matmul(
        bottom.as_mut(),
        Accum::Replace,
        later,
        y.as_ref(),
        -1.0,
        Par::Seq,
    );
    triangular::matmul(
        top,
        BlockStructure::TriangularLower,
        Accum::Add,
        y.transpose(),
        BlockStructure::Rectangular,
        bottom.as_ref(),
        BlockStructure::Rectangular,
        -1.0,
        Par::Seq,
    );
}
