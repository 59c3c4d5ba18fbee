//! Some columns of a table in delimited text, such as programs of localization and tracking write.
//!
//! Unlike the tables of [`super::ascii`], whose every field is a number, these have columns of words,
//! quoted fields and fields that are empty. Only the columns that are wanted are read.

use std::fs::File;
use std::io::{Read, Take};
use std::path::Path;

use super::ascii::{BYTE_ORDER_MARK, format_error};
use super::chunks::{ChunkError, Chunks, LineEnds, MAX_LINE, count_lines};
use super::fields::Number;
use super::quoted_fields::{QuotedFields, ends_empty, is_blank, number_or_nan};
use super::reading::{Block, Reading, Source, parse_blocks};
use super::regular_file::{self, read_error};
use super::rows::count_fields;
use super::shown::shown;
use super::values::{Values, Words};
use crate::{Error, Result};

/// What a table looks like, and what of it is wanted.
#[derive(Debug, Clone)]
pub struct Delimited {
    /// Between fields; a blank stands for any number of blanks and tabs, with comments from `#` on.
    pub delimiter: u8,
    /// Before the decimals of numbers: a point or a comma.
    pub decimal: u8,
    /// At the end of lines: `\n`, also where `\r` is before it, or `\r` alone.
    pub line_end: u8,
    /// Number of lines before the first row.
    pub lines_before: u64,
    /// Number of fields of every row.
    pub width: usize,
    /// Number of bytes of the file that are the table; `u64::MAX` for all of them.
    pub length: u64,
    /// The columns that are wanted, in ascending order.
    pub columns: Vec<Wanted>,
}

/// A column that is wanted.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its rank, from 0.
    pub rank: usize,
    /// What messages call it.
    pub name: String,
    /// If it is a column of words: those to look for, in small letters.
    pub words: Option<Vec<String>>,
}

/// Reads columns of a file: numbers, NaN where there is none, or 1 for a word that is looked for and
/// 0 for any other. Lines that are blank, or nothing but delimiters, are no rows.
///
/// # Errors
///
/// [`Error::Read`] if the file cannot be read, [`Error::File`] if it is a folder, a pipe or a device;
/// [`Error::Format`] with the line number if there is no row, if a line is longer than 1 MiB or has
/// more or fewer fields than `width` (empty ones at its end may be too many), or if a field of a
/// column of numbers is none.
pub fn read_delimited(path: &Path, table: &Delimited) -> Result<Vec<Values>> {
    DelimitedReading::open(path, table.clone())?.whole()
}

/// Parses the text of a table; `path` is for error messages.
///
/// # Errors
///
/// As [`read_delimited`].
///
/// # Examples
///
/// ```
/// # fn main() -> tramway::Result<()> {
/// use tramway::trajectories::{Delimited, Values, Wanted, parse_delimited};
///
/// let table = Delimited {
///     delimiter: b';',
///     decimal: b',',
///     line_end: b'\n',
///     lines_before: 1,
///     width: 2,
///     length: u64::MAX,
///     columns: vec![Wanted { rank: 1, name: "x".to_owned(), words: None }],
/// };
/// let read = parse_delimited("label;x\na;0,5\n\"b\";1\n".as_bytes(), "two.csv", &table)?;
/// assert_eq!(read, [Values::Floats(vec![0.5, 1.0])]);
/// # Ok(())
/// # }
/// ```
pub fn parse_delimited(
    input: impl Read + Send,
    path: &str,
    table: &Delimited,
) -> Result<Vec<Values>> {
    Reading::new(DelimitedText::new(input, None, path, table.clone())).whole()
}

/// A file of which columns are read into memory of the caller.
pub(crate) type DelimitedReading = Reading<DelimitedText<File>>;

impl DelimitedReading {
    /// Opens a file.
    pub(crate) fn open(path: &Path, table: Delimited) -> Result<Self> {
        let file = regular_file::open(path)?;
        let length = file.metadata().ok().map(|metadata| metadata.len());
        let path = path.display().to_string();
        Ok(Self::new(DelimitedText::new(file, length, &path, table)))
    }
}

/// Columns of a file in pieces, of which one is in memory at a time.
///
/// An iterator over those of some rows each, in the order of the file; a column in which every field
/// is an integer may be [`Values::Integers`] in one piece and not in another.
#[derive(Debug)]
pub struct DelimitedPieces {
    reading: DelimitedReading,
}

impl DelimitedPieces {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// As [`read_delimited`], of the file as such; what is wrong with a row is told when that is
    /// reached.
    pub fn open(path: &Path, table: Delimited) -> Result<Self> {
        let reading = DelimitedReading::open(path, table)?;
        Ok(Self { reading })
    }
}

impl Iterator for DelimitedPieces {
    type Item = Result<Vec<Values>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.reading.piece().transpose()
    }
}

/// Parses a text, chunk by chunk.
#[derive(Debug)]
pub(crate) struct DelimitedText<R> {
    chunks: Chunks<LineEnds<Take<R>>>,
    path: String,
    table: Delimited,
    to_skip: u64,
    lines: u64,
}

