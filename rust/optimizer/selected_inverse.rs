//! The entries of the inverse of a sparse matrix that lie in the pattern of its factor.

use faer::linalg::matmul::matmul;
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::sparse::linalg::cholesky::supernodal::SupernodalLltRef;
use faer::{Accum, Mat, MatMut, MatRef, Par};

/// Entries of the inverse of a factorized matrix: all those in the pattern of `L + Lᵀ`, which
/// contains that of the matrix itself.
///
/// By the recursion of Takahashi, Fagan & Chin (1973; Erisman & Tinney, Commun. ACM 18, 177, 1975), in
/// its supernodal form: with `Y = L₂₁ L₁₁⁻¹` for the columns J of a supernode and its rows P below,
/// `Z_PJ = −Z_PP Y` and `Z_JJ = L₁₁⁻ᵀ L₁₁⁻¹ − Yᵀ Z_PJ`, from the last supernode to the first. Time and
/// memory are those of the factorization.
pub struct SelectedInverse {
    /// Position of each row in the order of elimination.
    position: Vec<usize>,
    /// Supernode of each position.
    supernode_of: Vec<usize>,
    starts: Vec<usize>,
    patterns: Vec<Vec<usize>>,
    blocks: Vec<Mat<f64>>,
}

impl SelectedInverse {
    pub(super) fn new(factor: SupernodalLltRef<'_, usize, f64>, position: Vec<usize>) -> Self {
        let symbolic = factor.symbolic();
        let count = symbolic.n_supernodes();
        let starts: Vec<usize> = symbolic
            .supernode_begin()
            .iter()
            .copied()
            .chain([position.len()])
            .collect();
        let mut supernode_of = vec![0; position.len()];
        for s in 0..count {
            supernode_of[starts[s]..starts[s + 1]].fill(s);
        }
        let patterns = (0..count)
            .map(|s| symbolic.supernode(s).pattern().to_vec())
            .collect();
        let mut inverse = Self {
            position,
            supernode_of,
            starts,
            patterns,
            blocks: vec![Mat::new(); count],
        };
        for s in (0..count).rev() {
            inverse.blocks[s] = inverse.block(s, factor.supernode(s).val());
        }
        inverse
    }

    /// The block of the inverse at the columns of a supernode, from its block of the factor and the
    /// blocks of later supernodes.
    fn block(&self, s: usize, factor: MatRef<'_, f64>) -> Mat<f64> {
        let columns = factor.ncols();
        let below = self.patterns[s].len();
        let diagonal = factor.subrows(0, columns);
        // Y L₁₁ = L₂₁, that is L₁₁ᵀ Yᵀ = L₂₁ᵀ: `y` is Yᵀ.
        let mut y = factor.subrows(columns, below).transpose().to_owned();
        faer::linalg::triangular_solve::solve_upper_triangular_in_place(
            diagonal.transpose(),
            y.as_mut(),
            Par::Seq,
        );
        let mut inverse_root = Mat::<f64>::identity(columns, columns);
        solve_lower_triangular_in_place(diagonal, inverse_root.as_mut(), Par::Seq);

        let mut block = Mat::<f64>::zeros(columns + below, columns);
        let (mut top, mut bottom): (MatMut<'_, f64>, MatMut<'_, f64>) =
            block.as_mut().split_at_row_mut(columns);
        let later = self.gather(s);
        matmul(
            bottom.as_mut(),
            Accum::Replace,
            later.as_ref(),
            y.transpose(),
            -1.0,
            Par::Seq,
        );
        matmul(
            top.as_mut(),
            Accum::Replace,
            inverse_root.transpose(),
            inverse_root.as_ref(),
            1.0,
            Par::Seq,
        );
        matmul(
            top.as_mut(),
            Accum::Add,
            y.as_ref(),
            bottom.as_ref(),
            -1.0,
            Par::Seq,
        );
        block
    }

    /// The square block of the inverse at the rows below a supernode.
    fn gather(&self, s: usize) -> Mat<f64> {
        let pattern = &self.patterns[s];
        let mut gathered = Mat::zeros(pattern.len(), pattern.len());
        for (j, &column) in pattern.iter().enumerate() {
            let owner = self.supernode_of[column];
            let block = &self.blocks[owner];
            let column = column - self.starts[owner];
            let width = self.starts[owner + 1] - self.starts[owner];
            let mut search = 0;
            for (i, &row) in pattern.iter().enumerate().skip(j) {
                // Rows ascend, so the search in the owner's pattern only moves on.
                let at = if row < self.starts[owner + 1] {
                    row - self.starts[owner]
                } else {
                    while self.patterns[owner][search] != row {
                        search += 1;
                    }
                    width + search
                };
                gathered[(i, j)] = block[(at, column)];
                gathered[(j, i)] = block[(at, column)];
            }
        }
        gathered
    }

    /// Entry of the inverse in row `i` and column `j` of the matrix.
    ///
    /// # Panics
    ///
    /// If it is not in the pattern of the factor.
    #[must_use]
    pub fn get(&self, i: usize, j: usize) -> f64 {
        let (i, j) = (self.position[i], self.position[j]);
        let (column, row) = (i.min(j), i.max(j));
        let s = self.supernode_of[column];
        let at = if row < self.starts[s + 1] {
            row - self.starts[s]
        } else {
            let Ok(offset) = self.patterns[s].binary_search(&row) else {
                panic!("entry ({row}, {column}) is not in the pattern of the factor");
            };
            self.starts[s + 1] - self.starts[s] + offset
        };
        self.blocks[s][(at, column - self.starts[s])]
    }
}
