//! Rows that are written alike: programs write as many decimals in every row, with one separator.
//!
//! Where a row is like one before it, there is nothing to search for but the decimal point of each
//! field. What is before and behind it is kept, and turned into numbers many rows at a time, without
//! branches: compilers look at several at once. Rows of several texts are passed in turn, for a
//! processor begins with one while it waits for where a field of another ends.

use super::fields::{POWERS_OF_TEN, plain_decimal};
use super::values::Words;

/// Rows that are turned into numbers at once.
const ROWS: usize = 32;

/// Most characters of an integer, or of what is before a decimal point, and most decimals.
const MOST: [usize; 2] = [7, 8];

/// Eight zeros, as text.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The highest bit of each of eight bytes.
const HIGHEST: u64 = 0x8080_8080_8080_8080;

/// A bit that `-` has, and no digit, once [`ZEROS`] is taken away.
const SIGNS: u64 = 0x1010_1010_1010_1010;

/// How a field is written, and those of some rows.
struct Column {
    /// Number of decimals; none for an integer, without point.
    decimals: usize,
    /// The byte behind it.
    end: u8,
    /// Of each row, what is before the point, and the eight bytes behind it.
    whole: [u64; ROWS],
    part: [u64; ROWS],
}

impl Column {
    /// As the field that `text` begins with, if other fields can be told by it; its length.
    fn like(text: &[u8], is_last: bool) -> Option<(Self, usize)> {
        text.first()?;
        let (length, _) = plain_decimal(text, b'.', |byte| byte.is_ascii_whitespace())?;
        let end = *text.get(length)?;
        let is_separator = matches!(end, b' ' | b'\t');
        let is_line_end = matches!(end, b'\n' | b'\r');
        let point = memchr::memchr(b'.', &text[..length]);
        let decimals = point.map_or(0, |point| length - point - 1);
        let fits = (1..=MOST[0]).contains(&point.unwrap_or(length)) && decimals <= MOST[1];
        let is_like = fits && if is_last { is_line_end } else { is_separator };
        // A point without decimals is no integer.
        (is_like && (decimals > 0 || point.is_none())).then_some((
            Self {
                decimals,
                end,
                whole: [0; ROWS],
                part: [0; ROWS],
            },
            length,
        ))
    }

    /// Keeps the field that `text` begins with, if it may be alike; its length, with its end.
    #[inline]
    fn pass(&mut self, text: &[u8], row: usize) -> Option<usize> {
        let window: &[u8; 32] = text.first_chunk()?;
        let values = eight(window, 0) ^ ZEROS;
        // The first byte is a digit or a sign: that is looked at later.
        let others = others(values) & (HIGHEST << 8);
        if others == 0 {
            return None;
        }
        let place = others.trailing_zeros();
        let mut end = (place / 8 % 8) as usize;
        // The last digit is in the last byte: what is before the first is zero.
        self.whole[row] = values << (7_u32.wrapping_sub(place) % 64);
        if self.decimals > 0 {
            if window[end] != b'.' {
                return None;
            }
            self.part[row] = eight(window, end + 1);
            end += 1 + self.decimals % 16;
        }
        (window[end] == self.end).then_some(end + 1)
    }

    /// Appends the fields of the first rows to a column; false if one is not what was expected.
    fn append_to(&mut self, column: &mut Words, rows: usize) -> bool {
        let (signs, is_right) = self.take_signs(rows);
        let whole = self.whole[..rows].iter().map(|&digits| value(digits));
        let signed = whole.zip(&signs);
        let mut bits = [0; ROWS];
        if self.decimals == 0 {
            for (bits, (value, sign)) in bits.iter_mut().zip(signed) {
                let is_negative = sign >> 63;
                *bits = (value ^ is_negative.wrapping_neg()).wrapping_add(is_negative);
            }
            column.append_integers(&bits[..rows]);
            return is_right;
        }
        let shift = 64 - 8 * self.decimals;
        let power = POWERS_OF_TEN[self.decimals];
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most 10⁸
        let factor = u64::from(power as u32);
        let mut wrong = 0;
        for ((bits, (value, sign)), part) in bits.iter_mut().zip(signed).zip(&self.part) {
            let digits = (part ^ ZEROS) << shift;
            wrong |= others(digits);
            let all = (value & 0xffff_ffff) * factor + self::value(digits);
            *bits = (exact(all) / power).to_bits() | sign;
        }
        column.append_floats(&bits[..rows]);
        is_right && wrong == 0
    }

