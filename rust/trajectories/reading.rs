//! Whole tables, and tables in pieces, from what parses a file chunk by chunk.

use std::io::Read;

use rayon::prelude::*;

use super::chunks::{self, ReadAhead};
use super::values::{Values, Words};
use crate::{Error, Result, threads};

/// The rows of some whole lines.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(super) columns: Vec<Words>,
    /// Number of lines that end in it.
    pub(super) lines: u64,
}

impl Block {
    /// Without rows, but with the memory of those it had.
    pub(super) fn clear(&mut self, columns: usize) {
        self.lines = 0;
        self.columns.resize_with(columns, Words::default);
        self.columns.iter_mut().for_each(Words::clear);
    }

    fn rows(&self) -> usize {
        self.columns.first().map_or(0, Words::len)
    }
}

/// Parses a text in blocks, some at once, while what follows is read; then each block, in order, is `taken`, until one is
/// refused.
pub(super) fn parse_blocks<T: Send>(
    text: &[u8],
    ahead: ReadAhead<'_, impl Read + Send>,
    blocks: &mut Vec<Block>,
    parse: impl Fn(&[u8], &mut Block) -> T + Sync,
    mut taken: impl FnMut(&Block, T) -> Result<()>,
) -> Result<()> {
    let texts: Vec<&[u8]> = chunks::blocks(text).collect();
    blocks.resize_with(texts.len(), Block::default);
    let pairs = texts.par_iter().zip(blocks.par_iter_mut());
    let pairs = pairs.map(|(text, block)| parse(text, block));
    let (parsed, ()) = rayon::join(|| pairs.collect::<Vec<T>>(), || ahead.read());
    let mut pairs = blocks.iter().zip(parsed);
    pairs.try_for_each(|(block, parsed)| taken(block, parsed))
}

/// Parses a file, chunk by chunk.
pub(crate) trait Source: Send {
    /// Replaces the blocks by those of the next chunk; false if there is none.
    fn parse_chunk(&mut self, blocks: &mut Vec<Block>) -> Result<bool>;

    /// Number of bytes of the last chunk, and of those that follow, if that is known.
    fn bytes(&self) -> (usize, Option<u64>);

    /// What is wrong with a file without rows.
    fn without_row(&self) -> Error;
}

/// A file that is read into memory of the caller, which has 64 bits for each row of a column.
#[derive(Debug)]
pub(crate) struct Reading<S> {
    source: S,
    /// What was parsed last, in the order of the file.
    blocks: Vec<Block>,
    /// How many rows of it were not given out yet.
    waiting: usize,
    /// How many were, since the last piece.
    rows: usize,
    /// Whether there is a row at all.
    has_row: bool,
    /// Which columns are floats.
    are_floats: Vec<bool>,
}

impl<S: Source> Reading<S> {
    pub(super) fn new(source: S) -> Self {
        Self {
            source,
            blocks: Vec::new(),
            waiting: 0,
            rows: 0,
            has_row: false,
            are_floats: Vec::new(),
        }
    }

    pub(super) fn source(&self) -> &S {
        &self.source
    }

    /// Whether each column is one of floats, so far.
    pub(crate) fn are_floats(&self) -> &[bool] {
        &self.are_floats
    }

    /// Number of rows that columns must have room for to go on, and that suffices for the rest by what is
    /// known; none at the end of the file.
    ///
    /// # Errors
    ///
    /// That of the next chunk, or that there is no row.
    pub(crate) fn expected_rows(&mut self) -> Result<Option<usize>> {
        if self.waiting == 0 && !threads::install(|| self.parse())?? {
            return Ok(None);
        }
        let known = self.rows + self.waiting;
        let rest = match self.source.bytes() {
            (bytes, Some(rest)) => {
                let rows = u128::from(rest) * self.waiting as u128 / bytes.max(1) as u128;
                // Where lines become shorter, two per cent more than if they do not.
                usize::try_from(rows + rows / 50).unwrap_or(0)
            }
            (_, None) => known,
        };
        // Where that was wrong before, it is not known: to double makes few copies.
        let least = if self.rows > 0 { known } else { 0 };
        Ok(Some(known + rest.max(least)))
    }

