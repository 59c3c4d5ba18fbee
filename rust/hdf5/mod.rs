//! HDF5 files in memory: groups and datasets with text attributes, under checksums.
//!
//! A `.rwa` file has over a hundred small objects for each region. The HDF5 library takes some
//! twenty microseconds to make one of them; to write down what it would have written takes less
//! than one. This writes what such files need, and no more, by the *HDF5 File Format Specification
//! Version 3.0*: superblock 3, object headers 2, links inside the headers of their groups, values
//! beside their type or in one chunk. All but raw values is under the checksums of the format, and
//! those have one of their own (the filter `fletcher32`). What was written here, and is as it was, is
//! read here, too ([`read`]); all else is the library's business.

mod checksums;
mod header;
mod moving;
mod reading;

pub use reading::{Object, Outline, read};

use std::iter;

use crate::{Error, Result};

use checksums::{fletcher_32, lookup_3};

const SIGNATURE: &[u8; 8] = b"\x89HDF\r\n\x1a\n";
const SUPERBLOCK_LENGTH: usize = 48;
const UNDEFINED: u64 = u64::MAX;

/// What a group says of its links if they are all in its header: two addresses of nothing.
const LINKS_HERE: [u8; 18] = {
    let mut body = [0xff; 18];
    (body[0], body[1]) = (0, 0);
    body
};

/// Bytes of values that are stored beside their type.
pub const MOST_BESIDE_TYPE: usize = 4096;

/// Bytes of values that one chunk can have: lengths in it are of 32 bits.
const MOST_IN_CHUNK: usize = u32::MAX as usize - 8;

/// Kinds of messages in object headers (IV.A.2 of the specification).
mod kind {
    pub(super) const DATASPACE: u8 = 1;
    pub(super) const LINK_INFO: u8 = 2;
    pub(super) const DATATYPE: u8 = 3;
    pub(super) const FILL_VALUE: u8 = 5;
    pub(super) const LINK: u8 = 6;
    pub(super) const LAYOUT: u8 = 8;
    pub(super) const GROUP_INFO: u8 = 10;
    pub(super) const FILTERS: u8 = 11;
    pub(super) const ATTRIBUTE: u8 = 12;
    pub(super) const CONTINUATION: u8 = 16;
}

/// Names and texts: attributes of an object.
pub type Attributes<'a> = [(&'a str, &'a str)];

/// An HDF5 file that grows: members first, then the groups that they are in.
#[derive(Debug)]
pub struct Image {
    /// Number of bytes before those that are held.
    before: u64,
    bytes: Vec<u8>,
    header: Header,
}

impl Default for Image {
    fn default() -> Self {
        Self::new()
    }
}

impl Image {
    /// A file without objects.
    #[must_use]
    pub fn new() -> Self {
        Self {
            before: 0,
            bytes: vec![0; SUPERBLOCK_LENGTH],
            header: Header::default(),
        }
    }

    /// Adds values of some type; the result is the address to link to.
    ///
    /// `datatype` is the body of a datatype message, `shape` is empty for a single value, and
    /// `values` are the elements in their order, one type after the other.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if an attribute, the type or the values are longer than the format can say.
    pub fn add_dataset(
        &mut self,
        datatype: &[u8],
        shape: &[u64],
        values: &[u8],
        attributes: &Attributes<'_>,
    ) -> Result<u64> {
        let start = self.end(); // of what comes before the header
        let header = self.header.begin();
        header.add(kind::DATASPACE, |body| dataspace(body, shape))?;
        header.add_bytes(kind::DATATYPE, datatype)?;
        if values.len() <= MOST_BESIDE_TYPE {
            header.add_bytes(kind::FILL_VALUE, &fill_value(Allocation::Early))?;
            let length = length_16("values", values.len())?;
            header.add(kind::LAYOUT, |body| {
                body.extend([4, 0]);
                body.extend(length.to_le_bytes());
                body.extend_from_slice(values);
                Ok(())
            })?;
        } else {
            header.add_bytes(kind::FILL_VALUE, &fill_value(Allocation::Incremental))?;
            if values.len() > MOST_IN_CHUNK {
                return Err(too_long("values", values.len()));
            }
            self.bytes.extend_from_slice(values);
            self.bytes.extend(fletcher_32(values).to_le_bytes());
            let size = values.len() as u64 + 4;
            let element = values.len() as u64 / shape.iter().product::<u64>().max(1);
            header.add(kind::LAYOUT, |body| {
                one_chunk(body, shape, element, size, start)
            })?;
            header.add_bytes(kind::FILTERS, &[2, 1, 3, 0, 0, 0, 0, 0])?;
        }
        self.close(attributes)
    }

