//! The tree of fronts of a sparse matrix.

use std::cmp::Ordering;
use std::iter::zip;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use faer::sparse::linalg::cholesky::supernodal::SymbolicSupernodalCholesky;

use super::SymmetricPattern;
use super::amalgamation::{Amalgamation, Shape};
use super::memory::Spare;
use super::tiles::SIDE;

/// The tree of fronts of a sparse matrix (multifrontal method: Duff & Reid, ACM Trans. Math. Softw. 9,
/// 302, 1983; Liu, SIAM Rev. 34, 82, 1992).
///
/// The front of a supernode, some columns with the same rows below, or of several that are eliminated together, is a
/// small dense matrix of these columns and rows. Once its columns are eliminated, what that adds to the rows below goes
/// to the front of its parent, which has all of them: so each takes few products, and large ones.
#[derive(Debug)]
pub(super) struct FrontTree {
    pattern: SymmetricPattern,
    /// Position of each row of the matrix in the order of elimination.
    position: Vec<usize>,
    /// In postorder.
    fronts: Vec<Front>,
    /// Positions of the rows below of every front, one front after the other.
    rows: Vec<usize>,
    /// Where they are in the front of its parent.
    runs: Vec<Run>,
    /// Where each entry of the matrix goes in the factor.
    slots: Vec<usize>,
    /// Number of each entry, and its place in the block of its front, one front after the other.
    entries: Vec<[u32; 2]>,
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
/// of these columns first and then those below, in whole quads.
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

    /// Numbers of its columns and of the rows below.
    pub(super) fn shape(&self) -> Shape {
        Shape {
            columns: self.columns,
            below: self.below(),
        }
    }

    /// Number of quads that have them.
    pub(super) fn height(&self) -> usize {
        self.rows().div_ceil(SIDE)
    }

    /// How far the columns of its block are apart.
    pub(super) fn stride(&self) -> usize {
        self.height() * SIDE
    }

    /// Number of rows before the square that it leaves to its parent, which begins with the first quad that has a
    /// row below.
    pub(super) fn skipped(&self) -> usize {
        self.columns / SIDE * SIDE
    }

    /// Number of rows and columns of that square.
    pub(super) fn side(&self) -> usize {
        self.stride() - self.skipped()
    }
}

