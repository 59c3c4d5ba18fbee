//! The order of elimination by nested dissection, for unknowns that have places.

mod cover;
mod graph;
mod minimum_degree;
#[cfg(test)]
mod tests;

use std::array;
use std::iter::zip;

use super::SymmetricPattern;
use graph::{Graph, NUMBERS, Place};

/// Parts of no more unknowns are ordered by minimum degree.
const SMALL: usize = 80;

/// So many of a part tell where most of it is along a direction.
const SAMPLE: u32 = 60;

/// A line has so much of the sample on each side, at least.
const LEAST: f64 = 0.3;

/// A separator that moves leaves so much of a part on each side, at least.
const LEAST_LEFT: f64 = 0.2;

/// So many lines are tried across each direction.
const STRIPS: usize = 32;

/// No number of an unknown.
const NONE: u32 = u32::MAX;

/// The order of elimination of the unknowns of a pattern, by nested dissection (George, SIAM J. Numer. Anal.
/// 10, 345, 1973): a few unknowns that separate all others into two parts come last, and before them both
/// parts, each in the same way; in small ones, those with the fewest neighbours are first.
///
/// Parts are cut by the best of straight lines; then the separator is moved aside as long as that makes it smaller.
///
/// `places` has the coordinates of each unknown, so many. Near unknowns are coupled, far ones are not: then it
/// takes some O(n log n) for n entries. Unknowns at one place are told apart by their numbers.
pub(super) fn dissected(
    pattern: &SymmetricPattern,
    places: &[f64],
    dimension: usize,
) -> Vec<usize> {
    let size = pattern.size();
    let unknowns = graph::tiled(places, dimension, size);
    let mut dissection = Dissection {
        graph: Graph::new(pattern, &unknowns, places, dimension),
        labels: vec![0; size],
        last: 0,
        numbers: vec![NONE; size],
    };
    let mut order: Vec<u32> = (0..).take(size).collect();
    dissection.order(&mut order, &[]);
    let unknown = |number: u32| unknowns[number as usize];
    order.into_iter().map(unknown).collect()
}

/// Unknowns by their numbers in tiles, in which all is told here.
struct Dissection {
    graph: Graph,
    /// Each unknown has that of the part it was last in, and of its side there.
    labels: Vec<u32>,
    /// The last one that was given.
    last: u32,
    /// Numbers of those of a small set, one set at a time.
    numbers: Vec<u32>,
}

/// A cut of a part in two: the label of the first side, that of the second comes next, and then that of what
/// separates both.
struct Cut {
    label: u32,
    sizes: [usize; 2],
    separator: Vec<u32>,
}

/// A straight line across a part, behind one of the strips of equal width.
struct Line {
    direction: usize,
    low: f32,
    scale: f32,
    strip: usize,
    operations: f64,
}

impl Line {
    /// In which strip a place is; the first and the last have all that is before and behind.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not below 0
    fn strip(&self, place: &Place) -> usize {
        let along = (place[self.direction] - self.low) * self.scale;
        along.clamp(0.0, (STRIPS - 1) as f32) as usize
    }
}

impl Dissection {
    /// Puts the unknowns of a part in order; those of its halo are coupled to it, and come later.
    fn order(&mut self, unknowns: &mut [u32], halo: &[u32]) {
        let is_small = unknowns.len() <= SMALL;
        let cut = (!is_small).then(|| self.cut(unknowns, halo.len()));
        let Some(Cut {
            label, separator, ..
        }) = cut.flatten()
        else {
            self.order_few(unknowns, halo);
            return;
        };
        let [first, second] = [label, label + 1].map(|label| {
            let all = unknowns.iter().copied();
            let side: Vec<u32> = all.filter(|&k| self.labels[k as usize] == label).collect();
            let around = halo.iter().chain(&separator).copied();
            let around: Vec<u32> = around.filter(|&k| self.touches(k, label)).collect();
            (side, around)
        });
        let (left, rest) = unknowns.split_at_mut(first.0.len());
        let (right, last) = rest.split_at_mut(second.0.len());
        left.copy_from_slice(&first.0);
        right.copy_from_slice(&second.0);
        last.copy_from_slice(&separator);
        self.order(left, &first.1);
        self.order(right, &second.1);
    }

    /// Cuts a part; none if no line leaves something on both sides.
    fn cut(&mut self, unknowns: &[u32], halo: usize) -> Option<Cut> {
        let lines = (0..NUMBERS).filter_map(|direction| self.line(unknowns, direction, halo));
        let line = lines
            .min_by(|a, b| a.operations.total_cmp(&b.operations))
            .or_else(|| self.line(unknowns, NUMBERS, halo))?;
        let mut cut = self.cut_along(unknowns, &line);
        self.improve(&mut cut, halo);
        Some(cut)
    }