    /// Place of the values of a dataset that was added, of so many bytes, if they have a chunk.
    #[must_use]
    pub fn chunk_of(dataset: u64, length: usize) -> Option<u64> {
        // The checksum and the header come right after them.
        let before = (length > MOST_BESIDE_TYPE).then_some(length as u64 + 4)?;
        dataset.checked_sub(before)
    }

    /// Adds a group of objects that were added before; the result is its own address.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if an attribute or a name is longer than the format can say.
    pub fn add_group(
        &mut self,
        attributes: &Attributes<'_>,
        members: &[(&str, u64)],
    ) -> Result<u64> {
        let header = self.header.begin();
        header.add_bytes(kind::LINK_INFO, &LINKS_HERE)?;
        header.add_bytes(kind::GROUP_INFO, &[0, 0])?;
        for (name, address) in members {
            header.add(kind::LINK, |body| link(body, name, *address))?;
        }
        self.close(attributes)
    }

    /// Adds the only object of a file that was written here, and what is in it.
    ///
    /// The result is its address; none, and nothing is added, if the file is of another kind.
    pub fn add_object(&mut self, file: &[u8], name: &str) -> Option<u64> {
        moving::put(file, name, &mut self.bytes, self.before)
    }

    /// Bytes of the file that were not forgotten: those at its end.
    #[must_use]
    pub fn held(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets bytes that were written somewhere.
    pub fn forget_held(&mut self) {
        self.before += self.bytes.len() as u64;
        self.bytes.clear();
    }

    /// The file, of which nothing was forgotten, given the address of the group that everything is in.
    #[must_use]
    pub fn finish(mut self, root: u64) -> Vec<u8> {
        let superblock = self.superblock(root);
        self.bytes[..SUPERBLOCK_LENGTH].copy_from_slice(&superblock);
        self.bytes
    }

    /// How the file begins, whose first bytes these replace when all is added.
    #[must_use]
    pub fn superblock(&self, root: u64) -> Vec<u8> {
        let mut superblock = SIGNATURE.to_vec();
        superblock.extend([3, 8, 8, 0]); // version, bytes of offsets and of lengths, no flag
        for address in [0, UNDEFINED, self.end(), root] {
            superblock.extend(address.to_le_bytes());
        }
        superblock.extend(lookup_3(&superblock).to_le_bytes());
        superblock
    }

    fn close(&mut self, attributes: &Attributes<'_>) -> Result<u64> {
        for (name, text) in attributes {
            self.header
                .add(kind::ATTRIBUTE, |body| attribute(body, name, text))?;
        }
        let address = self.end();
        self.header.write(&mut self.bytes);
        Ok(address)
    }

    fn end(&self) -> u64 {
        self.before + self.bytes.len() as u64
    }
}

/// Messages of the object that is being added.
#[derive(Debug, Default)]
struct Header {
    messages: Vec<u8>,
}

impl Header {
    fn begin(&mut self) -> &mut Self {
        self.messages.clear();
        self
    }

    fn add_bytes(&mut self, kind: u8, body: &[u8]) -> Result<()> {
        self.add(kind, |message| {
            message.extend_from_slice(body);
            Ok(())
        })
    }

