//! What is done to many bytes, or to several fields, at once: by the widest instructions that a processor has, or in
//! plain arithmetic on any.

// What is not inlined is not compiled for those instructions.
#![allow(clippy::inline_always)]

#[cfg(target_arch = "x86_64")]
use pulp::{NullaryFnOnce, cast, u8x32, x86::V3};

/// Fields at once.
pub(super) const LANES: usize = 4;

/// Bytes that are looked at: a field, and what ends it.
pub(super) const WIDTH: usize = 16;

/// Most digits of a number.
pub(super) const MOST_DIGITS: usize = WIDTH - 2;

/// A field of digits, perhaps with a point among them.
#[derive(Clone, Copy, Default)]
pub(super) struct Field {
    /// The last of it is what ends the field.
    pub(super) bytes: [u8; WIDTH],
    /// Number of bytes without it.
    pub(super) length: u16,
    /// How many of the last bytes are behind the point; none without one.
    pub(super) point: u16,
}

pub(super) trait Lanes: Copy {
    /// Tells which of 64 bytes are neither digits nor signs.
    fn others(self, bytes: &[u8; 64]) -> u64;

    /// The numbers of the digits of fields, points left out; whether there was nothing else. Of fields that are too long
    /// it is any.
    fn numbers(self, fields: &[Field; LANES], has_point: bool, end: u8) -> ([u64; LANES], bool);
}

/// Something that is compiled for each kind of processor.
pub(super) trait AtOnce {
    type Output;

    fn run(self, lanes: impl Lanes) -> Self::Output;
}

/// Does it with the widest instructions that there are.
pub(super) fn at_once<W: AtOnce>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = V3::try_new() {
        return simd.vectorize(Wide(simd, work));
    }
    work.run(Plain)
}

#[cfg(target_arch = "x86_64")]
struct Wide<W>(V3, W);

#[cfg(target_arch = "x86_64")]
impl<W: AtOnce> NullaryFnOnce for Wide<W> {
    type Output = W::Output;

    #[inline(always)]
    fn call(self) -> W::Output {
        self.1.run(self.0)
    }
}

/// Arithmetic of any processor.
#[derive(Clone, Copy)]
struct Plain;

impl Lanes for Plain {
    #[inline(always)]
    fn others(self, bytes: &[u8; 64]) -> u64 {
        let (words, _) = bytes.as_chunks::<8>();
        let mut all = 0;
        for (rank, word) in words.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            let lowest = (above(word ^ ZEROS, 9) & above(word ^ SIGNS, 0)) >> 7;
            // The lowest bit of each byte, gathered.
            all |= (lowest.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * rank);
        }
        all
    }

    #[inline(always)]
    fn numbers(self, fields: &[Field; LANES], has_point: bool, end: u8) -> ([u64; LANES], bool) {
        let mut numbers = [0; LANES];
        let mut is_right = true;
        for (number, field) in numbers.iter_mut().zip(fields) {
            let behind = u32::from(field.point.wrapping_sub(1) % 16);
            let text = u128::from_le_bytes(field.bytes);
            let values = (text ^ u128::from_le_bytes([b'0'; WIDTH])) << 8;
            let others = 128 - 8 * u32::from(field.length.clamp(1, 15));
            let mut digits = values >> others << others;
            if has_point {
                let place = 120 - 8 * behind;
                let point = (WIDTH - 1).wrapping_sub(usize::from(field.point)) % WIDTH;
                is_right &= field.bytes[point] == b'.';
                let before = digits & ((1 << place) - 1);
                digits = digits >> place >> 8 << 8 << place | before << 8;
            }
            let bytes = digits.to_le_bytes();
            let (words, _) = bytes.as_chunks();
            let [first, last] = [words[0], words[1]].map(u64::from_le_bytes);
            is_right &= above(first, 9) | above(last, 9) == 0 && field.bytes[WIDTH - 1] == end;
            *number = eight(first) * 100_000_000 + eight(last);
        }
        (numbers, is_right)
    }
}

/// Eight zeros, as text.
const ZEROS: u64 = 0x3030_3030_3030_3030;

/// Eight signs.
const SIGNS: u64 = 0x2d2d_2d2d_2d2d_2d2d;

/// The highest bit of each byte that is above a number.
#[inline(always)]
fn above(bytes: u64, number: u8) -> u64 {
    const LOWER: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let most = u64::from_le_bytes([0x7f - number; 8]);
    (((bytes & LOWER) + most) | bytes) & !LOWER
}