impl FrontTree {
    /// The fronts of a pattern whose rows have these positions in the symbolic factorization, of which they keep what
    /// matters: which columns are eliminated before others that they are coupled to.
    ///
    /// In which order the columns of one front follow each other is free: where they have places, it is along
    /// a line, so that those that a child has are in few runs.
    pub(super) fn new(
        symbolic: &SymbolicSupernodalCholesky<usize>,
        pattern: &SymmetricPattern,
        before: &[usize],
    ) -> Self {
        let shapes = shapes(symbolic);
        let mut supernode = Vec::with_capacity(before.len());
        for (s, shape) in shapes.iter().enumerate() {
            supernode.resize(supernode.len() + shape.columns, s);
        }
        let ranges = symbolic.col_ptr_for_row_idx();
        let rows = |s: usize| ranges[s]..ranges[s + 1];
        let parents: Vec<usize> = (0..shapes.len())
            .map(|s| {
                symbolic.row_idx()[rows(s)]
                    .first()
                    .map_or(s, |&row| supernode[row])
            })
            .collect();
        let Amalgamation { front, last } = Amalgamation::new(shapes, &parents);
        let mut order: Vec<usize> = (0..before.len()).collect();
        order.sort_unstable_by_key(|&row| (front[supernode[before[row]]], before[row]));
        let owner: Vec<usize> = order
            .iter()
            .map(|&row| front[supernode[before[row]]])
            .collect();
        let places = pattern.places();
        let mut fronts = Vec::with_capacity(last.len());
        let (mut start, mut value) = (0, 0);
        for (columns, last) in zip(owner.chunk_by(usize::eq), last) {
            let mut front = Front {
                parent: front[parents[last]],
                columns: columns.len(),
                start,
                rows: rows(last),
                runs: 0..0,
                entries: 0..0,
                block: 0..0,
            };
            start += front.columns;
            front.block = value..value + front.stride() * front.columns;
            value = front.block.end;
            if let Some((places, dimension)) = &places {
                let columns = &mut order[front.start..start];
                columns.sort_unstable_by(along(columns, places, *dimension));
            }
            fronts.push(front);
        }
        let mut position = vec![0; before.len()];
        let mut moved = vec![0; before.len()];
        for (at, &row) in order.iter().enumerate() {
            position[row] = at;
            moved[before[row]] = at;
        }
        let mut rows: Vec<usize> = symbolic.row_idx().iter().map(|&row| moved[row]).collect();
        for front in &fronts {
            rows[front.rows.clone()].sort_unstable();
        }
        let mut made = Self {
            pattern: pattern.unanalysed(),
            position,
            fronts,
            rows,
            runs: Vec::new(),
            slots: vec![0; pattern.len()],
            entries: Vec::new(),
            spare: Mutex::default(),
        };
        let mut children = vec![Vec::new(); made.fronts.len()];
        for (s, front) in made.fronts.iter().enumerate() {
            if front.parent != s {
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
                let (i, j) = (self.position[row as usize], self.position[column]);
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
                let offset = (column - front.start) * front.stride();
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
        let short = |number| u32::try_from(number).expect("fewer than 2³² entries");
        let place = |front: &Front, entry: usize| self.slots[entry] - front.block.start;
        for front in &self.fronts {
            let entries = sorted[front.entries.clone()].iter();
            let entries = entries.map(|&entry| [entry, place(front, entry)].map(short));
            self.entries.extend(entries);
        }
    }

    /// Where the entry in row `i` and column `j` of the matrix, or its mirror image, is in the factor.
    ///
    /// # Panics
    ///
    /// If it is not in the pattern of the matrix.
    pub(super) fn slot(&self, i: usize, j: usize) -> usize {
        self.slots[self.pattern.slot(i, j)]
    }

    /// The entries of the matrix that a front has: the number of each, and where it is in its block.
    pub(super) fn entries(&self, front: &Front) -> &[[u32; 2]] {
        &self.entries[front.entries.clone()]
    }

    /// Position of each row of the matrix in the order of elimination.
    pub(super) fn position(&self) -> &[usize] {
        &self.position
    }

    /// The fronts, in postorder: those of a subtree follow each other, its root comes last.
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

/// Numbers of columns and rows below of supernodes.
pub(super) fn shapes(symbolic: &SymbolicSupernodalCholesky<usize>) -> Vec<Shape> {
    let rows = symbolic.col_ptr_for_row_idx();
    (0..symbolic.n_supernodes())
        .map(|s| Shape {
            columns: symbolic.supernode_end()[s] - symbolic.supernode_begin()[s],
            below: rows[s + 1] - rows[s],
        })
        .collect()
}

/// The order of some unknowns along the longer side of the box they are in.
fn along<'a>(
    unknowns: &[usize],
    places: &'a [f64],
    dimension: usize,
) -> impl Fn(&usize, &usize) -> Ordering + use<'a> {
    let side = |axis: usize| {
        let along = |&unknown: &usize| places[unknown * dimension + axis];
        let least = unknowns.iter().map(along).fold(f64::INFINITY, f64::min);
        let most = unknowns.iter().map(along).fold(f64::NEG_INFINITY, f64::max);
        most - least
    };
    let axis = (0..dimension)
        .max_by(|&a, &b| side(a).total_cmp(&side(b)).then(b.cmp(&a)))
        .unwrap_or(0);
    move |&a, &b| {
        (0..dimension)
            .map(|k| (axis + k) % dimension)
            .map(|k| places[a * dimension + k].total_cmp(&places[b * dimension + k]))
            .find(|order| order.is_ne())
            .unwrap_or(a.cmp(&b))
    }
}
