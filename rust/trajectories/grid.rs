//! Finding what is around a place: rows of a table, or boxes.

use std::ops::Range;

use super::region::Limits;

/// Numbers of rows, or of boxes, by the squares, or cubes, of a grid that they lie in.
#[derive(Debug)]
pub(super) struct Grid<const D: usize> {
    cells: Cells<D>,
    /// Where the numbers of each cell begin, and how many there are in all.
    starts: Vec<usize>,
    numbers: Vec<usize>,
}

/// Rows in a cell, on average.
const ROWS_PER_CELL: f64 = 16.0;

/// Cells for each box, and how many may have it in their list, on average.
const CELLS_PER_BOX: f64 = 4.0;
const MOST_LISTS: usize = 64;

impl<const D: usize> Grid<D> {
    /// Files rows by their places.
    pub(super) fn of_rows(coordinates: &[[f64; D]]) -> Self {
        let count = coordinates.len() as f64 / ROWS_PER_CELL;
        let cells = Cells::around(coordinates.iter().copied(), count);
        Self::filed(cells, |cells, file| {
            // To find the cell of a row twice takes less than to keep it.
            for (row, place) in coordinates.iter().enumerate().rev() {
                file(cells.number_of(place), row);
            }
        })
    }

    /// Files boxes under all cells that they touch: with fewer cells where each touches very many.
    pub(super) fn of_boxes(boxes: &[Limits<D>]) -> Self {
        let mut count = CELLS_PER_BOX * boxes.len() as f64;
        loop {
            let corners = boxes.iter().flat_map(|limits| [limits.lower, limits.upper]);
            let cells = Cells::around(corners, count);
            let touched = |limits| cells.touched(limits).map(|line| line.len()).sum::<usize>();
            count /= 4.0;
            if boxes.iter().map(touched).sum::<usize>() > MOST_LISTS * boxes.len() && count > 1.0 {
                continue;
            }
            return Self::filed(cells, |cells, file| {
                for (number, limits) in boxes.iter().enumerate().rev() {
                    cells
                        .touched(limits)
                        .flatten()
                        .for_each(|cell| file(cell, number));
                }
            });
        }
    }

    /// Files what `each` tells of: the cell, and a number, in descending order; it is asked twice.
    fn filed(cells: Cells<D>, each: impl Fn(&Cells<D>, &mut dyn FnMut(usize, usize))) -> Self {
        let mut starts = vec![0; cells.sides.iter().product::<usize>() + 1];
        each(&cells, &mut |cell, _| starts[cell] += 1);
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        let mut numbers = vec![0; end];
        // From the ends of the cells to where they begin.
        each(&cells, &mut |cell, number| {
            starts[cell] -= 1;
            numbers[starts[cell]] = number;
        });
        Self {
            cells,
            starts,
            numbers,
        }
    }

    /// What is filed under the cell of a place, ascending.
    pub(super) fn at(&self, place: &[f64; D]) -> &[usize] {
        let cell = self.cells.number_of(place);
        &self.numbers[self.starts[cell]..self.starts[cell + 1]]
    }

    /// What is filed under any cell that a box touches, in no order.
    pub(super) fn around(&self, limits: &Limits<D>) -> Vec<usize> {
        let mut found = Vec::new();
        for line in self.cells.touched(limits) {
            let filed = self.starts[line.start]..self.starts[line.end];
            found.extend_from_slice(&self.numbers[filed]);
        }
        found
    }
}

/// The cells of a grid, about as long as wide. What is beyond it is in those along its border.
#[derive(Debug)]
struct Cells<const D: usize> {
    lower: [f64; D],
    /// Cells along each axis, for each unit of length.
    density: [f64; D],
    /// Number of cells along each axis.
    sides: [usize; D],
}

impl<const D: usize> Cells<D> {
    /// About so many cells around places; these may be infinite.
    fn around(places: impl Iterator<Item = [f64; D]>, count: f64) -> Self {
        let (mut lower, mut upper) = ([f64::INFINITY; D], [f64::NEG_INFINITY; D]);
        for place in places {
            for d in (0..D).filter(|&d| place[d].is_finite()) {
                lower[d] = lower[d].min(place[d]);
                upper[d] = upper[d].max(place[d]);
            }
        }
        let extent = std::array::from_fn(|d| upper[d] - lower[d]);
        let sides = sides_of(extent, count);
        Self {
            lower,
            density: std::array::from_fn(|d| sides[d] as f64 / extent[d]),
            sides,
        }
    }

    /// Numbers of the cells that a box touches: along the last axis they follow each other.
    fn touched(&self, limits: &Limits<D>) -> impl Iterator<Item = Range<usize>> {
        let first: [usize; D] = std::array::from_fn(|d| self.number_along(d, limits.lower[d]));
        let last: [usize; D] = std::array::from_fn(|d| self.number_along(d, limits.upper[d]));
        let across: [usize; D] = std::array::from_fn(|d| last[d] - first[d] + 1);
        (0..across[..D - 1].iter().product::<usize>()).map(move |mut line| {
            let mut place = first;
            for d in (0..D - 1).rev() {
                place[d] += line % across[d];
                line /= across[d];
            }
            let begin = self.number(&place);
            begin..begin + across[D - 1]
        })
    }

    fn number_of(&self, place: &[f64; D]) -> usize {
        self.number(&std::array::from_fn(|d| self.number_along(d, place[d])))
    }

    fn number(&self, place: &[usize; D]) -> usize {
        (0..D).fold(0, |cell, d| cell * self.sides[d] + place[d])
    }

    /// Number of the cell that a coordinate lies in, which grows with it.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // what is outside is clamped
    fn number_along(&self, d: usize, coordinate: f64) -> usize {
        let cells = (coordinate - self.lower[d]) * self.density[d];
        (cells as usize).min(self.sides[d] - 1)
    }
}

/// Numbers of cells along each axis, about as long as wide, and so many in all.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not below 0
fn sides_of<const D: usize>(extent: [f64; D], mut count: f64) -> [usize; D] {
    let mut axes: [usize; D] = std::array::from_fn(|d| d);
    axes.sort_by(|&a, &b| extent[a].total_cmp(&extent[b]));
    let mut sides = [1; D];
    // Where it is as thin as one cell, the cells are left for the other axes.
    for (done, &axis) in axes.iter().enumerate() {
        let longest = axes[done..].iter().map(|&d| extent[d] / extent[axis]);
        let share = count / longest.product::<f64>();
        sides[axis] = (share.powf(1.0 / (D - done) as f64).ceil() as usize).max(1);
        count /= sides[axis] as f64;
    }
    sides
}
