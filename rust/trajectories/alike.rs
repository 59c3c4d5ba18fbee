//! Rows that are written alike: the same fields with a decimal point, and the same separators.
//!
//! What is neither digit nor sign is marked, many bytes at a time. Where rows are alike, each has as many marks,
//! so that where a field begins and ends is looked up instead of searched for; then the fields of a column are
//! turned into numbers, some rows at a time, without branches.

// What is not inlined is not compiled for the processor's widest instructions.
#![allow(clippy::inline_always)]

use super::fields::{POWERS_OF_TEN, plain_decimal};
use super::lanes::{AtOnce, Field, LANES, Lanes, MOST_DIGITS, at_once};
use super::marks::{Marks, Window};
use super::values::Words;

/// Rows that are turned into numbers at once.
const ROWS: usize = 4 * LANES;

/// How the fields of a column are written.
struct Column {
    /// Marks of a row before those of this column.
    marks: usize,
    has_point: bool,
    /// The byte behind it.
    end: u8,
    /// Whether one was seen with a sign.
    has_signs: bool,
}

/// How rows are written.
pub(super) struct Alike {
    columns: Vec<Column>,
    /// Number of marks of a row.
    marks: usize,
    /// Whether `\r` is before `\n`.
    has_return: bool,
}

impl Alike {
    /// Like the row that `line` begins with, if others can be told by it: one that was appended to `words`.
    pub(super) fn to(line: &[u8], words: &[Words]) -> Option<Self> {
        let mut columns = Vec::with_capacity(words.len());
        let (mut rest, mut marks) = (line, 0);
        for (rank, words) in words.iter().enumerate() {
            rest.first()?;
            let (length, _) = plain_decimal(rest, b'.', |byte| byte.is_ascii_whitespace())?;
            let (field, behind) = rest.split_at(length);
            let end = *behind.first()?;
            let is_last = rank + 1 == columns.capacity();
            let ends: &[u8] = if is_last { b"\n\r" } else { b" \t" };
            let has_point = field.contains(&b'.');
            let has_signs = field[0] == b'-';
            let digits = length - usize::from(has_point) - usize::from(has_signs);
            // Numbers of tracks are integers, with decimals or without.
            if digits > MOST_DIGITS || !ends.contains(&end) || has_point && !words.is_float() {
                return None;
            }
            columns.push(Column {
                marks,
                has_point,
                end,
                has_signs,
            });
            marks += 1 + usize::from(has_point);
            rest = &behind[1..];
        }
        let has_return = columns.last()?.end == b'\r';
        marks += usize::from(has_return);
        (!has_return || rest.first() == Some(&b'\n')).then_some(Self {
            columns,
            marks,
            has_return,
        })
    }

    /// Appends the rows of a text from `begin` on, where a line begins, as long as they are alike; their number, and where
    /// the text goes on below them.
    pub(super) fn append(
        &mut self,
        text: &[u8],
        begin: usize,
        words: &mut [Words],
    ) -> (usize, usize) {
        at_once(Append {
            alike: self,
            text,
            begin,
            words,
        })
    }

    /// Number of rows in which there is a line's end behind `\r`.
    #[inline(always)]
    fn returns(&self, window: &Window, marks: &Marks, rows: usize) -> usize {
        let mut right = 0;
        while right < rows {
            let [before, place] = marks.from((right + 1) * self.marks - 1);
            if place.wrapping_sub(before) != 1 || window.byte(place) != b'\n' {
                break;
            }
            right += 1;
        }
        right / ROWS * ROWS
    }
}

struct Append<'a> {
    alike: &'a mut Alike,
    text: &'a [u8],
    begin: usize,
    words: &'a mut [Words],
}