/// The number of eight digits, by their values.
#[inline(always)]
fn eight(digits: u64) -> u64 {
    let pairs = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_ffff_0000_ffff;
    (fours & 0xffff_ffff) * 10_000 + (fours >> 32)
}

/// By AVX2. Marks by masks of bytes: Langdale & Lemire, VLDB Journal 28, 941 (2019). The digits of a field are moved side by
/// side by one instruction, and summed up by pairs, fours and eights (Muła, "SIMD-ized faster parse of unsigned
/// integers", 2018).
#[cfg(target_arch = "x86_64")]
impl Lanes for V3 {
    #[inline(always)]
    fn others(self, bytes: &[u8; 64]) -> u64 {
        let (halves, _) = bytes.as_chunks::<32>();
        let (low, high) = (others(self, &halves[0]), others(self, &halves[1]));
        u64::from(high) << 32 | u64::from(low)
    }

    #[inline(always)]
    fn numbers(self, fields: &[Field; LANES], has_point: bool, end: u8) -> ([u64; LANES], bool) {
        let mut like = [0_u8; WIDTH];
        like[0] = if has_point { b'.' ^ b'0' } else { 0 };
        like[1] = end ^ b'0';
        let mut most = [9_u8; WIDTH];
        (most[0], most[1]) = (0, 0);
        let (like, most): (u8x32, u8x32) = (cast([like, like]), cast([most, most]));
        let mut wrong = self.splat_u8x32(0);
        let mut fours = [cast(wrong); 2];
        for (first, fours) in fours.iter_mut().enumerate() {
            let (one, other) = (&fields[first], &fields[first + 2]);
            let text: u8x32 = cast([one.bytes, other.bytes]);
            let kept: u8x32 = cast([*kept(one), *kept(other)]);
            let values = self.and_u8x32(self.xor_u8x32(text, self.splat_u8x32(b'0')), kept);
            let places: u8x32 = cast([*places(one, has_point), *places(other, has_point)]);
            let moved = self.avx2._mm256_shuffle_epi8(cast(values), cast(places));
            let digits = self.xor_u8x32(cast(moved), like);
            wrong = self.or_u8x32(wrong, self.saturating_sub_u8x32(digits, most));
            let tens = cast([[10_i8, 1]; 16]);
            let hundreds = cast([[100_i16, 1]; 8]);
            let pairs = self.avx2._mm256_maddubs_epi16(cast(digits), tens);
            *fours = self.avx2._mm256_madd_epi16(pairs, hundreds);
        }
        let fours = self.avx2._mm256_packus_epi32(fours[0], fours[1]);
        let eights = self
            .avx2
            ._mm256_madd_epi16(fours, cast([[10_000_i16, 1]; 8]));
        let first = self
            .avx2
            ._mm256_mul_epu32(eights, cast(self.splat_u64x4(100_000_000)));
        let last = self.avx2._mm256_srli_epi64::<32>(eights);
        let numbers = cast(self.avx2._mm256_add_epi64(first, last));
        (
            numbers,
            self.avx._mm256_testz_si256(cast(wrong), cast(wrong)) == 1,
        )
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn others(simd: V3, bytes: &[u8; 32]) -> u32 {
    let text: u8x32 = cast(*bytes);
    let values = simd.wrapping_sub_u8x32(text, simd.splat_u8x32(b'0'));
    let digits = simd.cmp_eq_u8x32(values, simd.min_u8x32(values, simd.splat_u8x32(9)));
    let signs = simd.cmp_eq_u8x32(text, simd.splat_u8x32(b'-'));
    let own = simd
        .avx2
        ._mm256_movemask_epi8(cast(simd.or_m8x32(digits, signs)));
    !own.cast_unsigned()
}

/// All bits of the bytes of a field and what ends it, none of those before.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn kept(field: &Field) -> &'static [u8; WIDTH] {
    static BITS: [u8; 2 * WIDTH] = {
        let mut bits = [0; 2 * WIDTH];
        let mut place = WIDTH;
        while place < bits.len() {
            bits[place] = 255;
            place += 1;
        }
        bits
    };
    let begin = usize::from(field.length % 16) + 1;
    BITS[begin..].first_chunk().unwrap_or(&[0; WIDTH])
}

/// Which byte of a field comes to each place: its point, what ends it, and its last digits.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn places(field: &Field, has_point: bool) -> &'static [u8; WIDTH] {
    /// For each number of bytes behind the point, or where it would be.
    #[allow(clippy::cast_possible_truncation)] // below 16
    static PLACES: [[u8; WIDTH]; WIDTH] = {
        let mut all = [[255; WIDTH]; WIDTH];
        let mut point = 0;
        while point < WIDTH {
            let places = &mut all[point];
            if point > 0 {
                places[0] = (WIDTH - 1 - point) as u8;
            }
            places[1] = (WIDTH - 1) as u8;
            let mut place = 2;
            while place < WIDTH {
                let is_before = point > 0 && place < WIDTH + 1 - point;
                places[place] = place as u8 - 1 - is_before as u8;
                place += 1;
            }
            point += 1;
        }
        all
    };
    &PLACES[if has_point {
        usize::from(field.point % 16)
    } else {
        0
    }]
}

