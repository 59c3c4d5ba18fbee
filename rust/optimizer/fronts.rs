//! The tree of fronts of a sparse matrix.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use faer::sparse::linalg::cholesky::supernodal::SymbolicSupernodalCholesky;

use super::SymmetricPattern;
use super::dissection::along;
use super::memory::Spare;

/// The tree of fronts of a sparse matrix (multifrontal method: Duff & Reid, ACM Trans. Math. Softw. 9,
/// 302, 1983; Liu, SIAM Rev. 34, 82, 1992).
///
/// The front of a supernode, some columns with the same rows below, is a small dense matrix of these
/// columns and rows. Once its columns are eliminated, what that adds to the rows below goes to the front
/// of its parent, which has all of them: so each supernode takes few products, and large ones.
#[derive(Debug)]
pub(super) struct FrontTree {
    pattern: SymmetricPattern,
    /// Position of each row of the matrix in the order of elimination.
    position: Vec<usize>,
    /// Children before parents.
    fronts: Vec<Front>,
    /// Positions of the rows below of every front, one front after the other.
    rows: Vec<usize>,
    /// Where they are in the front of its parent.
    runs: Vec<Run>,
    /// Where each entry of the matrix goes in the factor.
    slots: Vec<usize>,
    /// Numbers of the entries of every front, one front after the other.
    entries: Vec<usize>,
    /// Memory that factorizations leave to the next one.
    spare: Mutex<Spare>,
}

