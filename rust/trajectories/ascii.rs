//! Tables in whitespace-separated text, such as `n x y t` files.
//!
//! Blank lines and comments (from `#` to the end of the line) are skipped. The first line is a
//! header if a field of it is not a number; `nan` and `inf` are numbers.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::fields::{Field, Fields, MAX_EXACT_INTEGER, Number};
use crate::{Error, Result};

/// Columns of a table of tracks without header and names.
const DEFAULT_NAMES: [&str; 4] = ["n", "x", "y", "t"];

/// The name of the column of track numbers, which are integers.
const TRACK_NAME: &str = "n";

/// Columns in which NaN and infinity have no meaning.
const FINITE_NAMES: [&str; 5] = ["n", "x", "y", "z", "t"];

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

/// The values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Every field of the column is an integer.
    Integers(Vec<i64>),
    /// Some field is not.
    Floats(Vec<f64>),
}

/// Reads a text file; `columns` names its columns, instead of its header if it has one.
///
/// Takes time proportional to the size of the file, and the memory of the table only.
///
/// # Errors
///
/// [`Error::Read`] if the file cannot be read; otherwise as [`parse_table`].
pub fn read_table(path: &Path, columns: Option<&[String]>) -> Result<Table> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|reason| read_error(&name, &reason))?;
    parse_table(BufReader::with_capacity(1 << 18, file), &name, columns)
}

/// Parses the text of a table; `path` is for error messages.
///
/// # Errors
///
/// [`Error::Format`] with the line number, if there is no data, if a line has not as many fields as
/// the first, if a field is not a number, or not a finite one in a column `n`, `x`, `y`, `z` or `t`,
/// or not an integer in `n`. [`Error::Value`] if `columns` names a column twice.
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
pub fn parse_table(input: impl BufRead, path: &str, columns: Option<&[String]>) -> Result<Table> {
    let mut lines = Lines {
        input,
        path,
        line: Vec::new(),
        number: 0,
    };
    if !lines.advance()? {
        return Err(lines.error("no data", "rows of numbers (n x y t)"));
    }
    let first = split_quoted(&lines.line);
    let has_header = Fields::new(&lines.line).any(|(_, number)| number.is_none());
    let names = column_names(&lines, &first, has_header, columns)?;
    let named_by = if has_header || columns.is_none() {
        format!("line {}", lines.number)
    } else {
        "`columns`".to_owned()
    };
    let mut builders: Vec<ColumnBuilder> = names.into_iter().map(ColumnBuilder::new).collect();
    if has_header && !lines.advance()? {
        return Err(lines.error("no data below the header", "rows of numbers"));
    }
    loop {
        push_row(&mut builders, &lines, &named_by)?;
        if !lines.advance()? {
            break;
        }
    }
    Ok(Table {
        columns: builders.into_iter().map(ColumnBuilder::finish).collect(),
    })
}

/// The lines that hold something, one at a time, and where they are.
struct Lines<'a, R> {
    input: R,
    path: &'a str,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Lines<'_, R> {
    /// Moves to the next line that is neither blank nor a comment; false at the end.
    fn advance(&mut self) -> Result<bool> {
        loop {
            self.line.clear();
            let length = self
                .input
                .read_until(b'\n', &mut self.line)
                .map_err(|reason| read_error(self.path, &reason))?;
            if length == 0 {
                return Ok(false);
            }
            self.number += 1;
            if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
                self.line.drain(..3); // the byte order mark that some editors write
            }
            if !is_blank(&self.line) {
                return Ok(true);
            }
        }
    }

    fn error(&self, seen: impl Into<String>, expected: impl Into<String>) -> Error {
        Error::Format {
            path: self.path.to_owned(),
            line: self.number.max(1),
            seen: seen.into(),
            expected: expected.into(),
        }
    }
}

fn is_blank(line: &[u8]) -> bool {
    line.iter()
        .find(|byte| !byte.is_ascii_whitespace())
        .is_none_or(|&first| first == b'#')
}

fn read_error(path: &str, reason: &std::io::Error) -> Error {
    Error::Read {
        path: path.to_owned(),
        reason: reason.to_string(),
        kind: reason.kind(),
    }
}