impl AtOnce for Append<'_> {
    type Output = (usize, usize);

    #[inline(always)]
    fn run(self, lanes: impl Lanes) -> (usize, usize) {
        let alike = self.alike;
        let (mut rows, mut begin) = (0, self.begin);
        let mut marks = Marks::new();
        let mut window = Window::new();
        while let Some(length) = window.show(self.text, begin) {
            marks.mark(&window, length, lanes);
            let expected = marks.count() / alike.marks / ROWS * ROWS;
            let before = self.words.first().map_or(0, Words::len);
            let mut right = if alike.has_return {
                alike.returns(&window, &marks, expected)
            } else {
                expected
            };
            for (column, words) in alike.columns.iter_mut().zip(self.words.iter_mut()) {
                right = column.append(lanes, &window, &marks, alike.marks, right, words);
            }
            for words in self.words.iter_mut() {
                words.truncate(before + right);
            }
            rows += right;
            begin += marks.end(right * alike.marks);
            if right < expected || right == 0 {
                break;
            }
        }
        (rows, begin)
    }
}

impl Column {
    /// Appends some rows, which have so many marks each; the number of those at the beginning that are as expected.
    #[inline(always)]
    fn append(
        &mut self,
        lanes: impl Lanes,
        window: &Window,
        marks: &Marks,
        stride: usize,
        rows: usize,
        words: &mut Words,
    ) -> usize {
        let mut first = 0;
        while first < rows {
            let mark = first * stride + self.marks;
            let bits = if self.has_signs {
                self.bits::<true>(lanes, window, marks, mark, stride)
            } else {
                self.bits::<false>(lanes, window, marks, mark, stride)
            };
            match bits {
                Some(bits) if self.has_point => words.append_floats(&bits),
                Some(bits) => words.append_integers(&bits),
                None if self.has_signs => break,
                None => {
                    self.has_signs = true;
                    continue;
                }
            }
            first += ROWS;
        }
        first
    }

    /// The bits of the numbers of some rows, if they are as expected.
    #[inline(always)]
    fn bits<const SIGNS: bool>(
        &self,
        lanes: impl Lanes,
        window: &Window,
        marks: &Marks,
        first: usize,
        stride: usize,
    ) -> Option<[u64; ROWS]> {
        let mut values = [0; ROWS];
        let mut signs = [0; ROWS];
        let mut powers = [1.0; ROWS];
        let mut most = 0;
        let mut is_right = true;
        let points = u16::from(self.has_point);
        for (group, values) in values.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            let mut fields = [Field::default(); LANES];
            for (lane, field) in fields.iter_mut().enumerate() {
                let row = group * LANES + lane;
                let [before, point, behind] = marks.from(first + row * stride);
                let end = if self.has_point { behind } else { point };
                let mut length = end.wrapping_sub(before).wrapping_sub(1);
                if SIGNS {
                    let is_negative = window.byte(before.wrapping_add(1)) == b'-';
                    length = length.wrapping_sub(u16::from(is_negative));
                    signs[row] = u64::from(is_negative);
                }
                // Beyond all for a field without a digit.
                most = most.max(length.wrapping_sub(1 + points));
                *field = Field {
                    bytes: *window.last_bytes(end),
                    length,
                    point: end.wrapping_sub(point),
                };
                if self.has_point {
                    powers[row] = POWERS_OF_TEN[usize::from(field.point.wrapping_sub(1) % 16)];
                }
            }
            let are_right;
            (*values, are_right) = lanes.numbers(&fields, self.has_point, self.end);
            is_right &= are_right;
        }
        if !is_right || usize::from(most) >= MOST_DIGITS {
            return None;
        }
        for ((value, sign), power) in values.iter_mut().zip(signs).zip(powers) {
            *value = if self.has_point {
                (exact(*value) / power).to_bits() | sign << 63
            } else {
                (*value ^ sign.wrapping_neg()).wrapping_add(sign)
            };
        }
        Some(values)
    }
}

/// A number below 2⁵² as a float.
#[inline(always)]
fn exact(number: u64) -> f64 {
    const TWO_TO_52: f64 = 4_503_599_627_370_496.0;
    f64::from_bits(number | TWO_TO_52.to_bits()) - TWO_TO_52
}
