//! Reading tables and cropping tracks.

use std::path::PathBuf;

use numpy::{
    IntoPyArray, PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2,
    PyUntypedArrayMethods,
};
use pyo3::prelude::*;
use pyo3::types::IntoPyDict;

use super::arrays::{self, for_dimension};
use crate::trajectories::{
    self, Cropped, Delimited, DelimitedPieces, DelimitedReading, Reading, Source, Succession,
    Table, TablePieces, TableReading, Values, Wanted,
};

pub(super) type Indices<'py> = Bound<'py, PyArray1<i64>>;
type Words<'py> = Bound<'py, PyArray1<u64>>;

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(check_regular_file, module)?)?;
    module.add_function(wrap_pyfunction!(read_table, module)?)?;
    module.add_function(wrap_pyfunction!(read_delimited, module)?)?;
    module.add_function(wrap_pyfunction!(are_within, module)?)?;
    module.add_function(wrap_pyfunction!(are_integers_within, module)?)?;
    module.add_function(wrap_pyfunction!(order_tracks, module)?)?;
    module.add_function(wrap_pyfunction!(crop, module)?)?;
    module.add_function(wrap_pyfunction!(steps, module)?)?;
    module.add_function(wrap_pyfunction!(follows, module)?)?;
    module.add_function(wrap_pyfunction!(mean_successive_product, module)?)?;
    module.add_class::<PyTablePieces>()?;
    module.add_class::<PyDelimitedPieces>()
}

/// Raises an error unless there is a file that has an end.
#[pyfunction]
fn check_regular_file(path: PathBuf) -> PyResult<()> {
    Ok(trajectories::check_regular_file(&path)?)
}

type NamedColumns<'py> = (Vec<String>, Vec<Bound<'py, PyAny>>);

/// Names and values of the columns of a text file.
#[pyfunction]
fn read_table(
    py: Python<'_>,
    path: PathBuf,
    columns: Option<Vec<String>>,
) -> PyResult<NamedColumns<'_>> {
    let mut reading = py.detach(|| TableReading::open(&path, columns.as_deref()))?;
    let columns = whole(py, &mut reading)?;
    Ok((reading.names().to_vec(), columns))
}

/// All columns of a file, in memory that `NumPy` asks for: in large pages, where the system has them.
fn whole<'py, S: Source>(
    py: Python<'py>,
    reading: &mut Reading<S>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let mut columns: Vec<Words<'py>> = Vec::new();
    let mut rows = 0;
    while let Some(expected) = py.detach(|| reading.expected_rows())? {
        let zeros = (0..reading.width()).map(|_| PyArray1::zeros(py, expected, false));
        let before = std::mem::replace(&mut columns, zeros.collect());
        let mut open: Vec<_> = columns.iter().map(PyArrayMethods::readwrite).collect();
        let mut slices = Vec::new();
        for (rank, column) in open.iter_mut().enumerate() {
            let slice = column.as_slice_mut()?;
            if let Some(before) = before.get(rank) {
                slice[..rows].copy_from_slice(&before.readonly().as_slice()?[..rows]);
            }
            slices.push(slice);
        }
        drop(before);
        rows = py.detach(|| reading.fill(&mut slices))?;
    }
    let columns = columns.into_iter().zip(reading.are_floats());
    columns
        .map(|(column, &is_float)| {
            if column.len() > rows {
                let options = [("refcheck", false)].into_py_dict(py)?;
                column.call_method("resize", (rows,), Some(&options))?;
            }
            column.call_method1("view", (if is_float { "f8" } else { "i8" },))
        })
        .collect()
}