    fn add(&mut self, kind: u8, write: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
        let is_constant = matches!(kind, kind::DATATYPE | kind::FILL_VALUE | kind::GROUP_INFO);
        self.messages.extend([kind, 0, 0, u8::from(is_constant)]);
        let begin = self.messages.len();
        write(&mut self.messages)?;
        let length = length_16("message", self.messages.len() - begin)?;
        self.messages[begin - 3..begin - 1].copy_from_slice(&length.to_le_bytes());
        Ok(())
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        let begin = bytes.len();
        let length = (self.messages.len() as u64).to_le_bytes();
        // The flags say how many bytes the length has: 1, 2, 4 or 8.
        let flags = match self.messages.len() {
            0..=0xff => 0_u8,
            0x100..=0xffff => 1,
            0x1_0000..=0xffff_ffff => 2,
            _ => 3,
        };
        bytes.extend_from_slice(b"OHDR");
        bytes.extend([2, flags]);
        bytes.extend_from_slice(&length[..1 << flags]);
        bytes.extend_from_slice(&self.messages);
        let sum = lookup_3(&bytes[begin..]);
        bytes.extend(sum.to_le_bytes());
    }
}

fn dataspace(body: &mut Vec<u8>, shape: &[u64]) -> Result<()> {
    let rank = u8::try_from(shape.len()).map_err(|_| too_long("shape", shape.len()))?;
    body.extend([2, rank, 0, u8::from(rank > 0)]);
    body.extend(shape.iter().flat_map(|size| size.to_le_bytes()));
    Ok(())
}

#[derive(Clone, Copy)]
enum Allocation {
    Early = 1,
    Incremental = 3,
}

/// No value of its own, to be written where one is set.
fn fill_value(allocation: Allocation) -> [u8; 2] {
    [3, allocation as u8 | 2 << 2]
}

/// Layout of values that are all in one chunk, of a size in the file that has its checksum in it.
fn one_chunk(
    body: &mut Vec<u8>,
    shape: &[u64],
    element: u64,
    size: u64,
    address: u64,
) -> Result<()> {
    let sizes = || shape.iter().copied().chain(iter::once(element));
    let largest = sizes().max().unwrap_or(1).max(1);
    let width = 8 - largest.leading_zeros() / 8;
    let rank = u8::try_from(shape.len() + 1).map_err(|_| too_long("shape", shape.len()))?;
    body.extend([4, 2, 2, rank]);
    body.extend(width.to_le_bytes().first());
    for value in sizes() {
        body.extend(value.to_le_bytes().iter().take(width as usize));
    }
    body.push(1); // the index of a single chunk
    body.extend(size.to_le_bytes());
    body.extend([0; 4]); // no filter is left out
    body.extend(address.to_le_bytes());
    Ok(())
}

fn link(body: &mut Vec<u8>, name: &str, address: u64) -> Result<()> {
    let length = length_16("name", name.len())?;
    let is_wide = length > 0xff;
    let is_unicode = !name.is_ascii();
    body.extend([1, u8::from(is_wide) | u8::from(is_unicode) << 4]);
    if is_unicode {
        body.push(1);
    }
    body.extend(&length.to_le_bytes()[..=usize::from(is_wide)]);
    body.extend_from_slice(name.as_bytes());
    body.extend(address.to_le_bytes());
    Ok(())
}

fn attribute(body: &mut Vec<u8>, name: &str, text: &str) -> Result<()> {
    let length = text.len().max(1);
    let characters = u32::try_from(length).map_err(|_| too_long("attribute", length))?;
    let [datatype_length, dataspace_length] = [8_u16, 4];
    body.extend([3, 0]);
    body.extend(length_16("name", name.len() + 1)?.to_le_bytes());
    body.extend(datatype_length.to_le_bytes());
    body.extend(dataspace_length.to_le_bytes());
    body.push(u8::from(!name.is_ascii()));
    body.extend_from_slice(name.as_bytes());
    body.push(0);
    body.extend([0x13, 1, 0, 0]); // a string of one length, padded with zeros
    body.extend(characters.to_le_bytes());
    dataspace(body, &[])?;
    body.extend_from_slice(text.as_bytes());
    body.resize(body.len() + length - text.len(), 0);
    Ok(())
}

fn length_16(name: &'static str, length: usize) -> Result<u16> {
    u16::try_from(length).map_err(|_| too_long(name, length))
}

fn too_long(name: &'static str, length: usize) -> Error {
    Error::Value {
        name,
        seen: format!("of length {length}"),
        expected: "less than an HDF5 file can hold in one place",
    }
}
