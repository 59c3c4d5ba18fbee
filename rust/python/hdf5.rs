//! HDF5 files: trees of Python's objects laid out as one, and objects read from them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::PathBuf;

use bytemuck::NoUninit;
use numpy::{
    Element, PyArray1, PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyReadonlyArrayDyn,
    PyUntypedArray, PyUntypedArrayMethods,
};
use pyo3::exceptions::PyOSError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyType};

use crate::hdf5::{Image, Object, Outline, read};

pub(super) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Hdf5Image>()?;
    module.add_function(wrap_pyfunction!(crc_32, module)?)?;
    module.add_function(wrap_pyfunction!(read_hdf5, module)?)?;
    module.add_function(wrap_pyfunction!(write_hdf5, module)?)
}

/// The CRC-32 of bytes, as `zlib` has it.
#[pyfunction]
fn crc_32(content: &[u8]) -> u32 {
    crc32fast::hash(content)
}

/// Groups and datasets of Python as an HDF5 file; see [`Image`].
///
/// A group has `name`, `attributes` and `members`, by name; a dataset `array`, `attributes` and
/// `datatype`; and what is to be copied, `item`: bytes of a file whose only object is called `object`.
#[pyclass(module = "tramway._core")]
struct Hdf5Image {
    content: Vec<u8>,
    later: Py<PyList>,
    places: HashMap<ArrayKey, u64>,
}

/// What tells an array from others as long as it is in memory: its address, bytes, type and shape.
type ArrayKey = (usize, (u8, usize), Vec<usize>);

type Attributes = Vec<(String, String)>;

#[pymethods]
impl Hdf5Image {
    /// Lays out all that is in a group, but arrays of more bytes than `largest`, and what is not as
    /// it is written here.
    #[new]
    fn new(root: &Bound<'_, PyAny>, largest: usize) -> PyResult<Self> {
        let mut writing = Writing::new(root, largest, None);
        let root = writing.add_group(root)?;
        Ok(Self {
            content: writing.image.finish(root),
            later: writing.later.unbind(),
            places: writing.places,
        })
    }

    /// What was left out: the name of the group, that in the group, and what it is.
    #[getter]
    fn later(&self, py: Python<'_>) -> Py<PyList> {
        self.later.clone_ref(py)
    }

    /// Where an array that was stored has a chunk of its own; None if it has none.
    fn place_of(&self, array: &Bound<'_, PyAny>) -> Option<u64> {
        self.places.get(&Values::of(array)?.key).copied()
    }

    /// The file, and what comes after its end.
    fn content<'py>(&self, py: Python<'py>, more: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        PyBytes::new_with(py, self.content.len() + more.len(), |bytes| {
            let (file, rest) = bytes.split_at_mut(self.content.len());
            file.copy_from_slice(&self.content);
            rest.copy_from_slice(more);
            Ok(())
        })
    }
}

/// Writes what [`Hdf5Image`] lays out into a file, and returns what was left out.
#[pyfunction]
fn write_hdf5(path: PathBuf, root: &Bound<'_, PyAny>, largest: usize) -> PyResult<Py<PyList>> {
    let file = File::create(path).map_err(os_error)?;
    let mut writing = Writing::new(root, largest, Some(file));
    let root = writing.add_group(root)?;
    writing.write_held()?;
    let superblock = writing.image.superblock(root);
    if let Some(mut file) = writing.file {
        file.rewind()
            .and_then(|()| file.write_all(&superblock))
            .map_err(os_error)?;
    }
    Ok(writing.later.unbind())
}

/// An error of the system, with its number, of which Python makes the right kind, and its text.
fn os_error(error: io::Error) -> PyErr {
    let Some(number) = error.raw_os_error() else {
        return error.into();
    };
    let text = error.to_string();
    let suffix = format!(" (os error {number})"); // Rust's own
    PyOSError::new_err((number, text.trim_end_matches(&suffix).to_owned()))
}

/// Bytes that are held before they are written.
const HELD: usize = 1 << 20;

/// A file that is being laid out.
struct Writing<'py> {
    image: Image,
    group: Bound<'py, PyType>,
    later: Bound<'py, PyList>,
    places: HashMap<ArrayKey, u64>,
    largest: usize,
    /// Where bytes go as they become many; None: they are all held.
    file: Option<File>,
}

impl<'py> Writing<'py> {
    fn new(root: &Bound<'py, PyAny>, largest: usize, file: Option<File>) -> Self {
        Self {
            image: Image::new(),
            group: root.get_type(),
            later: PyList::empty(root.py()),
            places: HashMap::new(),
            largest,
            file,
        }
    }

    fn write_held(&mut self) -> PyResult<()> {
        if let Some(file) = &mut self.file {
            let held = self.image.held();
            self.later
                .py()
                .detach(|| file.write_all(held))
                .map_err(os_error)?;
            self.image.forget_held();
        }
        Ok(())
    }