impl<R: Read> DelimitedText<R> {
    fn new(input: R, length: Option<u64>, path: &str, table: Delimited) -> Self {
        let lines = LineEnds {
            input: input.take(table.length),
            end: table.line_end,
        };
        Self {
            chunks: Chunks::new(lines, length.map(|length| length.min(table.length))),
            path: path.to_owned(),
            to_skip: table.lines_before,
            lines: 0,
            table,
        }
    }
}

impl<R: Read + Send> Source for DelimitedText<R> {
    fn parse_chunk(&mut self, found: &mut Vec<Block>) -> Result<bool> {
        let (path, table) = (&self.path, &self.table);
        let (mut text, ahead) = match self.chunks.next() {
            Ok(Some(next)) => next,
            Ok(None) => return Ok(false),
            Err(ChunkError::Read(reason)) => return Err(read_error(Path::new(path), &reason)),
            Err(ChunkError::LongLine(lines_between)) => {
                return Err(format_error(
                    path,
                    self.lines + lines_between + 1,
                    format!("a line of more than {MAX_LINE} bytes"),
                    "a table of numbers, one row on a line",
                ));
            }
        };
        if self.lines == 0 {
            text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        }
        while self.to_skip > 0 && !text.is_empty() {
            text = &text[memchr::memchr(b'\n', text).map_or(text.len(), |end| end + 1)..];
            self.to_skip -= 1;
            self.lines += 1;
        }
        parse_blocks(
            text,
            ahead,
            found,
            |text, block| parse_block(text, table, block),
            |block, parsed| {
                parsed.map_err(|wrong| wrong.told(path, self.lines, table))?;
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
        format_error(
            &self.path,
            self.lines.max(1),
            "no row below it",
            "a table of numbers",
        )
    }
}

/// What is wrong with a row.
struct Wrong {
    /// Number of lines before it in its block.
    lines: u64,
    seen: Seen,
}

enum Seen {
    /// So many fields.
    Fields(usize),
    /// A byte of zero.
    Zero,
    /// This, in a column of numbers.
    Word { text: String, column: usize },
}

impl Wrong {
    fn told(self, path: &str, lines_before: u64, table: &Delimited) -> Error {
        let (seen, expected) = match self.seen {
            Seen::Fields(count) => (
                count_fields(count),
                format!(
                    "{} as in the other rows{}",
                    table.width,
                    if count < table.width {
                        ": the file may be cut short"
                    } else {
                        ""
                    }
                ),
            ),
            Seen::Zero => (
                "a byte of zero".to_owned(),
                "text, which has none".to_owned(),
            ),
            Seen::Word { text, column } => (
                format!("{} is {text}", table.columns[column].name),
                "a number".to_owned(),
            ),
        };
        format_error(path, lines_before + self.lines + 1, seen, expected)
    }
}

fn parse_block(
    text: &[u8],
    table: &Delimited,
    block: &mut Block,
) -> std::result::Result<(), Wrong> {
    block.clear(table.columns.len());
    if let Some(zero) = memchr::memchr(0, text) {
        return Err(Wrong {
            lines: count_lines(&text[..zero]),
            seen: Seen::Zero,
        });
    }
    let mut rest = text;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest);
        let line = &rest[..end.unwrap_or(rest.len())];
        rest = end.map_or(&[], |end| &rest[end + 1..]);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let lines = block.lines;
        push_row(&mut block.columns, line, table).map_err(|seen| Wrong { lines, seen })?;
        block.lines += 1;
    }
    Ok(())
}

/// Appends a row to the columns, unless the line is blank.
#[inline]
fn push_row(
    columns: &mut [Words],
    line: &[u8],
    table: &Delimited,
) -> std::result::Result<(), Seen> {
    let mut fields = QuotedFields::new(line, table.delimiter, table.decimal);
    for (column, (values, wanted)) in columns.iter_mut().zip(&table.columns).enumerate() {
        while fields.rank < wanted.rank && fields.skip() {}
        let Some(rest) = fields.rest else {
            return if column == 0 && is_blank(line, table.delimiter) {
                Ok(())
            } else {
                Err(Seen::Fields(fields.rank))
            };
        };
        if let Some(words) = &wanted.words {
            let text = fields.next_text(rest);
            let is_one = words
                .iter()
                .any(|word| word.as_bytes().eq_ignore_ascii_case(text));
            values.push(Number::Integer(i64::from(is_one)));
        } else if let Some(number) = fields.next_number(rest) {
            values.push(number);
        } else {
            let text = fields.next_text(rest);
            let Some(number) = number_or_nan(text, table.decimal) else {
                return Err(Seen::Word {
                    text: shown(text),
                    column,
                });
            };
            // A line of delimiters only is blank, too; no other row begins so.
            if column == 0 && is_blank(line, table.delimiter) {
                return Ok(());
            }
            values.push(number);
        }
    }
    let count = fields.rank + fields.count_rest();
    if count == table.width
        || (count > table.width && ends_empty(line, table.delimiter, count - table.width))
    {
        Ok(())
    } else {
        Err(Seen::Fields(count))
    }
}