    /// The straight line across a direction that cuts a part with the fewest operations.
    ///
    /// How many unknowns each separates is known for all of them from where those coupled to each one are.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // parts of a size
    fn line(&self, unknowns: &[u32], direction: usize, halo: usize) -> Option<Line> {
        let size = unknowns.len();
        // By golden sections: no lattice has their period.
        let sampled = (0..SAMPLE).map(|k| {
            let part = u64::from(k.wrapping_mul(2_654_435_769));
            unknowns[((part * size as u64) >> 32) as usize]
        });
        let mut sample: Vec<f32> = sampled
            .map(|k| self.graph.places[k as usize][direction])
            .collect();
        sample.sort_unstable_by(f32::total_cmp);
        let least = (LEAST * f64::from(SAMPLE)) as usize;
        let [low, high] = [sample[least], sample[sample.len() - 1 - least]];
        let mut line = Line {
            direction,
            low,
            scale: STRIPS as f32 / (high - low),
            strip: 0,
            operations: f64::INFINITY,
        };
        if !line.scale.is_finite() {
            return None;
        }
        // How many are in each strip, how many are coupled to none before it, and how many to none behind it.
        let mut counts = [[0_u32; 3]; STRIPS];
        for &unknown in unknowns {
            let [first, last] = &self.graph.reaches[unknown as usize];
            counts[line.strip(&self.graph.places[unknown as usize])][0] += 1;
            counts[line.strip(first)][1] += 1;
            counts[line.strip(last)][2] += 1;
        }
        let mut sums = [0; 3];
        for (strip, counts) in counts[..STRIPS - 1].iter().enumerate() {
            sums = array::from_fn(|k| sums[k] + counts[k] as usize);
            let [inside, begun, ended] = sums;
            // Of those inside, some are coupled to others; of the others, some to those inside.
            let (sizes, border) = if inside - ended <= begun - inside {
                ([ended, size - inside], inside - ended)
            } else {
                ([inside, size - begun], begun - inside)
            };
            let operations = self.operations(sizes, border, halo);
            if sizes[0].min(sizes[1]) > 0 && operations < line.operations {
                (line.strip, line.operations) = (strip, operations);
            }
        }
        line.operations.is_finite().then_some(line)
    }

    /// Cuts a part along a line: those of the side that has fewer of them that are coupled to the other are the
    /// separator.
    fn cut_along(&mut self, unknowns: &[u32], line: &Line) -> Cut {
        let label = self.last + 1;
        self.last += 3;
        let mut borders = [Vec::new(), Vec::new()];
        let mut sizes = [0; 2];
        for &unknown in unknowns {
            let [first, last] = &self.graph.reaches[unknown as usize];
            let is_second = line.strip(&self.graph.places[unknown as usize]) > line.strip;
            let side = usize::from(is_second);
            // Those coupled to it may be outside of the part.
            if line.strip(first) <= line.strip && line.strip(last) > line.strip {
                borders[side].push(unknown);
            }
            sizes[side] += 1;
            self.labels[unknown as usize] = label + u32::from(is_second);
        }
        for (border, other) in zip(&mut borders, [label + 1, label]) {
            border.retain(|&unknown| self.touches(unknown, other));
        }
        let smaller = usize::from(borders[1].len() < borders[0].len());
        let separator = std::mem::take(&mut borders[smaller]);
        sizes[smaller] -= separator.len();
        for &unknown in &separator {
            self.labels[unknown as usize] = label + 2;
        }
        Cut {
            label,
            sizes,
            separator,
        }
    }

    /// Moves a separator to one side or the other, by those next to it, as long as that makes it smaller, and
    /// takes fewer operations.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a part of a size
    fn improve(&mut self, cut: &mut Cut, halo: usize) {
        let size = cut.sizes[0] + cut.sizes[1] + cut.separator.len();
        let least = (LEAST_LEFT * size as f64) as usize;
        let mut operations = self.operations(cut.sizes, cut.separator.len(), halo);
        let [mut side, mut in_vain] = [0; 2];
        while in_vain < 2 {
            let other = 1 - side;
            let [leave, join] = self.smaller(&cut.separator, cut.label + side as u32);
            let mut sizes = cut.sizes;
            sizes[side] -= join.len();
            sizes[other] += leave.len();
            let separator = cut.separator.len() + join.len() - leave.len();
            let now = self.operations(sizes, separator, halo);
            in_vain += 1;
            if sizes[side] > least && now < operations {
                in_vain = 0;
                (operations, cut.sizes) = (now, sizes);
                for (moved, label) in [(&leave, cut.label + other as u32), (&join, cut.label + 2)] {
                    for &unknown in moved {
                        self.labels[unknown as usize] = label;
                    }
                }
                let is_left = |k: &u32| self.labels[*k as usize] == cut.label + 2;
                cut.separator.retain(is_left);
                cut.separator.extend(join);
            }
            side = other;
        }
    }

    /// Number of operations that a cut may come to: those of the front of the separator, whose rows below are
    /// the halo of the part, and of both sides, each with the separator, which is in its halo. In the plane,
    /// n unknowns that are coupled to d others each take some 1.5 (d n)^1.5.
    fn operations(&self, sizes: [usize; 2], separator: usize, halo: usize) -> f64 {
        let (columns, below) = (separator as f64, halo as f64);
        let front = columns * (columns * columns / 3.0 + columns * below + below * below);
        let [first, second] = sizes.map(|size| {
            let couplings = self.graph.degree() * (size + separator) as f64;
            1.5 * couplings * couplings.sqrt()
        });
        front + first + second
    }

    /// Whether an unknown is coupled to any with a label.
    fn touches(&self, unknown: u32, label: u32) -> bool {
        let mut neighbours = self.graph.neighbours(unknown).iter();
        neighbours.any(|&other| self.labels[other as usize] == label)
    }
}
