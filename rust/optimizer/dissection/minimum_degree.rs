//! The order of a few unknowns by minimum degree.

use super::{Dissection, NONE};

impl Dissection {
    /// Puts a few unknowns in order: next is always the one with the fewest neighbours left (minimum degree:
    /// Tinney & Walker, Proc. IEEE 55, 1801, 1967), of several the one with the smallest number. Those of
    /// the halo, which are eliminated later, are neighbours like others.
    pub(super) fn order_few(&mut self, unknowns: &mut [u32], halo: &[u32]) {
        unknowns.sort_unstable();
        let size = unknowns.len();
        let words = (size + halo.len()).div_ceil(64);
        for (number, &unknown) in (0..).zip(unknowns.iter().chain(halo)) {
            self.numbers[unknown as usize] = number;
        }
        let mut couplings = Couplings {
            words,
            bits: vec![0; size * words],
        };
        for (k, &unknown) in unknowns.iter().enumerate() {
            for &other in self.graph.neighbours(unknown) {
                let number = self.numbers[other as usize] as usize;
                couplings.bits[k * words + number / 64] |= 1 << (number % 64);
            }
        }
        for &unknown in unknowns.iter().chain(halo) {
            self.numbers[unknown as usize] = NONE;
        }
        let before = unknowns.to_vec();
        for (unknown, number) in unknowns.iter_mut().zip(couplings.order(size)) {
            *unknown = before[number];
        }
    }
}

/// What each of some unknowns is coupled to: bit j of row i.
struct Couplings {
    words: usize,
    bits: Vec<u64>,
}

impl Couplings {
    /// Eliminates the first unknowns, so many; in which order.
    fn eliminate(&mut self, size: usize) -> Vec<usize> {
        let words = self.words;
        let mut degrees: Vec<u32> = self.bits.chunks_exact(words.max(1)).map(count).collect();
        let mut left: Vec<usize> = (0..size).collect();
        let mut order = Vec::with_capacity(size);
        while let Some(at) = (0..left.len()).min_by_key(|&at| (degrees[left[at]], left[at])) {
            let next = left.swap_remove(at);
            let row = self.bits[next * words..][..words].to_vec();
            for other in ones(&row).take_while(|&other| other < size) {
                let others = &mut self.bits[other * words..][..words];
                for (word, more) in others.iter_mut().zip(&row) {
                    *word |= more;
                }
                others[other / 64] &= !(1 << (other % 64));
                others[next / 64] &= !(1 << (next % 64));
                degrees[other] = count(others);
            }
            order.push(next);
        }
        order
    }

    /// Eliminates the first unknowns, so many; in which order, each subtree of the elimination tree without
    /// a break, so that columns with the same rows below follow each other.
    fn order(mut self, size: usize) -> Vec<usize> {
        let order = self.eliminate(size);
        let mut rank = vec![0; size];
        for (at, &k) in order.iter().enumerate() {
            rank[k] = at;
        }
        // Rows are what they were when eliminated; the parent is the first in it that is eliminated later.
        let mut children = vec![Vec::new(); size + 1];
        for k in order {
            let row = &self.bits[k * self.words..][..self.words];
            let neighbours = ones(row).take_while(|&other| other < size);
            let parent = neighbours.min_by_key(|&other| rank[other]).unwrap_or(size);
            children[parent].push(k);
        }
        // From the last on, parents before children.
        let mut reverse = Vec::with_capacity(size);
        let mut stack = vec![size];
        while let Some(k) = stack.pop() {
            if k < size {
                reverse.push(k);
            }
            stack.extend(&children[k]);
        }
        reverse.reverse();
        reverse
    }
}

/// How many bits are set.
fn count(words: &[u64]) -> u32 {
    words.iter().map(|word| word.count_ones()).sum()
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
