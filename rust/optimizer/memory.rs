//! Memory that is used again and again: what the system gives anew has to be cleared first.

/// Arrays that are no longer needed, by the logarithm of their size: each has less than twice as many
/// values as are asked for, and what they are is left from before.
#[derive(Debug, Default)]
pub(super) struct Spare {
    arrays: Vec<Vec<Vec<f64>>>,
}

impl Spare {
    /// At least `len` values, whatever they are.
    pub(super) fn take(&mut self, len: usize) -> Vec<f64> {
        let size = len.next_power_of_two();
        let arrays = self.arrays.get_mut(size.ilog2() as usize);
        arrays.and_then(Vec::pop).unwrap_or_else(|| vec![0.0; size])
    }

    /// Takes back what was taken.
    pub(super) fn give_back(&mut self, array: Vec<f64>) {
        if let Some(size) = array.len().checked_ilog2() {
            let size = size as usize;
            if self.arrays.len() <= size {
                self.arrays.resize_with(size + 1, Vec::new);
            }
            self.arrays[size].push(array);
        }
    }
}
