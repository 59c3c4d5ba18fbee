//! The rows of a table in text, below its header, parsed in blocks by several threads.

use rayon::prelude::*;

use super::chunks::blocks;
use super::fields::{Field, Fields, MAX_EXACT_INTEGER, Number};
use super::shown::shown;
use super::values::Values;

/// The name of the column of track numbers, which are integers.
const TRACK_NAME: &str = "n";

/// Columns in which NaN and infinity have no meaning.
const FINITE_NAMES: [&str; 5] = ["n", "x", "y", "z", "t"];

/// What every row looks like, by the first line that is neither blank nor a comment.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) names: Vec<String>,
    /// Its line number.
    pub(super) line: u64,
}

/// The rows from that line on, and how many lines they were parsed from.
#[derive(Debug)]
pub(super) struct Rows {
    columns: Vec<Values>,
    lines: u64,
}

/// What is wrong with a row.
pub(super) struct RowError {
    /// Its line number.
    pub(super) line: u64,
    pub(super) seen: String,
    pub(super) expected: String,
}

impl Rows {
    pub(super) fn none(layout: &Layout) -> Self {
        Self {
            columns: no_rows(layout),
            lines: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.columns.iter().all(Values::is_empty)
    }

    /// Gives the columns away: what is parsed next is appended to none.
    pub(super) fn take(&mut self, layout: &Layout) -> Vec<Values> {
        std::mem::replace(&mut self.columns, no_rows(layout))
    }

    /// Number of the last line that was parsed.
    pub(super) fn last_line(&self, layout: &Layout) -> u64 {
        layout.line - 1 + self.lines
    }

    /// Appends rows parsed from whole lines; of several errors, the first is returned.
    pub(super) fn parse(&mut self, text: &[u8], layout: &Layout) -> Result<(), RowError> {
        let blocks: Vec<&[u8]> = blocks(text).collect();
        let parsed: Vec<_> = blocks
            .par_iter()
            .map(|block| parse_block(block, layout))
            .collect();
        let mut parts: Vec<Vec<Values>> = vec![Vec::new(); self.columns.len()];
        for block in parsed {
            let block = block.map_err(|error| RowError {
                line: error.line + self.lines,
                ..error
            })?;
            for (parts, part) in parts.iter_mut().zip(block.columns) {
                parts.push(part);
            }
            self.lines += block.lines;
        }
        let columns = self.columns.par_iter_mut().zip(parts);
        columns.for_each(|(column, parts)| parts.into_iter().for_each(|part| column.append(part)));
        Ok(())
    }
}

fn no_rows(layout: &Layout) -> Vec<Values> {
    vec![Values::Integers(Vec::new()); layout.names.len()]
}

/// The rows of a block; an error has the line number it had if the block were the first.
fn parse_block(text: &[u8], layout: &Layout) -> Result<Rows, RowError> {
    let names = &layout.names;
    // About as many rows as lines like the first: growing would cost as much as parsing.
    let line = memchr::memchr(b'\n', text).unwrap_or(text.len()) + 1;
    let rows = text.len() / line.max(2 * names.len()) + 1;
    let mut columns: Vec<ColumnBuilder> = names
        .iter()
        .map(|name| ColumnBuilder::new(name, rows))
        .collect();
    let mut fields = Fields::new(text);
    let mut lines = 0;
    loop {
        let (seen, expected) = match push_row(&mut columns, &mut fields) {
            Ok(count) if count == columns.len() || count == 0 => {
                if fields.next_line() {
                    lines += 1;
                    continue;
                }
                let columns = columns.into_iter().map(|column| column.values).collect();
                return Ok(Rows { columns, lines });
            }
            Ok(count) => (
                count_fields(count),
                format!(
                    "{} ({}), as in line {}",
                    names.len(),
                    names.join(" "),
                    layout.line
                ),
            ),
            Err(mistake) => mistake,
        };
        return Err(RowError {
            line: layout.line + lines,
            seen,
            expected,
        });
    }
}

/// What was seen, and what was expected.
type Mistake = (String, String);

/// Appends the fields of a line to the columns, as far as there are columns; number of fields.
#[inline]
fn push_row(columns: &mut [ColumnBuilder], fields: &mut Fields) -> Result<usize, Mistake> {
    for (count, column) in columns.iter_mut().enumerate() {
        let Some(field) = fields.next() else {
            return Ok(count);
        };
        column.push(field)?;
    }
    Ok(columns.len() + fields.by_ref().count())
}

struct ColumnBuilder<'a> {
    name: &'a str,
    values: Values,
}

impl<'a> ColumnBuilder<'a> {
    fn new(name: &'a str, rows: usize) -> Self {
        Self {
            name,
            values: Values::Integers(Vec::with_capacity(rows)),
        }
    }

    #[inline]
    fn push(&mut self, (text, number): Field) -> Result<(), Mistake> {
        match (&mut self.values, number) {
            (Values::Floats(values), Some(Number::Float(value))) if value.is_finite() => {
                values.push(value);
            }
            (Values::Integers(values), Some(Number::Integer(value))) => {
                values.push(value);
                if value.unsigned_abs() > MAX_EXACT_INTEGER && self.name == TRACK_NAME {
                    return Err(self.bad_track(text));
                }
            }
            (Values::Floats(values), Some(Number::Integer(value))) => values.push(value as f64),
            (_, Some(Number::Float(value))) => self.push_float(text, value)?,
            (_, None) => {
                let hint = if text.contains(&b',') {
                    ": a decimal point, not a comma"
                } else {
                    ""
                };
                return Err((
                    format!("{} is not a number", shown(text)),
                    format!("a number in column {}{hint}", self.name),
                ));
            }
        }
        Ok(())
    }

    /// Appends a number to a column of integers, or one that is not finite.
    fn push_float(&mut self, text: &[u8], value: f64) -> Result<(), Mistake> {
        if !value.is_finite() && FINITE_NAMES.contains(&self.name) {
            return Err((
                format!("{} is {value}", self.name),
                "a finite number: remove the row if the molecule was not seen".to_owned(),
            ));
        }
        let is_track = self.name == TRACK_NAME;
        if is_track && (value.fract() != 0.0 || value.abs() > MAX_EXACT_INTEGER as f64) {
            return Err(self.bad_track(text));
        }
        match &mut self.values {
            #[allow(clippy::cast_possible_truncation)] // exact, as just checked
            Values::Integers(values) if is_track => values.push(value as i64),
            values => values.push(Number::Float(value)),
        }
        Ok(())
    }

    #[cold]
    fn bad_track(&self, text: &[u8]) -> Mistake {
        (
            format!("track number {} is {}", self.name, shown(text)),
            format!("an integer between -{MAX_EXACT_INTEGER} and {MAX_EXACT_INTEGER}"),
        )
    }
}

pub(super) fn count_fields(count: usize) -> String {
    if count == 1 {
        "1 field".to_owned()
    } else {
        format!("{count} fields")
    }
}