    /// Adds a group after all that is in it; the result is its address.
    fn add_group(&mut self, group: &Bound<'_, PyAny>) -> PyResult<u64> {
        let py = group.py();
        let members = group.getattr(intern!(py, "members"))?;
        let members = members.cast::<PyDict>()?;
        let mut links = Vec::with_capacity(members.len());
        for (name, member) in members {
            if self.image.held().len() > HELD {
                self.write_held()?;
            }
            match self.add(&member)? {
                Some(address) => links.push((name.cast_into::<PyString>()?, address)),
                None => self
                    .later
                    .append((group.getattr(intern!(py, "name"))?, name, member))?,
            }
        }
        let links: Vec<_> = links
            .iter()
            .map(|(name, address)| Ok((name.to_str()?, *address)))
            .collect::<PyResult<_>>()?;
        with_attributes(group, |attributes| {
            Ok(self.image.add_group(attributes, &links)?)
        })
    }

    /// Adds what is in a group; None if it is left out.
    fn add(&mut self, member: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
        let py = member.py();
        if member.is_exact_instance(&self.group) {
            return self.add_group(member).map(Some);
        }
        if let Some(item) = member.getattr_opt(intern!(py, "item"))? {
            let file = item.cast::<PyBytes>().ok();
            return Ok(file.and_then(|file| self.image.add_object(file.as_bytes(), "object")));
        }
        let array = member.getattr(intern!(py, "array"))?;
        let untyped = array.cast::<PyUntypedArray>()?;
        if untyped.len() * untyped.dtype().itemsize() > self.largest {
            return Ok(None);
        }
        let shape: Vec<_> = untyped.shape().iter().map(|&size| size as u64).collect();
        let datatype = member.getattr(intern!(py, "datatype"))?;
        let datatype = datatype.cast::<PyBytes>()?.as_bytes();
        with_attributes(member, |attributes| {
            let Some(values) = Values::of(&array) else {
                let copied = array.call_method0(intern!(py, "tobytes"))?;
                let values = copied.cast::<PyBytes>()?.as_bytes();
                let image = &mut self.image;
                return Ok(Some(
                    image.add_dataset(datatype, &shape, values, attributes)?,
                ));
            };
            let bytes = values.array.bytes();
            let address = self
                .image
                .add_dataset(datatype, &shape, bytes, attributes)?;
            if let Some(chunk) = Image::chunk_of(address, bytes.len()) {
                self.places.insert(values.key, chunk);
            }
            Ok(Some(address))
        })
    }
}

/// An array whose elements are in order in memory, as bytes.
struct Values<'py> {
    array: Box<dyn Bytes + 'py>,
    key: ArrayKey,
}

trait Bytes {
    fn bytes(&self) -> &[u8];
}

impl<T: Element + NoUninit> Bytes for PyReadonlyArrayDyn<'_, T> {
    fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(self.as_slice().unwrap_or_default())
    }
}

impl<'py> Values<'py> {
    /// None where elements are not in order, or of a type that few arrays have.
    fn of(array: &Bound<'py, PyAny>) -> Option<Self> {
        let untyped = array.cast::<PyUntypedArray>().ok()?;
        let dtype = untyped.dtype();
        let kind = (dtype.kind(), dtype.itemsize());
        // Elements that are in order column by column are a slice, too.
        if !untyped.is_c_contiguous() {
            return None;
        }
        let array = match kind {
            (b'f', 8) => typed::<f64>(array),
            (b'f', 4) => typed::<f32>(array),
            (b'i', 8) => typed::<i64>(array),
            (b'i', 4) => typed::<i32>(array),
            (b'u', 1) => typed::<u8>(array),
            (b'b', 1) => typed::<bool>(array),
            _ => None,
        }?;
        let address = array.bytes().as_ptr() as usize;
        let key = (address, kind, untyped.shape().to_vec());
        Some(Self { array, key })
    }
}

fn typed<'py, T: Element + NoUninit>(array: &Bound<'py, PyAny>) -> Option<Box<dyn Bytes + 'py>> {
    let array = array.cast::<PyArrayDyn<T>>().ok()?;
    Some(Box::new(array.try_readonly().ok()?))
}

/// Calls a function with the attributes of an object.
fn with_attributes<R>(
    object: &Bound<'_, PyAny>,
    call: impl FnOnce(&[(&str, &str)]) -> PyResult<R>,
) -> PyResult<R> {
    let attributes = object.getattr(intern!(object.py(), "attributes"))?;
    let attributes: Vec<_> = attributes.cast::<PyDict>()?.iter().collect();
    let attributes: Vec<_> = attributes
        .iter()
        .map(|(name, text)| {
            let [name, text] = [name, text].map(|part| part.cast::<PyString>());
            Ok((name?.to_str()?, text?.to_str()?))
        })
        .collect::<PyResult<_>>()?;
    call(&attributes)
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
