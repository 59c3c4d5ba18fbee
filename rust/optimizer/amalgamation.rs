//! Relaxed amalgamation: which supernodes share a front, and in which order fronts are.
//!
//! A small front spends most of its time on what is not products: it finds what its children leave and adds it, value by
//! value. Where a supernode and its child share a front, the child's columns have some zeros below that are worked on as
//! if they were not, but there is one front less, and no update matrix from one to the other. They share one where that
//! is estimated to be faster (Duff & Reid, ACM Trans. Math. Softw. 9, 302, 1983, with a limit to the number of columns;
//! Ashcraft & Grimes, ACM Trans. Math. Softw. 15, 291, 1989, with one to that of zeros).

/// The shape of a supernode or front: numbers of the columns that are eliminated together, and of the rows below.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub columns: usize,
    pub below: usize,
}

impl Shape {
    /// Number of additions and multiplications that eliminating the columns takes.
    pub(super) fn operations(self) -> f64 {
        let [columns, below] = [self.columns as f64, self.below as f64];
        columns * (columns * columns / 3.0 + columns * below + below * below)
    }

    /// Estimated time of a front, in that of an operation of a product: its operations, 10 for each value of the square
    /// around the update matrix that it leaves to its parent, which is written, read and added, and 4000 for the front
    /// itself, however small. (Measured; half or twice of either makes little difference.)
    fn cost(self) -> f64 {
        let below = self.below as f64;
        4000.0 + 10.0 * below * below + self.operations()
    }
}

/// The supernodes that share a front.
pub(super) struct Amalgamation {
    /// Front of each supernode. Those of a subtree follow each other, its root comes last (postorder).
    pub front: Vec<usize>,
    /// The last supernode of each front: the rows below it are those below the front.
    pub last: Vec<usize>,
}

impl Amalgamation {
    /// Of supernodes, children before parents; roots are their own parents.
    ///
    /// Each takes in its children, and theirs, as long as they cost more by themselves.
    pub(super) fn new(mut shapes: Vec<Shape>, parents: &[usize]) -> Self {
        let size = shapes.len();
        let mut children = vec![Vec::new(); size];
        let mut last: Vec<usize> = (0..size).collect();
        for s in 0..size {
            let mut candidates = std::mem::take(&mut children[s]);
            while let Some(child) = candidates.pop() {
                let [own, other]: [Shape; 2] = [shapes[s], shapes[child]];
                let both = Shape {
                    columns: own.columns + other.columns,
                    below: own.below,
                };
                if both.cost() < own.cost() + other.cost() {
                    shapes[s] = both;
                    last[child] = s;
                    candidates.append(&mut children[child]);
                } else {
                    children[s].push(child);
                }
            }
            if parents[s] != s {
                children[parents[s]].push(s);
            }
        }
        for s in (0..size).rev() {
            last[s] = last[last[s]];
        }
        Self::in_order(&last, parents)
    }

    /// Numbers fronts, of which the last supernode of each supernode's is known.
    fn in_order(last: &[usize], parents: &[usize]) -> Self {
        let lasts = || (0..last.len()).filter(|&s| last[s] == s);
        let parent = |s: usize| (parents[s] != s).then(|| last[parents[s]]);
        // How many there are in each subtree; then the number after that of the next child.
        let mut next = vec![0; last.len()];
        for s in lasts() {
            next[s] += 1;
            if let Some(parent) = parent(s) {
                next[parent] += next[s];
            }
        }
        let mut end = lasts().count();
        let mut front = vec![0; last.len()];
        let mut last_of_front = vec![0; end];
        for s in lasts().rev() {
            let len = next[s];
            let end = parent(s).map_or(&mut end, |parent| &mut next[parent]);
            front[s] = *end - 1;
            *end -= len;
            next[s] = front[s];
            last_of_front[front[s]] = s;
        }
        for s in 0..last.len() {
            front[s] = front[last[s]];
        }
        Self {
            front,
            last: last_of_front,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fronts_of_a_subtree_follow_each_other_and_small_ones_are_eliminated_together() {
        // Two chains of three large supernodes, told in turns, and a small one with its child below the last of all.
        let shape = |columns, below| Shape { columns, below };
        let mut shapes = vec![shape(100, 50); 6];
        shapes.extend([shape(2, 20), shape(4, 20), shape(200, 0)]);
        let Amalgamation { front, last } = Amalgamation::new(shapes, &[2, 3, 4, 5, 8, 8, 7, 8, 8]);
        assert_eq!(front, [0, 3, 1, 4, 2, 5, 6, 6, 7]);
        assert_eq!(last, [0, 2, 4, 1, 3, 5, 7, 8]);
    }
}