#[cfg(test)]
mod tests {
    use std::array;

    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::{AtOnce, Field, LANES, Lanes, MOST_DIGITS, Plain, WIDTH, at_once};

    struct Others([u8; 64]);

    impl AtOnce for Others {
        type Output = u64;

        fn run(self, lanes: impl Lanes) -> u64 {
            lanes.others(&self.0)
        }
    }

    struct Numbers([Field; LANES], bool);

    impl AtOnce for Numbers {
        type Output = ([u64; LANES], bool);

        fn run(self, lanes: impl Lanes) -> Self::Output {
            lanes.numbers(&self.0, self.1, b'\t')
        }
    }

    #[test]
    fn what_is_neither_digit_nor_sign_is_told_on_every_processor() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..1000 {
            let bytes: [u8; 64] = array::from_fn(|_| random.random());
            let is_other = |byte: &u8| !byte.is_ascii_digit() && *byte != b'-';
            let expected = (0..64).map(|place| u64::from(is_other(&bytes[place])) << place);
            let expected = expected.fold(0, |all, bit| all | bit);
            assert_eq!(at_once(Others(bytes)), expected);
            assert_eq!(Others(bytes).run(Plain), expected);
        }
    }

    /// A field of so many digits, some of them behind a point, and a byte before it.
    fn field(digits: &str, behind: Option<usize>, before: u8) -> Field {
        let mut text = digits.to_owned();
        if let Some(behind) = behind {
            text.insert(digits.len() - behind, '.');
        }
        let mut bytes = [before; WIDTH];
        bytes[WIDTH - 1 - text.len()..WIDTH - 1].copy_from_slice(text.as_bytes());
        bytes[WIDTH - 1] = b'\t';
        Field {
            bytes,
            length: u16::try_from(text.len()).unwrap(),
            point: behind.map_or(0, |behind| u16::try_from(behind + 1).unwrap()),
        }
    }

    #[test]
    fn numbers_are_those_of_the_digits_on_every_processor() {
        let mut random = ChaCha8Rng::seed_from_u64(2);
        for _ in 0..1000 {
            let has_point: bool = random.random();
            let digits: [String; LANES] = array::from_fn(|_| {
                let count = random.random_range(1..=MOST_DIGITS);
                let digits = (0..count).map(|_| char::from(random.random_range(b'0'..=b'9')));
                digits.collect()
            });
            let fields = array::from_fn(|lane| {
                let behind = random.random_range(0..=digits[lane].len());
                field(&digits[lane], has_point.then_some(behind), random.random())
            });
            let expected = array::from_fn(|lane| digits[lane].parse().unwrap());
            assert_eq!(at_once(Numbers(fields, has_point)), (expected, true));
            assert_eq!(Numbers(fields, has_point).run(Plain), (expected, true));
            // Anything else in the place of a digit, of the point or of the end.
            let (lane, mut wrong) = (random.random_range(0..LANES), fields);
            let length = usize::from(wrong[lane].length);
            let place = WIDTH - 1 - random.random_range(0..=length);
            let odd = [b'-', b'+', b'e', b' ', b'\n', 0, 255][random.random_range(0..7)];
            wrong[lane].bytes[place] = odd;
            assert!(!at_once(Numbers(wrong, has_point)).1, "{odd} at {place}");
            assert!(!Numbers(wrong, has_point).run(Plain).1, "{odd} at {place}");
        }
    }
}