fn named_columns(py: Python<'_>, table: Table) -> NamedColumns<'_> {
    table
        .columns
        .into_iter()
        .map(|column| (column.name, array(py, column.values)))
        .unzip()
}

fn array(py: Python<'_>, values: Values) -> Bound<'_, PyAny> {
    match values {
        Values::Integers(values) => values.into_pyarray(py).into_any(),
        Values::Floats(values) => values.into_pyarray(py).into_any(),
    }
}

/// What [`read_table`] returns, of some rows at a time.
#[pyclass(module = "tramway._core", name = "TablePieces")]
struct PyTablePieces(TablePieces);

#[pymethods]
impl PyTablePieces {
    #[new]
    fn new(path: PathBuf, columns: Option<Vec<String>>) -> PyResult<Self> {
        Ok(Self(TablePieces::open(&path, columns.as_deref())?))
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<NamedColumns<'py>>> {
        let piece = py.detach(|| self.0.next()).transpose()?;
        Ok(piece.map(|table| named_columns(py, table)))
    }
}

/// What a table of delimited text looks like, by the names that Python knows.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
struct TextLayout {
    delimiter: u8,
    decimal: u8,
    line_end: u8,
    lines_before: u64,
    width: usize,
    /// None for the whole file.
    length: Option<u64>,
}

/// Rank and name of each column that is wanted, and the words to look for if it is one of words.
type WantedColumns = Vec<(usize, String, Option<Vec<String>>)>;

fn delimited(columns: WantedColumns, layout: &TextLayout) -> Delimited {
    Delimited {
        delimiter: layout.delimiter,
        decimal: layout.decimal,
        line_end: layout.line_end,
        lines_before: layout.lines_before,
        width: layout.width,
        length: layout.length.unwrap_or(u64::MAX),
        columns: columns
            .into_iter()
            .map(|(rank, name, words)| Wanted { rank, name, words })
            .collect(),
    }
}

/// Some columns of a table in delimited text.
#[pyfunction]
fn read_delimited(
    py: Python<'_>,
    path: PathBuf,
    columns: WantedColumns,
    layout: TextLayout,
) -> PyResult<Vec<Bound<'_, PyAny>>> {
    let table = delimited(columns, &layout);
    let mut reading = py.detach(|| DelimitedReading::open(&path, table))?;
    whole(py, &mut reading)
}

/// What [`read_delimited`] returns, of some rows at a time.
#[pyclass(module = "tramway._core", name = "DelimitedPieces")]
struct PyDelimitedPieces(DelimitedPieces);

#[pymethods]
impl PyDelimitedPieces {
    #[new]
    fn new(path: PathBuf, columns: WantedColumns, layout: TextLayout) -> PyResult<Self> {
        let table = delimited(columns, &layout);
        Ok(Self(DelimitedPieces::open(&path, table)?))
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> PyResult<Option<Vec<Bound<'py, PyAny>>>> {
        let piece = py.detach(|| self.0.next()).transpose()?;
        Ok(piece.map(|columns| {
            columns
                .into_iter()
                .map(|values| array(py, values))
                .collect()
        }))
    }
}

/// Whether all numbers are finite, and at most `limit` in size.
#[pyfunction]
fn are_within(py: Python<'_>, values: PyReadonlyArray1<'_, f64>, limit: f64) -> PyResult<bool> {
    let values = arrays::slice("values", &values)?;
    Ok(py.detach(|| trajectories::are_within(values, limit))?)
}

/// Whether all integers are at most `limit` in size.
#[pyfunction]
fn are_integers_within(
    py: Python<'_>,
    values: PyReadonlyArray1<'_, i64>,
    limit: u64,
) -> PyResult<bool> {
    let values = arrays::slice("values", &values)?;
    Ok(py.detach(|| trajectories::are_integers_within(values, limit))?)
}

/// Rows sorted by track and time, none if they are so already, and how many tracks went back in time.
#[pyfunction]
fn order_tracks<'py>(
    py: Python<'py>,
    track: PyReadonlyArray1<'py, i64>,
    time: PyReadonlyArray1<'py, f64>,
) -> PyResult<(Option<Indices<'py>>, usize)> {
    let track = arrays::slice("track", &track)?;
    let time = arrays::slice("time", &time)?;
    let ordered = py.detach(|| trajectories::order_tracks(track, time))?;
    let rows = ordered.rows.map(|rows| arrays::indices(py, &rows));
    Ok((rows, ordered.disordered))
}

