//! Which cells are neighbours.

use crate::{Error, Result};

/// The neighbours of every cell, each cell's in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjacency {
    starts: Vec<usize>,
    neighbours: Vec<usize>,
}

impl Adjacency {
    /// Takes over lists of neighbours: those of cell i are `neighbours[starts[i]..starts[i + 1]]`.
    ///
    /// # Errors
    ///
    /// If `starts` does not begin at 0, end at the number of neighbours and never decrease, or if a
    /// neighbour is the cell itself, not below the number of cells, or out of ascending order.
    pub fn new(starts: Vec<usize>, neighbours: Vec<usize>) -> Result<Self> {
        if starts.first() != Some(&0)
            || starts.last() != Some(&neighbours.len())
            || starts.windows(2).any(|pair| pair[0] > pair[1])
        {
            return Err(Error::Value {
                name: "adjacency starts",
                seen: format!("a list of {}", starts.len()),
                expected: "offsets from 0 up to the number of neighbours, never decreasing",
            });
        }
        let adjacency = Self { starts, neighbours };
        for cell in 0..adjacency.cell_count() {
            let row = adjacency.neighbours(cell);
            let ascending = row.windows(2).all(|pair| pair[0] < pair[1]);
            if !ascending
                || row
                    .iter()
                    .any(|&j| j == cell || j >= adjacency.cell_count())
            {
                return Err(Error::Element {
                    name: "adjacency",
                    index: cell,
                    seen: format!("{row:?}"),
                    expected: "other cells' numbers in ascending order",
                });
            }
        }
        Ok(adjacency)
    }

    /// The neighbourhood that pairs of cells make up; each pair counts both ways, and once.
    ///
    /// # Errors
    ///
    /// If a pair is of a cell with itself, or a number is not below `cell_count`.
    pub fn from_pairs(
        cell_count: usize,
        pairs: impl IntoIterator<Item = (usize, usize)>,
    ) -> Result<Self> {
        let mut directed: Vec<(usize, usize)> = pairs
            .into_iter()
            .flat_map(|(i, j)| [(i, j), (j, i)])
            .collect();
        directed.sort_unstable();
        directed.dedup();
        let starts = (0..=cell_count).map(|cell| directed.partition_point(|&(i, _)| i < cell));
        let neighbours = directed.iter().map(|&(_, j)| j);
        Self::new(starts.collect(), neighbours.collect())
    }

    /// Number of cells.
    #[must_use]
    pub fn cell_count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Where in the lists of all cells, one after the other, a neighbour of a cell is; none if it is no
    /// neighbour.
    pub(crate) fn place(&self, cell: usize, neighbour: usize) -> Option<usize> {
        let place = self.neighbours(cell).binary_search(&neighbour);
        place.ok().map(|place| self.starts[cell] + place)
    }

    /// The neighbours of a cell.
    #[must_use]
    pub fn neighbours(&self, cell: usize) -> &[usize] {
        &self.neighbours[self.starts[cell]..self.starts[cell + 1]]
    }

    /// Offsets of every cell's neighbours, and all neighbours.
    #[must_use]
    pub fn as_parts(&self) -> (&[usize], &[usize]) {
        (&self.starts, &self.neighbours)
    }

    /// The neighbourhood among some cells only, given in ascending order and renumbered from 0.
    #[must_use]
    pub fn restricted(&self, cells: &[usize]) -> Self {
        let mut number = vec![None; self.cell_count()];
        for (new, &cell) in cells.iter().enumerate() {
            number[cell] = Some(new);
        }
        let mut starts = Vec::with_capacity(cells.len() + 1);
        starts.push(0);
        let of_cells = cells.iter().map(|&cell| self.neighbours(cell).len());
        let mut neighbours = Vec::with_capacity(of_cells.sum());
        for &cell in cells {
            neighbours.extend(self.neighbours(cell).iter().filter_map(|&j| number[j]));
            starts.push(neighbours.len());
        }
        Self { starts, neighbours }
    }

    /// Number of the connected component of each cell; components are numbered by their first cell.
    #[must_use]
    pub fn components(&self) -> Vec<usize> {
        let mut component = vec![usize::MAX; self.cell_count()];
        let mut count = 0;
        let mut pending = Vec::new();
        for cell in 0..self.cell_count() {
            if component[cell] != usize::MAX {
                continue;
            }
            component[cell] = count;
            pending.push(cell);
            while let Some(cell) = pending.pop() {
                for &neighbour in self.neighbours(cell) {
                    if component[neighbour] == usize::MAX {
                        component[neighbour] = count;
                        pending.push(neighbour);
                    }
                }
            }
            count += 1;
        }
        component
    }
}
