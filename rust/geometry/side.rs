//! On which side of a line a point is, exactly.

use std::cmp::Ordering;

/// Where a point is, seen from `start` to `end`: greater is left, equal on the line, less right.
///
/// No rounding has a say: what floating-point numbers do not decide, integers do. Coordinates must be
/// finite.
#[must_use]
pub fn side_of(start: [f64; 2], end: [f64; 2], point: [f64; 2]) -> Ordering {
    let rise = (end[0] - start[0]) * (point[1] - start[1]);
    let run = (end[1] - start[1]) * (point[0] - start[0]);
    let turn = rise - run;
    // Roundings are at most four of these; what is closer, or too large or too small, is not decided.
    let bound = 4.0 * f64::EPSILON * (rise.abs() + run.abs());
    if turn.abs() > bound + f64::MIN_POSITIVE {
        return turn.total_cmp(&0.0);
    }
    let rise = product((end[0], start[0]), (point[1], start[1]));
    let run = product((end[1], start[1]), (point[0], start[0]));
    rise.0.cmp(&run.0).then_with(|| {
        let larger = rise.1.iter().rev().cmp(run.1.iter().rev());
        if rise.0 < 0 { larger.reverse() } else { larger }
    })
}

/// Words of an integer that holds the difference of any two numbers, in units of the least one.
const WORDS: usize = 33;

/// An integer by its words, the lowest first.
type Integer = [u64; WORDS];

/// Sign and size of (a - b) (c - d).
fn product(one: (f64, f64), other: (f64, f64)) -> (i8, [u64; 2 * WORDS]) {
    let sign = |(a, b): (f64, f64)| i8::from(a > b) - i8::from(a < b);
    let (a, b) = (distance(one), distance(other));
    let mut words = [0; 2 * WORDS];
    for (place, &word) in a.iter().enumerate().filter(|(_, word)| **word != 0) {
        let mut carry = 0;
        for (sum, &factor) in words[place..].iter_mut().zip(&b) {
            (*sum, carry) = multiplied(word, factor, *sum, carry);
        }
        words[place + WORDS] = carry;
    }
    (sign(one) * sign(other), words)
}

/// What a·b + c + d is, its lower and its upper word.
#[allow(clippy::cast_possible_truncation)] // taken apart
fn multiplied(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    let sum = u128::from(a) * u128::from(b) + u128::from(c) + u128::from(d);
    (sum as u64, (sum >> u64::BITS) as u64)
}

/// By how much two numbers differ.
fn distance((one, other): (f64, f64)) -> Integer {
    let mut words = integer(one.abs().max(other.abs()));
    let small = integer(one.abs().min(other.abs()));
    let step = if (one < 0.0) == (other < 0.0) {
        u64::overflowing_sub
    } else {
        u64::overflowing_add
    };
    let mut carry = false;
    for (word, other) in words.iter_mut().zip(small) {
        let (sum, over) = step(*word, other);
        let (sum, again) = step(sum, u64::from(carry));
        (*word, carry) = (sum, over || again);
    }
    words
}

/// A number that is not negative, in units of the least one, 2⁻¹⁰⁷⁴.
#[allow(clippy::cast_possible_truncation)] // 11 bits
fn integer(number: f64) -> Integer {
    const FRACTION: u32 = f64::MANTISSA_DIGITS - 1;
    let bits = number.to_bits();
    let exponent = (bits >> FRACTION) as usize;
    let mantissa = (bits & ((1 << FRACTION) - 1)) | (u64::from(exponent > 0) << FRACTION);
    let place = exponent.saturating_sub(1);
    let shifted = u128::from(mantissa) << (place % 64);
    let mut words = [0; WORDS];
    words[place / 64] = shifted as u64;
    words[place / 64 + 1] = (shifted >> 64) as u64;
    words
}
