//! Tables in whitespace-separated text, such as `n x y t` files.
//!
//! Blank lines and comments (from `#` to the end of the line) are skipped. The first line is a
//! header if a field of it is not a number; `nan` and `inf` are numbers.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::chunks::{ChunkError, Chunks, MAX_LINE, count_lines};
use super::first_line::FirstLine;
use super::reading::{Block, Reading, Source, parse_blocks};
use super::regular_file::{self, read_error};
use super::rows::{Layout, parse_text};
use super::shown::cut;
use super::values::Values;
use crate::{Error, Result};

/// The byte order mark that some editors write.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A table as read: columns of equal length, at least one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The columns, in the order of the file.
    pub columns: Vec<Column>,
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// From the header, from the caller, or one of `n x y t`.
    pub name: String,
    /// One value per row.
    pub values: Values,
}

/// Reads a text file; `columns` names its columns, instead of its header if it has one.
///
/// Takes time proportional to the size of the file, and the memory of the table.
///
/// # Errors
///
/// [`Error::Read`] if the file cannot be read, [`Error::File`] if it is a folder, a pipe or a device;
/// otherwise as [`parse_table`].
pub fn read_table(path: &Path, columns: Option<&[String]>) -> Result<Table> {
    table(&mut TableReading::open(path, columns)?)
}

/// Parses the text of a table; `path` is for error messages.
///
/// # Errors
///
/// [`Error::Format`] with the line number, if there is no data, if a line is longer than 1 MiB or has
/// not as many fields as the first, if a field is not a number, or not a finite one in a column `n`,
/// `x`, `y`, `z` or `t`, or not an integer of at most 2⁵³ in `n`. [`Error::Value`] if `columns` names a column twice, or if threads
/// cannot be started.
///
/// # Examples
///
/// ```
/// # fn main() -> tramway::Result<()> {
/// use tramway::trajectories::{Values, parse_table};
///
/// let table = parse_table("1 0.5 0.25 0\n1 0.5 0.5 0.05\n".as_bytes(), "two.txt", None)?;
/// assert_eq!(table.columns[0].values, Values::Integers(vec![1, 1]));
/// assert_eq!(table.columns[2].values, Values::Floats(vec![0.25, 0.5]));
/// # Ok(())
/// # }
/// ```
pub fn parse_table(
    input: impl Read + Send,
    path: &str,
    columns: Option<&[String]>,
) -> Result<Table> {
    table(&mut Reading::new(TableText::new(
        input, None, path, columns,
    )))
}

/// A text file of a table in pieces, of which one is in memory at a time.
///
/// An iterator over tables of some rows each, in the order of the file; columns in which every field
/// is an integer may be [`Values::Integers`] in one piece and not in another.
#[derive(Debug)]
pub struct TablePieces {
    reading: TableReading,
}

/// A text file of a table, read into memory of the caller.
pub(crate) type TableReading = Reading<TableText<File>>;

impl TableReading {
    /// Opens a file; `columns` are as for [`read_table`].
    pub(crate) fn open(path: &Path, columns: Option<&[String]>) -> Result<Self> {
        let file = regular_file::open(path)?;
        let length = file.metadata().ok().map(|metadata| metadata.len());
        let path = path.display().to_string();
        Ok(Self::new(TableText::new(file, length, &path, columns)))
    }
}

impl<R: Read + Send> Reading<TableText<R>> {
    /// The names of the columns, once there are rows.
    pub(crate) fn names(&self) -> &[String] {
        self.source()
            .layout
            .as_ref()
            .map_or(&[], |layout| &layout.names)
    }

    fn named(&self, columns: Vec<Values>) -> Table {
        let columns = self.names().iter().zip(columns);
        Table {
            columns: columns
                .map(|(name, values)| Column {
                    name: name.clone(),
                    values,
                })
                .collect(),
        }
    }
}

fn table(reading: &mut Reading<TableText<impl Read + Send>>) -> Result<Table> {
    let columns = reading.whole()?;
    Ok(reading.named(columns))
}

impl TablePieces {
    /// Opens a file; `columns` are as for [`read_table`].
    ///
    /// # Errors
    ///
    /// As [`read_table`], of the file as such; what is wrong with a row is told when that is reached.
    pub fn open(path: &Path, columns: Option<&[String]>) -> Result<Self> {
        let reading = TableReading::open(path, columns)?;
        Ok(Self { reading })
    }
}

impl Iterator for TablePieces {
    type Item = Result<Table>;

    fn next(&mut self) -> Option<Self::Item> {
        let piece = self.reading.piece().transpose()?;
        Some(piece.map(|columns| self.reading.named(columns)))
    }
}

/// Parses a text, chunk by chunk.
#[derive(Debug)]
pub(crate) struct TableText<R> {
    chunks: Chunks<R>,
    path: String,
    columns: Option<Vec<String>>,
    /// What rows look like, once there is one, or a header.
    layout: Option<Layout>,
    /// Number of lines that were parsed.
    lines: u64,
}

impl<R: Read> TableText<R> {
    fn new(input: R, length: Option<u64>, path: &str, columns: Option<&[String]>) -> Self {
        Self {
            chunks: Chunks::new(input, length),
            path: path.to_owned(),
            columns: columns.map(<[String]>::to_vec),
            layout: None,
            lines: 0,
        }
    }
}

impl<R: Read + Send> Source for TableText<R> {
    fn parse_chunk(&mut self, blocks: &mut Vec<Block>) -> Result<bool> {
        let path = &self.path;
        let (mut text, ahead) = match self.chunks.next() {
            Ok(Some(next)) => next,
            Ok(None) => return Ok(false),
            Err(ChunkError::Read(reason)) => return Err(read_error(Path::new(path), &reason)),
            Err(ChunkError::LongLine(lines_between)) => {
                return Err(format_error(
                    path,
                    self.lines + lines_between + 1,
                    format!("a line of more than {MAX_LINE} bytes"),
                    "rows of numbers, one on a line",
                ));
            }
        };
        let layout = if let Some(layout) = &self.layout {
            layout
        } else {
            let Some(first) = FirstLine::find(text, path, self.lines) else {
                self.lines += count_lines(text);
                blocks.clear();
                return Ok(true);
            };
            text = first.rows;
            self.lines = first.number - 1;
            let names = first.column_names(self.columns.as_deref())?;
            let line = first.number;
            self.layout.insert(Layout { names, line })
        };
        parse_blocks(
            text,
            ahead,
            blocks,
            |text, block| parse_text(text, layout, block),
            |block, parsed| {
                parsed.map_err(|error| {
                    format_error(
                        path,
                        self.lines + error.lines + 1,
                        error.seen,
                        error.expected,
                    )
                })?;
                self.lines += block.lines;
                Ok(())
            },
        )?;
        Ok(true)
    }

    fn bytes(&self) -> (usize, Option<u64>) {
        self.chunks.bytes()
    }

    fn without_row(&self) -> Error {
        let (line, seen, expected) = match &self.layout {
            None => (1, "no data", "rows of numbers (n x y t)"),
            Some(layout) => (layout.line, "no data below the header", "rows of numbers"),
        };
        format_error(&self.path, line, seen, expected)
    }
}

/// An error whose text is readable whatever is in the file.
pub(super) fn format_error(
    path: &str,
    line: u64,
    seen: impl Into<String>,
    expected: impl Into<String>,
) -> Error {
    Error::Format {
        path: path.to_owned(),
        line,
        seen: cut(seen.into()),
        expected: cut(expected.into()),
    }
}