/// Rows and track numbers of the translocations that begin in a box.
#[pyfunction]
fn crop<'py>(
    py: Python<'py>,
    track: PyReadonlyArray1<'py, i64>,
    coordinates: PyReadonlyArray2<'py, f64>,
    time: PyReadonlyArray1<'py, f64>,
    lower: PyReadonlyArray1<'py, f64>,
    upper: PyReadonlyArray1<'py, f64>,
) -> PyResult<(Indices<'py>, Indices<'py>)> {
    for_dimension!(
        coordinates,
        "coordinates",
        crop_in(py, &track, &coordinates, &time, &lower, &upper)
    )
}

fn crop_in<'py, const D: usize>(
    py: Python<'py>,
    track: &PyReadonlyArray1<'py, i64>,
    coordinates: &PyReadonlyArray2<'py, f64>,
    time: &PyReadonlyArray1<'py, f64>,
    lower: &PyReadonlyArray1<'py, f64>,
    upper: &PyReadonlyArray1<'py, f64>,
) -> PyResult<(Indices<'py>, Indices<'py>)> {
    let track = arrays::slice("track", track)?;
    let coordinates = arrays::rows::<D>("coordinates", coordinates)?;
    let time = arrays::slice("time", time)?;
    let lower = arrays::slice("lower", lower)?;
    let upper = arrays::slice("upper", upper)?;
    let cropped = py.detach(|| trajectories::crop(track, coordinates, time, lower, upper))?;
    Ok(cropped_arrays(py, cropped))
}

pub(super) fn cropped_arrays(py: Python<'_>, cropped: Cropped) -> (Indices<'_>, Indices<'_>) {
    (
        arrays::indices(py, &cropped.rows),
        cropped.tracks.into_pyarray(py),
    )
}

type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// Values of a column at some rows, and by how much it differs from each to the row below.
#[pyfunction]
fn steps<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'py, f64>,
    rows: PyReadonlyArray1<'py, i64>,
) -> PyResult<(Floats<'py>, Floats<'py>)> {
    let values = arrays::slice("values", &values)?;
    let rows = arrays::slice("rows", &rows)?;
    let (origins, differences) = py.detach(|| trajectories::steps(values, rows))?;
    Ok((origins.into_pyarray(py), differences.into_pyarray(py)))
}

/// Numbers of tracks, times and lags of translocations.
pub(super) type Order<'py> = (
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray1<'py, f64>,
    PyReadonlyArray1<'py, f64>,
);

/// The same as the core takes it.
pub(super) fn succession<'a>((track, time, lag): &'a Order<'_>) -> PyResult<Succession<'a>> {
    let (time, lag) = (arrays::slice("time", time)?, arrays::slice("lag", lag)?);
    Ok(Succession::new(arrays::slice("track", track)?, time, lag)?)
}

/// Whether each translocation begins when the one before it ends, in the same track.
#[pyfunction]
fn follows<'py>(py: Python<'py>, order: Order<'py>) -> PyResult<Bound<'py, PyArray1<bool>>> {
    let order = succession(&order)?;
    let found = py.detach(|| order.all())?;
    Ok(found.into_pyarray(py))
}

/// Mean product of each displacement and the one before it in its track, along an axis.
#[pyfunction]
fn mean_successive_product(
    py: Python<'_>,
    order: Order<'_>,
    steps: Vec<PyReadonlyArray1<'_, f64>>,
) -> PyResult<f64> {
    let order = succession(&order)?;
    let steps = steps
        .iter()
        .map(|step| arrays::slice("steps", step))
        .collect::<PyResult<Vec<_>>>()?;
    Ok(py.detach(|| order.mean_product(&steps))?)
}
