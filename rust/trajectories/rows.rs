//! The rows of a table in text, below its header.

use super::alike::{Alike, pass_rows};
use super::fields::{Field, Fields, MAX_EXACT_INTEGER, Number};
use super::reading::Block;
use super::shown::shown;
use super::values::Words;

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

/// What is wrong with a row.
pub(super) struct RowError {
    /// How many lines of its block end before it.
    pub(super) lines: u64,
    pub(super) seen: String,
    pub(super) expected: String,
}

/// Parses the lines of several texts, in turn.
pub(super) fn parse_texts(
    texts: &[&[u8]],
    layout: &Layout,
    blocks: &mut [Block],
) -> Vec<Result<(), RowError>> {
    let pairs = texts.iter().zip(blocks);
    let mut lines: Vec<Lines> = pairs
        .map(|(text, block)| Lines::of(text, layout, block))
        .collect();
    while lines.iter().any(|lines| lines.alike.is_some()) {
        let alike = lines.iter_mut().filter_map(|lines| lines.alike.as_mut());
        let stopped = pass_rows(alike);
        let alike = lines.iter_mut().filter(|lines| lines.alike.is_some());
        for (rank, lines) in alike.enumerate() {
            lines.take(stopped == Some(rank), layout);
        }
    }
    lines.into_iter().map(|lines| lines.parsed).collect()
}

/// Rows that are parsed one by one before others are said to be like the last of them.
const FIRST_ROWS: usize = 32;

/// The lines of a text, some of them parsed.
struct Lines<'a> {
    block: &'a mut Block,
    /// Those that follow, if they may be alike.
    alike: Option<Alike<'a>>,
    parsed: Result<(), RowError>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a [u8], layout: &Layout, block: &'a mut Block) -> Self {
        block.clear(layout.names.len());
        let mut lines = Self {
            block,
            alike: None,
            parsed: Ok(()),
        };
        lines.parsed = lines.parse(text, layout);
        lines
    }

    /// Takes the rows that were passed, and parses some one by one if one was not alike.
    fn take(&mut self, is_stopped: bool, layout: &Layout) {
        let Some(alike) = &mut self.alike else { return };
        let taken = alike.take(&mut self.block.columns);
        self.block.lines += taken.unwrap_or(0) as u64;
        if is_stopped || taken.is_none() {
            let below = alike.below();
            self.parsed = self.parse(below, layout);
        }
    }

    /// Parses rows one by one, until others may be like the last of them, or to the end.
    fn parse(&mut self, text: &'a [u8], layout: &Layout) -> Result<(), RowError> {
        self.alike = None;
        let (names, block) = (&layout.names, &mut *self.block);
        let mut fields = Fields::new(text);
        for row in 1.. {
            let line = fields.rest();
            let (seen, expected) = match push_row(&mut block.columns, names, &mut fields) {
                Ok(count) if count == names.len() || count == 0 => {
                    if !fields.next_line() {
                        break;
                    }
                    block.lines += 1;
                    if row % FIRST_ROWS == 0 && count > 0 {
                        self.alike = Alike::to(line, &block.columns, fields.rest());
                        if self.alike.is_some() {
                            break;
                        }
                    }
                    continue;
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
                lines: block.lines,
                seen,
                expected,
            });
        }
        Ok(())
    }
}

/// What was seen, and what was expected.
type Mistake = (String, String);

/// Appends the fields of a line to the columns, as far as there are columns; number of fields.
#[inline]
fn push_row(
    columns: &mut [Words],
    names: &[String],
    fields: &mut Fields,
) -> Result<usize, Mistake> {
    for (count, (column, name)) in columns.iter_mut().zip(names).enumerate() {
        let Some((text, number)) = fields.next() else {
            return Ok(count);
        };
        match number {
            Some(Number::Float(value)) if value.is_finite() && name != TRACK_NAME => {
                column.push(Number::Float(value));
            }
            Some(Number::Integer(value)) if value.unsigned_abs() <= MAX_EXACT_INTEGER => {
                column.push(Number::Integer(value));
            }
            _ => column.push(other_number(name, (text, number))?),
        }
    }
    Ok(columns.len() + fields.by_ref().count())
}

/// The number that a field is in a column, where not every number may be, if it is one that may.
#[cold]
fn other_number(name: &str, (text, number): Field) -> Result<Number, Mistake> {
    let is_track = name == TRACK_NAME;
    match number {
        None => {
            let hint = if text.contains(&b',') {
                ": a decimal point, not a comma"
            } else {
                ""
            };
            Err((
                format!("{} is not a number", shown(text)),
                format!("a number in column {name}{hint}"),
            ))
        }
        Some(Number::Integer(value)) if is_track && value.unsigned_abs() > MAX_EXACT_INTEGER => {
            Err(bad_track(name, text))
        }
        Some(Number::Float(value)) if !value.is_finite() && FINITE_NAMES.contains(&name) => Err((
            format!("{name} is {value}"),
            "a finite number: remove the row if the molecule was not seen".to_owned(),
        )),
        Some(Number::Float(value)) if is_track => {
            if value.fract() != 0.0 || value.abs() > MAX_EXACT_INTEGER as f64 {
                return Err(bad_track(name, text));
            }
            #[allow(clippy::cast_possible_truncation)] // exact, as just checked
            Ok(Number::Integer(value as i64))
        }
        Some(number) => Ok(number),
    }
}

fn bad_track(name: &str, text: &[u8]) -> Mistake {
    (
        format!("track number {name} is {}", shown(text)),
        format!("an integer between -{MAX_EXACT_INTEGER} and {MAX_EXACT_INTEGER}"),
    )
}

pub(super) fn count_fields(count: usize) -> String {
    if count == 1 {
        "1 field".to_owned()
    } else {
        format!("{count} fields")
    }
}