    /// Reads on until the end of the file, or of the columns; number of rows that they have then.
    ///
    /// A column's bits are those of integers or floats, as [`Self::are_floats`] tells.
    ///
    /// # Errors
    ///
    /// That of the next chunk.
    pub(crate) fn fill(&mut self, columns: &mut [&mut [u64]]) -> Result<usize> {
        let room = columns.first().map_or(0, |column| column.len());
        threads::install(|| {
            while (self.waiting > 0 || self.parse()?) && self.rows + self.waiting <= room {
                self.give(columns);
            }
            Ok(self.rows)
        })?
    }

    /// The rows of the next chunk that has any.
    pub(super) fn piece(&mut self) -> Result<Option<Vec<Values>>> {
        self.rows = 0;
        threads::install(|| {
            if !self.parse()? {
                return Ok(None);
            }
            self.are_floats.clear();
            let mut columns = zeros(self.width(), self.waiting);
            self.give(&mut slices(&mut columns));
            Ok(Some(self.values(columns)))
        })?
    }

    /// All rows.
    pub(super) fn whole(&mut self) -> Result<Vec<Values>> {
        let mut columns: Vec<Vec<u64>> = Vec::new();
        while let Some(rows) = self.expected_rows()? {
            if columns.is_empty() {
                columns = zeros(self.width(), rows);
            } else {
                for column in &mut columns {
                    column.resize(rows, 0);
                }
            }
            self.fill(&mut slices(&mut columns))?;
        }
        for column in &mut columns {
            column.truncate(self.rows);
            column.shrink_to_fit();
        }
        Ok(self.values(columns))
    }

    pub(crate) fn width(&self) -> usize {
        self.blocks.first().map_or(0, |block| block.columns.len())
    }

    /// Parses chunks up to one that has rows; false if none is left.
    fn parse(&mut self) -> Result<bool> {
        while self.source.parse_chunk(&mut self.blocks)? {
            self.waiting = self.blocks.iter().map(Block::rows).sum();
            if self.waiting > 0 {
                self.has_row = true;
                return Ok(true);
            }
        }
        if self.has_row {
            Ok(false)
        } else {
            self.has_row = true; // said once
            Err(self.source.without_row())
        }
    }

    /// Writes what was parsed below the rows that there are.
    fn give(&mut self, columns: &mut [&mut [u64]]) {
        self.are_floats.resize(columns.len(), false);
        let (blocks, rows) = (&self.blocks, self.rows);
        let write = |rank: usize, column: &mut [u64], is_float: &mut bool| {
            let mut row = rows;
            for block in blocks {
                block.columns[rank].write(column, row, is_float);
                row += block.rows();
            }
        };
        if self.waiting < threads::CHUNK {
            let columns = columns.iter_mut().zip(&mut self.are_floats);
            for (rank, (column, is_float)) in columns.enumerate() {
                write(rank, column, is_float);
            }
        } else {
            let columns = columns.par_iter_mut().zip(&mut self.are_floats);
            let columns = columns.enumerate();
            columns.for_each(|(rank, (column, is_float))| write(rank, column, is_float));
        }
        self.rows += self.waiting;
        self.waiting = 0;
    }

    fn values(&self, columns: Vec<Vec<u64>>) -> Vec<Values> {
        let columns = columns.into_iter().zip(self.are_floats());
        columns
            .map(|(bits, &is_float)| Values::from_bits(bits, is_float))
            .collect()
    }
}

/// Columns that have no memory until something is written to them: a clone of one would have.
fn zeros(width: usize, rows: usize) -> Vec<Vec<u64>> {
    (0..width).map(|_| vec![0; rows]).collect()
}

fn slices(columns: &mut [Vec<u64>]) -> Vec<&mut [u64]> {
    columns.iter_mut().map(Vec::as_mut_slice).collect()
}
