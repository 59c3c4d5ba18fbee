//! Which points are in a cell, where cells may share points.

use crate::{Error, Result};

/// More pairs of a point and a cell than this are a mistake: they would fill the memory.
const MAX_PAIRS: usize = 1_000_000_000;

/// The points of every cell, those of each in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    starts: Vec<usize>,
    points: Vec<usize>,
}

impl Members {
    /// Takes over lists of points: those of cell i are `points[starts[i]..starts[i + 1]]`.
    ///
    /// # Errors
    ///
    /// If `starts` does not begin at 0, end at the number of members and never decrease, or if the
    /// points of a cell are not below `point_count` and in ascending order.
    pub fn new(starts: Vec<usize>, points: Vec<usize>, point_count: usize) -> Result<Self> {
        if starts.first() != Some(&0)
            || starts.last() != Some(&points.len())
            || starts.windows(2).any(|pair| pair[0] > pair[1])
        {
            return Err(Error::Value {
                name: "starts of the members",
                seen: format!("a list of {}", starts.len()),
                expected: "offsets from 0 up to the number of members, never decreasing",
            });
        }
        let members = Self { starts, points };
        for cell in 0..members.cell_count() {
            let row = members.of(cell);
            if row.windows(2).any(|pair| pair[0] >= pair[1])
                || row.last().is_some_and(|&last| last >= point_count)
            {
                return Err(Error::Element {
                    name: "members",
                    index: cell,
                    seen: format!("{row:?}"),
                    expected: "numbers of points in ascending order",
                });
            }
        }
        Ok(members)
    }

    /// Joins the lists of points of each cell.
    pub(super) fn from_lists(lists: &[Vec<usize>]) -> Self {
        let mut starts = vec![0];
        starts.extend(lists.iter().scan(0, |end, list| {
            *end += list.len();
            Some(*end)
        }));
        Self {
            starts,
            points: lists.concat(),
        }
    }

    /// Number of cells.
    #[must_use]
    pub fn cell_count(&self) -> usize {
        self.starts.len() - 1
    }

    /// The points of a cell.
    #[must_use]
    pub fn of(&self, cell: usize) -> &[usize] {
        &self.points[self.starts[cell]..self.starts[cell + 1]]
    }

    /// Offsets of every cell's points, and all points.
    #[must_use]
    pub fn as_parts(&self) -> (&[usize], &[usize]) {
        (&self.starts, &self.points)
    }
}

/// Refuses what would file points under cells too many times.
pub(super) fn check_pairs(name: &'static str, seen: &str, pairs: usize) -> Result<()> {
    if pairs <= MAX_PAIRS {
        return Ok(());
    }
    Err(Error::Value {
        name,
        seen: format!("{seen}, for {pairs} pairs of a point and a cell"),
        expected: "at most a thousand million pairs",
    })
}