/// Rows below a front that follow each other in the front of its parent, too, either among its columns or
/// below them.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Number of the first of them below the front.
    pub first: usize,
    /// Number of the first of them in the front of the parent.
    pub place: usize,
    /// How many there are.
    pub len: usize,
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
    pub start: usize,
    /// Of its rows below, among those of all fronts.
    rows: Range<usize>,
    /// Of the runs of these rows, among those of all fronts.
    runs: Range<usize>,
    /// Of its entries, among those of all fronts.
    entries: Range<usize>,
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
    ///
    /// In which order the columns of one front follow each other is free: where they have places, it is along
    /// a line, so that those that a child has are in few runs.
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
                runs: 0..0,
                entries: 0..0,
                block: blocks[s]..blocks[s + 1],
            });
        }
        let moved = lined_up(&fronts, pattern, position);
        let mut rows: Vec<usize> = symbolic.row_idx().iter().map(|&row| moved[row]).collect();
        for front in &fronts {
            rows[front.rows.clone()].sort_unstable();
        }
        let mut made = Self {
            pattern: pattern.unanalysed(),
            position: position.iter().map(|&at| moved[at]).collect(),
            fronts,
            rows,
            runs: Vec::new(),
            slots: vec![0; pattern.len()],
            entries: Vec::new(),
            spare: Mutex::default(),
        };
        let mut children = vec![Vec::new(); made.fronts.len()];
        for (s, front) in made.fronts.iter_mut().enumerate() {
            if let Some(&first) = made.rows[front.rows.clone()].first() {
                front.parent = owner[first];
                children[front.parent].push(s);
            }
        }
        made.locate(&owner, &children);
        made
    }

    /// Finds where the rows of children and the entries of the matrix are in the front that has them.
    fn locate(&mut self, owner: &[usize], children: &[Vec<usize>]) {
        // Row and column of each entry, by positions, in the order of the fronts that have them.
        let mut entries = Vec::with_capacity(self.pattern.len());
        let mut ends = vec![0_usize; self.fronts.len() + 1];
        for column in 0..self.pattern.size() {
            let range = self.pattern.starts()[column]..self.pattern.starts()[column + 1];
            for &row in &self.pattern.rows()[range] {
                let (i, j) = (self.position[row], self.position[column]);
                entries.push((i.max(j), i.min(j)));
                ends[owner[i.min(j)] + 1] += 1;
            }
        }
        for s in 0..self.fronts.len() {
            ends[s + 1] += ends[s];
        }
        let mut sorted = vec![0; entries.len()];
        for (entry, (_, column)) in entries.iter().enumerate() {
            // Where those of the front begin, until all of them are there: then where they end.
            let next = &mut ends[owner[*column]];
            sorted[*next] = entry;
            *next += 1;
        }
        // Of the rows of the present front.
        let mut place = vec![0; self.position.len()];
        let mut begin = 0;
        for s in 0..self.fronts.len() {
            let front = &self.fronts[s];
            for (k, place) in place[front.start..front.start + front.columns]
                .iter_mut()
                .enumerate()
            {
                *place = k;
            }
            for (k, &row) in self.rows[front.rows.clone()].iter().enumerate() {
                place[row] = front.columns + k;
            }
            for &entry in &sorted[begin..ends[s]] {
                let (row, column) = entries[entry];
                let offset = (column - front.start) * front.rows();
                self.slots[entry] = front.block.start + offset + place[row];
            }
            self.fronts[s].entries = begin..ends[s];
            begin = ends[s];
            let columns = self.fronts[s].columns;
            for &child in &children[s] {
                let child = &mut self.fronts[child];
                let begin = self.runs.len();
                for (number, &row) in self.rows[child.rows.clone()].iter().enumerate() {
                    match self.runs[begin..].last_mut() {
                        Some(run) if run.place + run.len == place[row] && place[row] != columns => {
                            run.len += 1;
                        }
                        _ => self.runs.push(Run {
                            first: number,
                            place: place[row],
                            len: 1,
                        }),
                    }
                }
                child.runs = begin..self.runs.len();
            }
        }
        self.entries = sorted;
    }

    /// Where the entry in row `i` and column `j` of the matrix, or its mirror image, is in the factor.
    ///
    /// # Panics
    ///
    /// If it is not in the pattern of the matrix.
    pub(super) fn slot(&self, i: usize, j: usize) -> usize {
        self.slots[self.pattern.slot(i, j)]
    }

    /// The entries of the matrix that a front has, and where each is in its block.
    pub(super) fn entries(&self, front: &Front) -> impl Iterator<Item = (usize, usize)> {
        let entries = self.entries[front.entries.clone()].iter();
        entries.map(move |&entry| (entry, self.slots[entry] - front.block.start))
    }

    /// Position of each row of the matrix in the order of elimination.
    pub(super) fn position(&self) -> &[usize] {
        &self.position
    }

    /// The fronts, children before parents.
    pub(super) fn fronts(&self) -> &[Front] {
        &self.fronts
    }

    /// Positions of the rows below a front, ascending.
    pub(super) fn rows_below(&self, front: &Front) -> &[usize] {
        &self.rows[front.rows.clone()]
    }

    /// Where the rows below a front are in the front of its parent, ascending.
    pub(super) fn runs(&self, front: &Front) -> &[Run] {
        &self.runs[front.runs.clone()]
    }

    /// Memory that others have left.
    pub(super) fn spare(&self) -> MutexGuard<'_, Spare> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Number of values of the factor.
    pub(super) fn factor_len(&self) -> usize {
        self.fronts.last().map_or(0, |front| front.block.end)
    }
}

/// Where each position goes when the columns of each front are put along the longer side of the box they are in.
fn lined_up(fronts: &[Front], pattern: &SymmetricPattern, position: &[usize]) -> Vec<usize> {
    let mut moved: Vec<usize> = (0..position.len()).collect();
    let Some((places, dimension)) = pattern.places() else {
        return moved;
    };
    let mut order = vec![0; position.len()];
    for (row, &at) in position.iter().enumerate() {
        order[at] = row;
    }
    for front in fronts {
        let columns = &mut order[front.start..front.start + front.columns];
        let along = along(columns, places, dimension);
        columns.sort_unstable_by(along);
        for (k, &row) in columns.iter().enumerate() {
            moved[position[row]] = front.start + k;
        }
    }
    moved
}
