//! Where fields end: places of the bytes of a text that are neither digits nor signs.

// What is not inlined is not compiled for the processor's widest instructions.
#![allow(clippy::inline_always)]

use super::lanes::{Lanes, WIDTH};

/// Bytes that are marked at a time: few enough for the nearest cache.
const PIECE: usize = 1 << 13;

/// Bytes of a window before the piece, so that as many as are looked at end at each of its places.
const BEFORE: usize = WIDTH - 1;

/// A piece of text, and what is before it.
pub(super) struct Window([u8; BEFORE + PIECE]);

impl Window {
    pub(super) fn new() -> Self {
        Self([0; BEFORE + PIECE])
    }

    /// Shows the piece that begins at a place of a text; its length. None if there is no text, or not enough before it.
    #[inline(always)]
    pub(super) fn show(&mut self, text: &[u8], begin: usize) -> Option<usize> {
        let text = text.get(begin.checked_sub(BEFORE)?..)?;
        let length = text.len().min(self.0.len());
        self.0[..length].copy_from_slice(&text[..length]);
        (length > BEFORE).then(|| length - BEFORE)
    }

    /// The bytes that end with the one at a place.
    #[inline(always)]
    pub(super) fn last_bytes(&self, place: u16) -> &[u8; WIDTH] {
        let begin = usize::from(place) % PIECE;
        self.0[begin..].first_chunk().unwrap_or(&[0; WIDTH])
    }

    /// The byte at a place.
    #[inline(always)]
    pub(super) fn byte(&self, place: u16) -> u8 {
        self.0[usize::from(place) % PIECE + BEFORE]
    }
}

/// Places in a piece, ascending, below that of the byte before it.
pub(super) struct Marks {
    places: [u16; 2 * PIECE],
    count: usize,
}

impl Marks {
    pub(super) fn new() -> Self {
        #[allow(clippy::large_stack_arrays)] // 32 KiB, so that no place needs a check
        let mut places = [0; 2 * PIECE];
        places[0] = u16::MAX; // −1, that is
        Self { places, count: 0 }
    }

    /// Number of places.
    #[inline(always)]
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Successive places from one on, by its rank; the first is that of the byte before the piece.
    #[inline(always)]
    pub(super) fn from<const N: usize>(&self, rank: usize) -> [u16; N] {
        let mut places = [0; N];
        let rank = rank % PIECE;
        places.copy_from_slice(&self.places[rank..rank + N]);
        places
    }

    /// Number of bytes up to the last of some places.
    #[inline(always)]
    pub(super) fn end(&self, count: usize) -> usize {
        usize::from(self.places[count].wrapping_add(1))
    }

    /// Looks at some bytes, at most as many as a piece has.
    #[inline(always)]
    pub(super) fn mark(&mut self, window: &Window, length: usize, lanes: impl Lanes) {
        /// As many as 64 bytes nearly always have at most: they are put down without branches.
        const USUAL: usize = 16;
        self.count = 0;
        let (words, _) = window.0[BEFORE..].as_chunks::<64>();
        for (number, word) in words[..length.div_ceil(64)].iter().enumerate() {
            let begin = 64 * number;
            let mut marked = lanes.others(word);
            if length < begin + 64 {
                marked &= (1 << (length - begin)) - 1;
            }
            let count = marked.count_ones() as usize;
            let after = self.count % PIECE + 1;
            let mut put = |place: &mut u16| {
                #[allow(clippy::cast_possible_truncation)] // below 2¹³
                let next = begin as u16 + marked.trailing_zeros() as u16;
                *place = next;
                marked &= marked.wrapping_sub(1);
            };
            let (usual, others) = self.places[after..].split_at_mut(USUAL);
            usual.iter_mut().for_each(&mut put);
            if count > USUAL {
                others[..count - USUAL].iter_mut().for_each(put);
            }
            self.count += count;
        }
    }
}