    /// Takes signs out of what is before points, as the highest bits; whether digits are all that is left.
    fn take_signs(&mut self, rows: usize) -> ([u64; ROWS], bool) {
        let whole = &mut self.whole[..rows];
        let mut signs = [0; ROWS];
        let mut wrong = 0;
        if whole.iter().fold(0, |all, digits| all | digits) & SIGNS != 0 {
            for (digits, sign) in whole.iter_mut().zip(&mut signs) {
                let bit = *digits & SIGNS;
                // All bits of `-`; another byte leaves some of the lower ones.
                *digits ^= bit | bit >> 1 | bit >> 2 | bit >> 4;
                wrong |= *digits & bit.wrapping_sub(bit >> 4);
                *sign = bit.wrapping_neg() & (1 << 63);
            }
        }
        wrong |= whole.iter().fold(0, |all, &digits| all | others(digits));
        (signs, wrong == 0)
    }
}

/// A text whose rows are passed, as far as they are alike.
pub(super) struct Alike<'a> {
    columns: Vec<Column>,
    /// Whether `\r` is before `\n`.
    has_return: bool,
    /// Below the rows that were taken.
    below: &'a [u8],
    /// Below those that were passed.
    rest: &'a [u8],
    rows: usize,
}

impl<'a> Alike<'a> {
    /// Rows in `below` like the one that `line` begins with, if others can be told by it: one that was
    /// appended to `words`.
    pub(super) fn to(line: &[u8], words: &[Words], below: &'a [u8]) -> Option<Self> {
        let width = words.len();
        let mut columns = Vec::with_capacity(width);
        let mut rest = line;
        for rank in 1..=width {
            let (column, length) = Column::like(rest, rank == width)?;
            // Numbers of tracks are integers, with decimals or without.
            if column.decimals > 0 && !words[rank - 1].is_float() {
                return None;
            }
            rest = &rest[length + 1..];
            columns.push(column);
        }
        let has_return = columns.last()?.end == b'\r';
        (!has_return || rest.first() == Some(&b'\n')).then_some(Self {
            columns,
            has_return,
            below,
            rest: below,
            rows: 0,
        })
    }

    /// Passes the next row if it may be alike.
    #[inline]
    fn pass(&mut self) -> bool {
        let mut rest = self.rest;
        for column in &mut self.columns {
            let Some(length) = column.pass(rest, self.rows % ROWS) else {
                return false;
            };
            rest = &rest[length..];
        }
        if self.has_return {
            let Some(below) = rest.strip_prefix(b"\n") else {
                return false;
            };
            rest = below;
        }
        self.rest = rest;
        self.rows += 1;
        true
    }

    /// Appends the rows that were passed, and counts them; none if one is not alike after all.
    pub(super) fn take(&mut self, columns: &mut [Words]) -> Option<usize> {
        let rows = std::mem::take(&mut self.rows);
        let before = columns.first().map_or(0, Words::len);
        let pairs = self.columns.iter_mut().zip(columns.iter_mut());
        if pairs.fold(true, |is_right, (column, words)| {
            column.append_to(words, rows) && is_right
        }) {
            self.below = self.rest;
            return Some(rows);
        }
        for words in columns {
            words.truncate(before);
        }
        None
    }

    /// The text below the rows that were taken.
    pub(super) fn below(&self) -> &'a [u8] {
        self.below
    }
}

/// Passes rows of several texts in turn, until one has a row that is not alike, which is told by its rank.
pub(super) fn pass_rows<'a, 'b: 'a>(
    texts: impl Iterator<Item = &'a mut Alike<'b>>,
) -> Option<usize> {
    let mut texts: Vec<_> = texts.collect();
    for _ in 0..ROWS {
        if let Some(rank) = texts.iter_mut().position(|text| !text.pass()) {
            return Some(rank);
        }
    }
    None
}

#[inline]
fn eight(window: &[u8; 32], at: usize) -> u64 {
    window[at..]
        .first_chunk()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The highest bit of each byte that is no value of a digit, up to the first such; above, of some.
#[inline]
fn others(values: u64) -> u64 {
    (values.wrapping_add(0x7676_7676_7676_7676) | values) & HIGHEST
}

/// The number of eight digits, by their values.
#[inline]
fn value(digits: u64) -> u64 {
    // Products by sums of shifts: those that many processors have for several numbers at once.
    let tens = (digits << 3)
        .wrapping_add(digits << 1)
        .wrapping_add(digits >> 8);
    let pairs = tens & 0x00ff_00ff_00ff_00ff;
    let hundreds = (pairs << 6)
        .wrapping_add(pairs << 5)
        .wrapping_add(pairs << 2)
        .wrapping_add(pairs >> 16);
    let fours = hundreds & 0x0000_ffff_0000_ffff;
    (fours & 0xffff_ffff) * 10_000 + (fours >> 32)
}

/// A number below 2⁵² as a float.
#[inline]
fn exact(number: u64) -> f64 {
    const TWO_TO_52: f64 = 4_503_599_627_370_496.0;
    f64::from_bits(number | TWO_TO_52.to_bits()) - TWO_TO_52
}
