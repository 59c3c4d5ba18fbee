//! HDF5 files in memory, object by object.

use std::path::PathBuf;

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use super::arrays::slice;
use super::errors::InvalidInputError;
use crate::hdf5::{Image, Object, Outline, read};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Hdf5Image>()?;
    module.add_function(wrap_pyfunction!(read_hdf5, module)?)
}

/// An HDF5 file that grows; see [`Image`].
#[pyclass(module = "tramway._core")]
struct Hdf5Image(Option<Image>);

type Attributes = Vec<(String, String)>;

#[pymethods]
impl Hdf5Image {
    #[new]
    fn new() -> Self {
        Self(Some(Image::new()))
    }

    /// Adds values, as bytes, of a type; returns the address, and where they are if in a chunk.
    fn add_dataset(
        &mut self,
        datatype: &[u8],
        shape: Vec<u64>,
        values: numpy::PyReadonlyArray1<'_, u8>,
        attributes: Attributes,
    ) -> PyResult<(u64, Option<u64>)> {
        let values = slice("values", &values)?;
        let attributes = borrowed(&attributes);
        let dataset = self
            .image()?
            .add_dataset(datatype, &shape, values, &attributes)?;
        Ok((dataset, Image::chunk_of(dataset, values.len())))
    }

    /// Adds a group of objects that have addresses; returns its own.
    fn add_group(&mut self, attributes: Attributes, members: Vec<(String, u64)>) -> PyResult<u64> {
        let members: Vec<_> = members
            .iter()
            .map(|(name, address)| (name.as_str(), *address))
            .collect();
        Ok(self.image()?.add_group(&borrowed(&attributes), &members)?)
    }

    /// Adds the object of a name that a file, written here, is made of; returns the address.
    ///
    /// None, and nothing is added, if the file is of another kind.
    fn add_object(&mut self, file: &[u8], name: &str) -> PyResult<Option<u64>> {
        Ok(self.image()?.add_object(file, name))
    }

    /// The file, whose root group is at an address; nothing can be added then.
    fn finish<'py>(&mut self, py: Python<'py>, root: u64) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.finished(root)?))
    }

    /// The same as an array, which takes no memory of its own.
    fn finish_array<'py>(
        &mut self,
        py: Python<'py>,
        root: u64,
    ) -> PyResult<Bound<'py, PyArray1<u8>>> {
        Ok(PyArray1::from_vec(py, self.finished(root)?))
    }
}

impl Hdf5Image {
    fn finished(&mut self, root: u64) -> PyResult<Vec<u8>> {
        self.image()?;
        Ok(self.0.take().unwrap_or_default().finish(root))
    }

    fn image(&mut self) -> PyResult<&mut Image> {
        self.0
            .as_mut()
            .ok_or_else(|| InvalidInputError::new_err("the file is finished"))
    }
}

/// Reads the object at an address of a file, with what is in it but `without`; see [`read`].
///
/// A group is its attributes and its members, a dataset its attributes, type, shape and values, the
/// last as bytes in an array. None if it is damaged, or not as it is written here. Of groups whose
/// name is that of `outline`, no more is read than the members of the names beside it, and None for
/// values that are not beside their shapes.
#[pyfunction]
#[pyo3(signature = (path, address, without, outline=None))]
fn read_hdf5(
    py: Python<'_>,
    path: PathBuf,
    address: u64,
    without: Vec<String>,
    outline: Option<(String, Vec<String>)>,
) -> PyResult<Option<Bound<'_, PyAny>>> {
    let without: Vec<_> = without.iter().map(String::as_str).collect();
    let names: Vec<_> = outline
        .iter()
        .flat_map(|(_, taken)| taken)
        .map(String::as_str)
        .collect();
    let outline = outline
        .as_ref()
        .map(|(of, _)| Outline { of, taken: &names });
    let found = py.detach(|| read(&path, address, &without, outline.as_ref()));
    found.map(|object| as_python(py, object)).transpose()
}

fn as_python(py: Python<'_>, object: Object) -> PyResult<Bound<'_, PyAny>> {
    match object {
        Object::Group {
            attributes,
            members,
        } => {
            let found = PyDict::new(py);
            for (name, member) in members {
                found.set_item(name, as_python(py, member)?)?;
            }
            Ok((texts(py, attributes)?, found)
                .into_pyobject(py)?
                .into_any())
        }
        Object::Dataset {
            attributes,
            datatype,
            shape,
            values,
        } => {
            let datatype = PyBytes::new(py, &datatype);
            let values = values.map(|values| PyArray1::from_vec(py, values));
            let found = (texts(py, attributes)?, datatype, shape, values);
            Ok(found.into_pyobject(py)?.into_any())
        }
    }
}

fn texts(py: Python<'_>, attributes: Attributes) -> PyResult<Bound<'_, PyDict>> {
    let found = PyDict::new(py);
    for (name, text) in attributes {
        found.set_item(name, text)?;
    }
    Ok(found)
}

fn borrowed(attributes: &Attributes) -> Vec<(&str, &str)> {
    attributes
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect()
}
