//! The entries of the inverse of a sparse matrix that lie in the pattern of its factor.

use std::iter::zip;
use std::sync::Arc;

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::{
    solve_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use faer::{Accum, Mat, MatMut, MatRef, Par};

use super::fronts::{Front, FrontTree, Run};

/// Entries of the inverse of a factorized matrix, those in the pattern of the matrix itself.
///
/// By the recursion of Takahashi, Fagan & Chin (1973; Erisman & Tinney, Commun. ACM 18, 177, 1975), in
/// its supernodal form: with `Y = L₂₁ L₁₁⁻¹` for the columns J of a front and its rows P below,
/// `Z_PJ = −Z_PP Y` and `Z_JJ = L₁₁⁻ᵀ L₁₁⁻¹ − Yᵀ Z_PJ`, from the last front to the first; `Z_PP` is part
/// of what its parent has. Time is about twice that of the factorization. The blocks of the inverse take
/// the places of those of the factor, which nothing asks for any more by then.
pub struct SelectedInverse {
    fronts: Arc<FrontTree>,
    /// Where the factor has its own.
    values: Vec<f64>,
}

impl SelectedInverse {
    /// Turns a factor into the inverse.
    pub(super) fn new(fronts: &Arc<FrontTree>, mut values: Vec<f64>) -> Self {
        let mut spare = std::mem::take(&mut *fronts.spare());
        let mut children = vec![0_usize; fronts.fronts().len()];
        for front in fronts.fronts() {
            children[front.parent] += 1;
        }
        // Of the rows below each front, as long as some child has yet to ask for it.
        let mut laters = vec![Vec::new(); fronts.fronts().len()];
        for (s, front) in fronts.fronts().iter().enumerate().rev() {
            let parent = &fronts.fronts()[front.parent];
            let (before, after) = values.split_at_mut(front.block.end);
            let below = front.below();
            let mut later = Vec::new();
            if below > 0 {
                let at = parent.block.start - front.block.end;
                later = spare.take(below * below);
                let of_parent = &laters[front.parent];
                gather(
                    fronts.runs(front),
                    parent,
                    &after[at..],
                    of_parent,
                    &mut later,
                );
            }
            let shape = (front.rows(), front.columns);
            let block = &mut before[front.block.start..];
            let mut scratch = spare.take(below * front.columns);
            invert(
                MatRef::from_column_major_slice(&later[..below * below], below, below),
                MatMut::from_column_major_slice_with_stride_mut(
                    block,
                    shape.0,
                    shape.1,
                    front.stride(),
                ),
                &mut scratch,
            );
            spare.give_back(scratch);
            laters[s] = later;
            children[front.parent] -= 1;
            for front in [front.parent, s] {
                if children[front] == 0 {
                    spare.give_back(std::mem::take(&mut laters[front]));
                }
            }
        }
        *fronts.spare() = spare;
        Self {
            fronts: Arc::clone(fronts),
            values,
        }
    }

    /// Entry of the inverse in row `i` and column `j` of the matrix.
    ///
    /// # Panics
    ///
    /// If it is not in the pattern of the matrix.
    #[must_use]
    pub fn get(&self, i: usize, j: usize) -> f64 {
        self.values[self.fronts.slot(i, j)]
    }
}

impl Drop for SelectedInverse {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.values);
        self.fronts.spare().give_back(values);
    }
}

/// Writes the square block of the inverse at the rows below a front, by their places in that of its
/// parent, from the parent's block and the square at the rows below the parent.
fn gather(runs: &[Run], parent: &Front, block: &[f64], later: &[f64], gathered: &mut [f64]) {
    let size = runs.last().map_or(0, |run| run.first + run.len);
    for (k, columns) in runs.iter().enumerate() {
        for j in 0..columns.len {
            let column = columns.place + j;
            let (from, first) = match column.checked_sub(parent.columns) {
                None => (&block[column * parent.stride()..], 0),
                Some(column) => (&later[column * parent.below()..], parent.columns),
            };
            let to = &mut gathered[(columns.first + j) * size..][..size];
            for (n, rows) in runs[k..].iter().enumerate() {
                let skipped = if n == 0 { j } else { 0 };
                let at = rows.place + skipped - first;
                let len = rows.len - skipped;
                to[rows.first + skipped..][..len].copy_from_slice(&from[at..at + len]);
            }
        }
    }
    for j in 1..size {
        let (before, column) = gathered.split_at_mut(j * size);
        for (value, row) in zip(column, before.chunks_exact(size)) {
            *value = row[j];
        }
    }
}

/// Turns a front's block of the factor into that of the inverse, its upper triangle left out, with the
/// inverse at its rows below.
fn invert(later: MatRef<'_, f64>, block: MatMut<'_, f64>, scratch: &mut [f64]) {
    let columns = block.ncols();
    let (mut top, mut bottom) = block.split_at_row_mut(columns);
    // Y L₁₁ = L₂₁, that is L₁₁ᵀ Yᵀ = L₂₁ᵀ.
    let below = bottom.nrows();
    let scratch = &mut scratch[..below * columns];
    let mut y = MatMut::from_column_major_slice_mut(scratch, below, columns);
    y.copy_from(&bottom);
    solve_upper_triangular_in_place(
        top.as_ref().transpose(),
        y.as_mut().transpose_mut(),
        Par::Seq,
    );
    let mut root = Mat::<f64>::identity(columns, columns);
    solve_lower_triangular_in_place(top.as_ref(), root.as_mut(), Par::Seq);
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
    if below == 0 {
        return;
    }
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
