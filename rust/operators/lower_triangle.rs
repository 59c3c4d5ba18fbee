//! The matrix of a quadratic form, in as little memory as it takes.

/// The lower triangle of a symmetric matrix, by columns, each column's rows ascending. There are as many
/// columns as variables up to the last that has an entry.
#[derive(Debug, PartialEq)]
pub(super) struct LowerTriangle {
    /// Where the entries of each column start; one more than there are columns.
    starts: Vec<u32>,
    rows: Vec<u32>,
    values: Vec<f64>,
}

impl LowerTriangle {
    /// The matrix of `Σ w (x_j − x_i)²` over pairs i < j, sorted, each once: O(n) time for n pairs.
    pub(super) fn of_differences(pairs: &[([u32; 2], f64)]) -> Self {
        let size = pairs.iter().map(|([_, j], _)| j + 1).max().unwrap_or(0) as usize;
        let mut diagonal: Vec<Option<f64>> = vec![None; size];
        let mut matrix = Self::with_capacity(size, pairs.len() + size);
        let mut pairs = pairs.iter().peekable();
        for column in 0..size {
            // All pairs that end here came before: what begins here is the last to be known.
            let first = matrix.rows.len();
            matrix.push(column, 0.0);
            while let Some(&([i, j], weight)) = pairs.next_if(|([i, _], _)| *i as usize == column) {
                for cell in [i, j] {
                    let sum = &mut diagonal[cell as usize];
                    *sum = Some(sum.map_or(weight, |sum| sum + weight));
                }
                matrix.push(j as usize, -weight);
            }
            match diagonal[column] {
                Some(sum) => matrix.values[first] = sum,
                None => matrix.truncate(first),
            }
            matrix.starts.push(short(matrix.rows.len()));
        }
        matrix.rows.shrink_to_fit();
        matrix.values.shrink_to_fit();
        matrix
    }

    /// The matrix whose entries, in either triangle, `tell_all` tells each time that it is called: those
    /// of the same place are summed in the order in which they are told. O(n log k) time for n entries,
    /// k in a column.
    pub(super) fn told(tell_all: impl Fn(&mut dyn FnMut(usize, usize, f64))) -> Self {
        let mut ends = vec![0];
        tell_all(&mut |i, j, _| {
            let (column, row) = (i.min(j), i.max(j));
            if ends.len() < row + 2 {
                ends.resize(row + 2, 0);
            }
            ends[column + 1] += 1;
        });
        let size = ends.len() - 1;
        for column in 0..size {
            ends[column + 1] += ends[column];
        }
        // Entries go to their columns at once, so that only those of each are left to be summed.
        let (mut rows, mut values) = (vec![0; ends[size]], vec![0.0; ends[size]]);
        tell_all(&mut |i, j, value| {
            // Where the column begins, until all of its entries are there: then where it ends.
            let next = &mut ends[i.min(j)];
            rows[*next] = short(i.max(j));
            values[*next] = value;
            *next += 1;
        });
        let mut matrix = Self::with_capacity(size, 0);
        // The column that each row was last met in, and where in that.
        let mut met = vec![(u32::MAX, 0); size];
        let mut entries: Vec<(u32, f64)> = Vec::new();
        let mut begin = 0;
        for (column, &end) in (0..).zip(&ends[..size]) {
            entries.clear();
            for (&row, &value) in rows[begin..end].iter().zip(&values[begin..end]) {
                let (last, place) = &mut met[row as usize];
                if *last == column {
                    entries[*place].1 += value;
                } else {
                    (*last, *place) = (column, entries.len());
                    entries.push((row, value));
                }
            }
            entries.sort_unstable_by_key(|(row, _)| *row);
            matrix.rows.extend(entries.iter().map(|(row, _)| row));
            matrix.values.extend(entries.iter().map(|(_, value)| value));
            matrix.starts.push(short(matrix.rows.len()));
            begin = end;
        }
        matrix.rows.shrink_to_fit();
        matrix.values.shrink_to_fit();
        matrix
    }

    /// Row of each entry of a column.
    pub(super) fn column(&self, column: usize) -> &[u32] {
        match self.starts.get(column..column + 2) {
            Some(ends) => &self.rows[ends[0] as usize..ends[1] as usize],
            None => &[],
        }
    }

    /// Row, column and value of each entry, column by column.
    pub(super) fn entries(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        self.starts
            .windows(2)
            .enumerate()
            .flat_map(|(column, ends)| {
                let range = ends[0] as usize..ends[1] as usize;
                let entries = self.rows[range.clone()].iter().zip(&self.values[range]);
                entries.map(move |(&row, &value)| (row as usize, column, value))
            })
    }

    /// Value of each entry, in the same order.
    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    fn with_capacity(columns: usize, entries: usize) -> Self {
        let mut starts = Vec::with_capacity(columns + 1);
        starts.push(0);
        Self {
            starts,
            rows: Vec::with_capacity(entries),
            values: Vec::with_capacity(entries),
        }
    }

    fn push(&mut self, row: usize, value: f64) {
        self.rows.push(short(row));
        self.values.push(value);
    }

    fn truncate(&mut self, len: usize) {
        self.rows.truncate(len);
        self.values.truncate(len);
    }
}

/// The same number in half of the memory.
///
/// # Panics
///
/// If it is 2³² or more.
pub(super) fn short(number: usize) -> u32 {
    u32::try_from(number).expect("fewer than 2³² cells, and entries of a matrix")
}
