//! The checksums of the format: of values, and of all that is not values.

/// Words that are summed side by side.
const LANES: usize = 8;

/// So many steps can be added before the second sum of a lane, of 32 bits, is full.
const STEPS: usize = 360;

/// Fletcher's checksum of words of two bytes, the first one the higher, as HDF5 has it.
pub(super) fn fletcher_32(values: &[u8]) -> u32 {
    // Sums are modulo 2^16 - 1, where to swap the bytes of all words is to swap those of the sums.
    let (mut first, mut second) = (0_u64, 0_u64);
    for block in values.chunks(2 * LANES * STEPS) {
        let (steps, rest) = block.as_chunks::<{ 2 * LANES }>();
        let (mut sums, mut sums_of_sums) = ([0_u32; LANES], [0_u32; LANES]);
        for step in steps {
            for lane in 0..LANES {
                let word = u16::from_le_bytes([step[2 * lane], step[2 * lane + 1]]);
                sums[lane] += u32::from(word);
                sums_of_sums[lane] += sums[lane];
            }
        }
        // The second sum has each word as often as there are words from it on.
        second += first * (LANES * steps.len()) as u64;
        for (lane, (sum, sum_of_sums)) in sums.into_iter().zip(sums_of_sums).enumerate() {
            first += u64::from(sum);
            second += (LANES as u64) * u64::from(sum_of_sums) - lane as u64 * u64::from(sum);
        }
        for word in rest.chunks(2) {
            first += u64::from(word[0]) | u64::from(word.get(1).copied().unwrap_or_default()) << 8;
            second += first;
        }
        (first, second) = (folded(first), folded(second));
    }
    #[allow(clippy::cast_possible_truncation)] // they are folded
    let [first, second] = [first, second].map(|sum| (sum as u16).swap_bytes());
    u32::from(second) << 16 | u32::from(first)
}

/// A sum modulo 2^16 - 1; it is zero where all that was added is zero, only.
fn folded(mut sum: u64) -> u64 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum
}

/// Bob Jenkins' hash `lookup3`, `hashlittle` with initial value 0.
pub(super) fn lookup_3(bytes: &[u8]) -> u32 {
    #[allow(clippy::cast_possible_truncation)] // the hash takes the length modulo 2^32
    let start = 0xdead_beef_u32.wrapping_add(bytes.len() as u32);
    let [mut a, mut b, mut c] = [start; 3];
    let words = |block: &[u8; 12]| {
        let (words, _) = block.as_chunks::<4>();
        [words[0], words[1], words[2]].map(u32::from_le_bytes)
    };
    // The last block is another one, whole or not.
    let before = bytes.len().saturating_sub(1) / 12 * 12;
    let (blocks, _) = bytes[..before].as_chunks::<12>();
    for block in blocks {
        let [first, second, third] = words(block);
        a = a.wrapping_add(first);
        b = b.wrapping_add(second);
        c = c.wrapping_add(third);
        for shifts in [[4, 6, 8], [16, 19, 4]] {
            a = a.wrapping_sub(c) ^ c.rotate_left(shifts[0]);
            c = c.wrapping_add(b);
            b = b.wrapping_sub(a) ^ a.rotate_left(shifts[1]);
            a = a.wrapping_add(c);
            c = c.wrapping_sub(b) ^ b.rotate_left(shifts[2]);
            b = b.wrapping_add(a);
        }
    }
    if bytes.is_empty() {
        return c;
    }
    let mut last = [0; 12];
    last[..bytes.len() - before].copy_from_slice(&bytes[before..]);
    let [first, second, third] = words(&last);
    a = a.wrapping_add(first);
    b = b.wrapping_add(second);
    c = c.wrapping_add(third);
    c = (c ^ b).wrapping_sub(b.rotate_left(14));
    a = (a ^ c).wrapping_sub(c.rotate_left(11));
    b = (b ^ a).wrapping_sub(a.rotate_left(25));
    c = (c ^ b).wrapping_sub(b.rotate_left(16));
    a = (a ^ c).wrapping_sub(c.rotate_left(4));
    b = (b ^ a).wrapping_sub(a.rotate_left(14));
    (c ^ b).wrapping_sub(b.rotate_left(24))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_their_inventors() {
        // Jenkins, lookup3.c, driver5: `hashlittle("Four score and seven years ago", 30, 0)`.
        assert_eq!(lookup_3(b"Four score and seven years ago"), 0x1777_0551);
        assert_eq!(lookup_3(b""), 0xdead_beef);
        // By hand, words 0x6162, 0x6364 and 0x6500: sums 0x129c6 and 0x24e8e, folded to 16 bits.
        let (first, second) = (0x6162 + 0x6364 + 0x6500, 3 * 0x6162 + 2 * 0x6364 + 0x6500);
        let fold = |sum: u32| (sum & 0xffff) + (sum >> 16);
        assert_eq!(fletcher_32(b"abcde"), fold(second) << 16 | fold(first));
    }

    #[test]
    fn sums_are_those_of_one_word_after_the_other() {
        let word_by_word = |values: &[u8]| {
            let (mut first, mut second) = (0_u64, 0_u64);
            for word in values.chunks(2) {
                let low = word.get(1).copied().unwrap_or_default();
                first = folded(first + u64::from(u16::from_be_bytes([word[0], low])));
                second = folded(second + first);
            }
            second << 16 | first
        };
        let of_all_ones = vec![0xff; 4 * LANES * STEPS + 5];
        let others: Vec<_> = (0..20_011_u32)
            .map(|place| place.wrapping_mul(0x9e37_79b1).to_be_bytes()[0])
            .collect();
        for values in [&of_all_ones, &others] {
            for length in [0, 1, 2, 15, 16, 17, 5759, 5760, 5761, 11_520, values.len()] {
                let part = &values[..length];
                assert_eq!(u64::from(fletcher_32(part)), word_by_word(part), "{length}");
            }
        }
    }
}