/// The fields of a line that may be a header, whose names may be quoted.
fn split_quoted(line: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(line);
    let mut names = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() && !rest.starts_with('#') {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (name, tail) = match quote {
            Some(quote) => rest[1..].split_once(quote).unwrap_or((&rest[1..], "")),
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        names.push(name.to_owned());
        rest = tail.trim_start();
    }
    names
}

/// Names of the columns, from the first line that holds something.
fn column_names<R: BufRead>(
    lines: &Lines<'_, R>,
    first: &[String],
    has_header: bool,
    columns: Option<&[String]>,
) -> Result<Vec<String>> {
    if has_header {
        check_header(lines, first)?;
    }
    if let Some(columns) = columns {
        if columns.len() != first.len() {
            return Err(lines.error(
                count_fields(first.len()),
                format!(
                    "{} ({}), as named by `columns`",
                    columns.len(),
                    columns.join(" ")
                ),
            ));
        }
        if let Some(name) = first_duplicate(columns) {
            return Err(Error::Value {
                name: "columns",
                seen: format!("[{}], with {name} twice", columns.join(", ")),
                expected: "different names",
            });
        }
        return Ok(columns.to_vec());
    }
    if has_header {
        return match first_duplicate(first) {
            None => Ok(first.to_vec()),
            Some(name) => Err(lines.error(
                format!("the header names two columns {name}"),
                "different names; pass `columns` to rename them",
            )),
        };
    }
    match first.len() {
        4 => Ok(DEFAULT_NAMES.map(str::to_owned).to_vec()),
        3 => Err(lines.error(
            "3 fields and no header",
            "4 (n x y t): without track numbers the molecules are not tracked; if these are other \
             columns, name them with `columns`",
        )),
        count => Err(lines.error(
            format!("{} and no header", count_fields(count)),
            "4 (n x y t), or a header line with names, or names passed as `columns`",
        )),
    }
}

/// Refuses a first line that was taken for a header because one of its numbers is malformed.
fn check_header<R: BufRead>(lines: &Lines<'_, R>, first: &[String]) -> Result<()> {
    if let Some(name) = first.iter().find(|name| name.contains(',')) {
        return Err(lines.error(
            format!("{} contains a comma", shown(name.as_bytes())),
            "fields separated by blanks or tabs, and a decimal point, not a decimal comma",
        ));
    }
    if let Some(name) = first
        .iter()
        .find(|name| name.contains(char::REPLACEMENT_CHARACTER))
    {
        return Err(lines.error(
            format!("{} is not text in UTF-8", shown(name.as_bytes())),
            "a text file of numbers, not compressed",
        ));
    }
    let (numbers, words): (Vec<Field>, Vec<Field>) =
        Fields::new(&lines.line).partition(|(_, number)| number.is_some());
    match words.first() {
        Some((word, _)) if !numbers.is_empty() => Err(lines.error(
            format!("{} is not a number", shown(word)),
            "either numbers only, or a header with names only",
        )),
        _ => Ok(()),
    }
}

fn first_duplicate(names: &[String]) -> Option<&String> {
    names
        .iter()
        .enumerate()
        .find(|&(i, name)| names[..i].contains(name))
        .map(|(_, name)| name)
}

fn count_fields(count: usize) -> String {
    if count == 1 {
        "1 field".to_owned()
    } else {
        format!("{count} fields")
    }
}

fn push_row<R: BufRead>(
    columns: &mut [ColumnBuilder],
    lines: &Lines<'_, R>,
    named_by: &str,
) -> Result<()> {
    let mut fields = Fields::new(&lines.line);
    let mut count = 0;
    for column in columns.iter_mut() {
        let Some(field) = fields.next() else { break };
        column
            .push(field)
            .map_err(|(seen, expected)| lines.error(seen, expected))?;
        count += 1;
    }
    count += fields.count();
    if count == columns.len() {
        return Ok(());
    }
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    Err(lines.error(
        count_fields(count),
        format!("{} ({}), as in {named_by}", names.len(), names.join(" ")),
    ))
}

struct ColumnBuilder {
    name: String,
    must_be_finite: bool,
    must_be_integer: bool,
    values: Values,
}

impl ColumnBuilder {
    fn new(name: String) -> Self {
        Self {
            must_be_finite: FINITE_NAMES.contains(&name.as_str()),
            must_be_integer: name == TRACK_NAME,
            values: Values::Integers(Vec::new()),
            name,
        }
    }

    /// Appends a field; what was seen and expected if the column cannot hold it.
    #[inline]
    fn push(&mut self, (text, number): Field) -> std::result::Result<(), (String, String)> {
        match (&mut self.values, number) {
            (Values::Floats(values), Some(Number::Float(value))) if value.is_finite() => {
                values.push(value);
            }
            (Values::Integers(values), Some(Number::Integer(value))) => values.push(value),
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
    fn push_float(&mut self, text: &[u8], value: f64) -> std::result::Result<(), (String, String)> {
        if self.must_be_finite && !value.is_finite() {
            return Err((
                format!("{} is {value}", self.name),
                "a finite number: remove the row if the molecule was not seen".to_owned(),
            ));
        }
        if self.must_be_integer && (value.fract() != 0.0 || value.abs() > MAX_EXACT_INTEGER as f64)
        {
            return Err((
                format!("track number {} is {}", self.name, shown(text)),
                "an integer".to_owned(),
            ));
        }
        match &mut self.values {
            #[allow(clippy::cast_possible_truncation)] // exact, as just checked
            Values::Integers(values) if self.must_be_integer => values.push(value as i64),
            Values::Integers(values) => {
                let mut floats: Vec<f64> = values.iter().map(|&integer| integer as f64).collect();
                floats.push(value);
                self.values = Values::Floats(floats);
            }
            Values::Floats(values) => values.push(value),
        }
        Ok(())
    }

    fn finish(self) -> Column {
        Column {
            name: self.name,
            values: self.values,
        }
    }
}

/// A field as an error message shows it.
fn shown(field: &[u8]) -> String {
    const LONGEST: usize = 40;
    let text = String::from_utf8_lossy(field);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}
