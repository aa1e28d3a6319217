//! Rows of which few values are not zero: four fifths of MNIST's pixels need not be multiplied.

/// A matrix in compressed rows.
#[derive(Clone, Debug, PartialEq)]
pub struct SparseRows {
    cols: usize,
    /// Row i lies at `starts[i]..starts[i + 1]` of `columns` and `values`.
    starts: Vec<u32>,
    columns: Vec<u16>,
    values: Vec<f32>,
}

impl SparseRows {
    /// No rows yet, of `cols` values each; at most 65,536.
    pub fn new(cols: usize) -> SparseRows {
        SparseRows { cols, starts: vec![0], columns: Vec::new(), values: Vec::new() }
    }

    /// No rows yet, with room for `rows` of them and for `values` that are not zero.
    pub fn with_capacity(cols: usize, rows: usize, values: usize) -> SparseRows {
        let mut starts = Vec::with_capacity(rows + 1);
        starts.push(0);
        SparseRows { cols, starts, columns: Vec::with_capacity(values), values: Vec::with_capacity(values) }
    }

    /// Appends a row of `cols` values.
    pub fn push(&mut self, row: impl IntoIterator<Item = f32>) {
        for (column, value) in row.into_iter().enumerate() {
            if value != 0.0 {
                self.columns.push(column as u16);
                self.values.push(value);
            }
        }
        self.starts.push(self.columns.len() as u32);
    }

    pub fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    pub fn cols(&self) -> usize {
        self.cols
    }

    /// Columns that are not zero, in ascending order, and their values.
    pub fn row(&self, row: usize) -> (&[u16], &[f32]) {
        let range = self.starts[row] as usize..self.starts[row + 1] as usize;
        (&self.columns[range.clone()], &self.values[range])
    }
}
