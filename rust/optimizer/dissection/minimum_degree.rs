//! The order of a few unknowns by minimum degree.

use std::iter::zip;

use super::{Dissection, NONE};

impl Dissection {
    /// Puts a few unknowns in order: next is always the one with the fewest neighbours left (minimum degree:
    /// Tinney & Walker, Proc. IEEE 55, 1801, 1967), of several the one that was first. Those of the halo, which are
    /// eliminated later, are neighbours like others.
    pub(super) fn order_few(&mut self, unknowns: &mut [u32], halo: &[u32]) {
        let size = unknowns.len();
        let words = (size + halo.len()).div_ceil(64);
        for (number, &unknown) in (0..).zip(unknowns.iter().chain(halo)) {
            self.numbers[unknown as usize] = number;
        }
        // What each one is coupled to: bit j of row i.
        let mut bits = vec![0_u64; size * words];
        for (k, &unknown) in unknowns.iter().enumerate() {
            for &other in self.graph.neighbours(unknown) {
                let number = self.numbers[other as usize] as usize;
                bits[k * words + number / 64] |= 1 << (number % 64);
            }
        }
        for &unknown in unknowns.iter().chain(halo) {
            self.numbers[unknown as usize] = NONE;
        }
        let before = unknowns.to_vec();
        let count = |row: &[u64]| row.iter().map(|word| word.count_ones()).sum::<u32>();
        let degree = |k: usize| count(&bits[k * words..][..words]);
        // Those that are left, and where each is among them.
        let mut left: Vec<(u32, usize)> = (0..size).map(|k| (degree(k), k)).collect();
        let mut place: Vec<usize> = (0..size).collect();
        let mut row = vec![0; words];
        for unknown in unknowns {
            let next = (0..left.len()).min_by_key(|&at| left[at]);
            let at = next.expect("as many as there are unknowns");
            let (_, next) = left.swap_remove(at);
            if let Some(&(_, moved)) = left.get(at) {
                place[moved] = at;
            }
            *unknown = before[next];
            row.copy_from_slice(&bits[next * words..][..words]);
            for other in ones(&row).take_while(|&other| other < size) {
                let others = &mut bits[other * words..][..words];
                for (word, more) in zip(&mut *others, &row) {
                    *word |= more;
                }
                others[other / 64] &= !(1 << (other % 64));
                others[next / 64] &= !(1 << (next % 64));
                left[place[other]].0 = count(others);
            }
        }
    }
}

/// Which bits are set, ascending.
fn ones(words: &[u64]) -> impl Iterator<Item = usize> {
    words.iter().enumerate().flat_map(|(at, &word)| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let bit = (rest != 0).then(|| rest.trailing_zeros() as usize);
            rest &= rest.wrapping_sub(1);
            bit.map(|bit| 64 * at + bit)
        })
    })
}
