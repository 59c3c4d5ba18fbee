//! Tables that many regions are cut out of.

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::intern;
use pyo3::prelude::*;

use super::arrays;
use super::trajectories::{Indices, cropped_arrays};
use crate::geometry::Polygon;
use crate::trajectories::{Area, Columns, Croppable, Cropped};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyCroppable>()
}

/// A table that many regions are cut out of; see [`Croppable`]. Nobody may change its columns.
#[pyclass(module = "tramway._core", name = "Croppable", frozen)]
struct PyCroppable {
    track: Py<PyArray1<i64>>,
    coordinates: Py<PyArray2<f64>>,
    time: Py<PyArray1<f64>>,
    filed: AnyCroppable,
}

enum AnyCroppable {
    Plane(Croppable<2>),
    Space(Croppable<3>),
}

/// What some work finds with the table and its columns, while the interpreter is left to others.
macro_rules! detached {
    ($table:ident, $py:ident, |$filed:ident, $columns:ident| $work:expr) => {{
        let read = $table.read($py)?;
        match &$table.filed {
            AnyCroppable::Plane($filed) => {
                let $columns = columns::<2>(&read)?;
                $py.detach(|| $work)
            }
            AnyCroppable::Space($filed) => {
                let $columns = columns::<3>(&read)?;
                $py.detach(|| $work)
            }
        }
    }};
}

#[pymethods]
impl PyCroppable {
    #[new]
    fn new(
        py: Python<'_>,
        track: &Bound<'_, PyArray1<i64>>,
        coordinates: &Bound<'_, PyArray2<f64>>,
        time: &Bound<'_, PyArray1<f64>>,
    ) -> PyResult<Self> {
        let read = (
            track.try_readonly()?,
            coordinates.try_readonly()?,
            time.try_readonly()?,
        );
        let filed = if arrays::dimension("coordinates", &read.1)? == 2 {
            let columns = columns::<2>(&read)?;
            AnyCroppable::Plane(py.detach(|| Croppable::new(columns))?)
        } else {
            let columns = columns::<3>(&read)?;
            AnyCroppable::Space(py.detach(|| Croppable::new(columns))?)
        };
        Ok(Self {
            track: track.clone().unbind(),
            coordinates: coordinates.clone().unbind(),
            time: time.clone().unbind(),
            filed,
        })
    }

    /// Rows and track numbers of the translocations that begin in any of some areas.
    fn crop<'py>(
        &self,
        py: Python<'py>,
        areas: Vec<Bound<'py, PyAny>>,
    ) -> PyResult<(Indices<'py>, Indices<'py>)> {
        let areas = region(&areas)?;
        let cropped = detached!(self, py, |filed, columns| filed.crop(columns, &areas));
        Ok(cropped_arrays(py, cropped?))
    }

    /// Number of the translocations that begin in each of some regions, and their hash in hexadecimal.
    fn digests(
        &self,
        py: Python<'_>,
        regions: Vec<Vec<Bound<'_, PyAny>>>,
        others: PyReadonlyArray2<'_, u64>,
        seed: u64,
    ) -> PyResult<Vec<(usize, String)>> {
        let regions: Vec<Vec<Area>> = regions
            .iter()
            .map(|areas| region(areas))
            .collect::<PyResult<_>>()?;
        let others = others.as_slice()?;
        let found = detached!(self, py, |filed, columns| filed
            .digests(columns, &regions, others, seed));
        let in_hexadecimal = |(count, digest)| (count, format!("{digest:032x}"));
        Ok(found?.into_iter().map(in_hexadecimal).collect())
    }

    /// Hash of translocations, given as `crop` returns them, in hexadecimal.
    fn digest(
        &self,
        py: Python<'_>,
        rows: PyReadonlyArray1<'_, i64>,
        tracks: PyReadonlyArray1<'_, i64>,
        others: PyReadonlyArray2<'_, u64>,
        seed: u64,
    ) -> PyResult<String> {
        let found = Cropped {
            rows: arrays::counts("rows", arrays::slice("rows", &rows)?)?,
            tracks: arrays::slice("tracks", &tracks)?.to_vec(),
        };
        let others = others.as_slice()?;
        let digest = detached!(self, py, |_filed, columns| columns
            .digest(&found, others, seed));
        Ok(format!("{:032x}", digest?))
    }
}

/// Boxes, and polygons, which have parts; see `Area` of `tramway.data`.
fn region(areas: &[Bound<'_, PyAny>]) -> PyResult<Vec<Area>> {
    let area = |area: &Bound<'_, PyAny>| match area.getattr_opt(intern!(area.py(), "parts"))? {
        Some(parts) => Ok(Area::Polygon(Polygon::new(parts.extract()?))),
        None => Ok(Area::Box(
            area.getattr(intern!(area.py(), "lower"))?.extract()?,
            area.getattr(intern!(area.py(), "upper"))?.extract()?,
        )),
    };
    areas.iter().map(area).collect()
}

/// Numbers of tracks, places and times.
type ReadColumns<'py> = (
    PyReadonlyArray1<'py, i64>,
    PyReadonlyArray2<'py, f64>,
    PyReadonlyArray1<'py, f64>,
);

impl PyCroppable {
    fn read<'py>(&self, py: Python<'py>) -> PyResult<ReadColumns<'py>> {
        Ok((
            self.track.bind(py).try_readonly()?,
            self.coordinates.bind(py).try_readonly()?,
            self.time.bind(py).try_readonly()?,
        ))
    }
}

fn columns<'a, const D: usize>(read: &'a ReadColumns<'_>) -> PyResult<Columns<'a, D>> {
    Ok(Columns {
        track: arrays::slice("track", &read.0)?,
        coordinates: arrays::rows("coordinates", &read.1)?,
        time: arrays::slice("time", &read.2)?,
    })
}
