//! Small pieces of dense matrices, which stay in the processor's registers while they are worked on.

// What is not inlined is not compiled for the processor's widest instructions; rows and columns have numbers, in loops
// of fixed length, without which pieces would not stay in registers.
#![allow(clippy::inline_always, clippy::needless_range_loop)]

use std::iter::zip;
use std::ops::Range;

use pulp::Simd;

/// Number of values in a quad: a vector of most processors.
pub(super) const SIDE: usize = 4;

/// Rows of a column that follow each other.
pub(super) type Quad = [f64; SIDE];

/// Some quads of some columns.
pub(super) type Tile<const QUADS: usize> = [[Quad; QUADS]; SIDE];

/// Most quads of a tile: with the factors that it takes, it fills the sixteen registers of most processors.
pub(super) const QUADS: usize = 3;

/// A matrix by columns, of whose rows and columns a front has others before.
pub(super) struct Columns<'a> {
    quads: &'a mut [Quad],
    /// Number of quads of a column.
    height: usize,
    /// Number of columns.
    len: usize,
    /// Quad of the front that the first of them is; as many quads of columns are before.
    pub first: usize,
}

impl<'a> Columns<'a> {
    pub(super) fn new(values: &'a mut [f64], height: usize, first: usize) -> Self {
        let quads = values.as_chunks_mut().0;
        let len = quads.len() / height;
        Self {
            quads,
            height,
            len,
            first,
        }
    }

    /// Quad of the front after the last one.
    pub(super) fn end(&self) -> usize {
        self.first + self.height
    }

    /// Number of columns.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The values from a column on, told by its number in the front, and how far columns are apart.
    #[inline(always)]
    pub(super) fn column_on(&mut self, column: usize) -> (&mut [f64], usize) {
        let column = column - self.first * SIDE;
        let quads = &mut self.quads[column * self.height..];
        (quads.as_flattened_mut(), self.height * SIDE)
    }

    /// The part from a row on of four columns, or of those that are left, both told by their quads of the front.
    #[inline(always)]
    pub(super) fn load<const QUADS: usize>(&self, row: usize, columns: usize) -> Tile<QUADS> {
        let (begin, len) = self.columns(columns);
        let mut tile = [[[0.0; SIDE]; QUADS]; SIDE];
        for j in 0..SIDE {
            if j < len {
                let from = &self.quads[(begin + j) * self.height + row - self.first..];
                tile[j] = *from.first_chunk().expect("quads of a column");
            }
        }
        tile
    }

    /// Puts a tile where it was loaded from.
    #[inline(always)]
    pub(super) fn store<const QUADS: usize>(
        &mut self,
        row: usize,
        columns: usize,
        tile: &Tile<QUADS>,
    ) {
        let (begin, len) = self.columns(columns);
        for j in 0..SIDE {
            if j < len {
                let to = &mut self.quads[(begin + j) * self.height + row - self.first..];
                *to.first_chunk_mut().expect("quads of a column") = tile[j];
            }
        }
    }

    /// The first of four columns, and how many there are.
    #[inline(always)]
    fn columns(&self, quad: usize) -> (usize, usize) {
        let begin = (quad - self.first) * SIDE;
        (begin, SIDE.min(self.len - begin))
    }
}

/// The eliminated columns of a front by rows: those of the first quad of rows, then those of the next.
pub(super) struct Rows<'a> {
    quads: &'a mut [Quad],
    /// Number of columns.
    columns: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(values: &'a mut [f64], columns: usize) -> Self {
        Self {
            quads: values.as_chunks_mut().0,
            columns,
        }
    }

    /// Number of columns.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// Some columns of some quads.
    #[inline(always)]
    pub(super) fn get<const QUADS: usize>(
        &self,
        row: usize,
        columns: &Range<usize>,
    ) -> [&[Quad]; QUADS] {
        let mut quads: [&[Quad]; QUADS] = [&[]; QUADS];
        for m in 0..QUADS {
            quads[m] = &self.quads[(row + m) * self.columns..][columns.clone()];
        }
        quads
    }

    /// Puts so many of four quads of columns as there are columns for.
    #[inline(always)]
    pub(super) fn store(&mut self, row: usize, column: usize, quads: &[Quad; SIDE]) {
        let len = self.columns - column;
        let to = &mut self.quads[row * self.columns + column..];
        for j in 0..SIDE {
            if j < len {
                to[j] = quads[j];
            }
        }
    }
}

/// Subtracts the product of some quads of rows with another one, transposed.
#[inline(always)]
pub(super) fn subtract_product<S: Simd, const QUADS: usize>(
    simd: S,
    tile: &mut Tile<QUADS>,
    left: [&[Quad]; QUADS],
    right: &[Quad],
) {
    let left = left.map(|quads| &quads[..right.len()]);
    let mut sums = *tile;
    for k in 0..right.len() {
        for j in 0..SIDE {
            for m in 0..QUADS {
                sums[j][m] = less(simd, sums[j][m], left[m][k], right[k][j]);
            }
        }
    }
    *tile = sums;
}

/// `from − factor · quad`
#[inline(always)]
pub(super) fn less<S: Simd>(simd: S, mut from: Quad, quad: Quad, factor: f64) -> Quad {
    let factor = simd.splat_f64s(factor);
    let vectors = S::as_simd_f64s(&quad).0;
    for (from, vector) in zip(S::as_mut_simd_f64s(&mut from).0, vectors) {
        *from = simd.negate_mul_add_e_f64s(*vector, factor, *from);
    }
    from
}

/// `to + quad`
#[inline(always)]
pub(super) fn sum<S: Simd>(simd: S, mut to: Quad, quad: Quad) -> Quad {
    let vectors = S::as_simd_f64s(&quad).0;
    for (to, vector) in zip(S::as_mut_simd_f64s(&mut to).0, vectors) {
        *to = simd.add_f64s(*to, *vector);
    }
    to
}

/// `factor · quad`
#[inline(always)]
pub(super) fn scaled<S: Simd>(simd: S, mut quad: Quad, factor: f64) -> Quad {
    let factor = simd.splat_f64s(factor);
    for vector in S::as_mut_simd_f64s(&mut quad).0 {
        *vector = simd.mul_f64s(*vector, factor);
    }
    quad
}
