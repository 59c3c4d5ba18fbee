//! Objects that were written here, read with all their checksums verified.
//!
//! Nothing but what [`super::Image`] writes is read, and what the library makes of that where it
//! copies it, or adds to it. For all else, where something was taken out, and where a byte is not as
//! it was, the answer is that it is not known, and the library is asked, which has better words for
//! what is wrong.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::header::{FIRST_BYTES, Header, continued, number};
use super::{UNDEFINED, fletcher_32, kind};

/// Bytes that are read from the file at once: objects are small, and side by side.
const BLOCK: u64 = 1 << 14;

/// Blocks that are kept.
const MOST_BLOCKS: usize = 1024;

/// Groups in one another.
const MOST_DEEP: usize = 50;

/// Names and texts.
type Texts = Vec<(String, String)>;

/// An object of an HDF5 file, with all that is in it.
#[derive(Debug, PartialEq)]
pub enum Object {
    /// A group.
    Group {
        /// Its attributes.
        attributes: Texts,
        /// What is in it, by name.
        members: Vec<(String, Object)>,
    },
    /// Values.
    Dataset {
        /// Its attributes.
        attributes: Texts,
        /// Body of the message that tells the type of the elements.
        datatype: Vec<u8>,
        /// Sizes of the dimensions; none of a single value.
        shape: Vec<u64>,
        /// The elements in their order; none that are not beside these, where an outline is read.
        values: Option<Vec<u8>>,
    },
}

/// Reads the object at an address in a file, but what is `without` in its groups, by these names.
///
/// None if it is damaged, or not as it is written here.
#[must_use]
pub fn read(
    path: &Path,
    address: u64,
    without: &[&str],
    outline: Option<&Outline<'_>>,
) -> Option<Object> {
    let file = File::open(path).ok()?;
    let size = file.metadata().ok()?.len();
    let mut reader = Reader {
        content: Content::new(file, size),
        without,
        outline,
        seen: HashSet::new(),
        left: size,
    };
    reader.object(address, 0, false)
}

/// Of which groups no more than names and shapes is read.
#[derive(Debug)]
pub struct Outline<'a> {
    /// What they are called; all that is in them is meant, too.
    pub of: &'a str,
    /// Names of the members that are looked at, beside numbers.
    pub taken: &'a [&'a str],
}

struct Reader<'a, R> {
    content: Content<R>,
    /// Names of members that are not looked at.
    without: &'a [&'a str],
    outline: Option<&'a Outline<'a>>,
    seen: HashSet<u64>,
    /// Bytes that values can have yet: all together no more than the file.
    left: u64,
}

impl<R: Read + Seek> Reader<'_, R> {
    /// Whether a member is looked at, in a group of which an outline is read or another.
    fn takes(&self, name: &str, in_outline: bool) -> bool {
        let is_number = || name.bytes().all(|byte| byte.is_ascii_digit());
        match self.outline {
            Some(outline) if in_outline => outline.taken.contains(&name) || is_number(),
            _ => !self.without.contains(&name),
        }
    }

    fn object(&mut self, address: u64, depth: usize, in_outline: bool) -> Option<Object> {
        if depth > MOST_DEEP || !self.seen.insert(address) {
            return None;
        }
        let messages = self.messages(address)?;
        let mut attributes = Vec::new();
        let mut links = Vec::new();
        let (mut shape, mut datatype, mut layout) = (None, None, None);
        let mut is_group = false;
        let mut filters: &[u8] = &[];
        for (kind, body) in &messages {
            let body = &body[..];
            match *kind {
                kind::FILL_VALUE | kind::GROUP_INFO => {}
                kind::LINK_INFO => is_group = has_links_in_header(body).then_some(true)?,
                kind::LINK => links.push(link(body)?),
                kind::ATTRIBUTE => attributes.push(attribute(body)?),
                kind::DATASPACE => shape = Some(sizes(body)?),
                kind::DATATYPE => datatype = Some(body),
                kind::LAYOUT => layout = Some(body),
                kind::FILTERS => filters = body,
                _ => return None,
            }
        }
        if is_group {
            links.retain(|(name, _): &(String, u64)| self.takes(name, in_outline));
            let members = links.into_iter().map(|(name, address)| {
                let is_outlined = in_outline || self.outline.is_some_and(|o| o.of == name);
                let member = self.object(address, depth + 1, is_outlined)?;
                Some((name, member))
            });
            let members = members.collect::<Option<_>>()?;
            return Some(Object::Group {
                attributes,
                members,
            });
        }
        let (shape, datatype) = (shape?, datatype?);
        let is_elsewhere = matches!(layout?, [4, 2, ..]);
        let values = if in_outline && is_elsewhere {
            None
        } else {
            Some(self.values(layout?, filters, &shape, element_of(datatype)?)?)
        };
        Some(Object::Dataset {
            attributes,
            datatype: datatype.to_vec(),
            shape,
            values,
        })
    }

    /// Messages of an object, by kind, wherever they are.
    fn messages(&mut self, address: u64) -> Option<Vec<(u8, Vec<u8>)>> {
        let first = self.content.bytes(address, FIRST_BYTES)?;
        let bytes = self.content.bytes(address, Header::length(&first)?)?;
        let mut found = Header::read(&bytes, 0)?.messages(&bytes)?;
        let mut block = bytes;
        let mut todo = Vec::new();
        let mut all = Vec::new();
        loop {
            for message in found {
                let body = &block[message.body];
                if message.kind == kind::CONTINUATION {
                    todo.push((number(body, 0)?, number(body, 8)?));
                } else {
                    all.push((message.kind, body.to_vec()));
                }
            }
            let Some((place, length)) = todo.pop() else {
                return Some(all);
            };
            if !self.seen.insert(place) || length > self.content.size {
                return None;
            }
            block = self.content.bytes(place, usize::try_from(length).ok()?)?;
            found = continued(&block)?;
        }
    }

    /// Values of a layout, of a shape and a size of each element.
    fn values(
        &mut self,
        layout: &[u8],
        filters: &[u8],
        shape: &[u64],
        element: u64,
    ) -> Option<Vec<u8>> {
        let count = shape.iter().try_fold(1_u64, |n, size| n.checked_mul(*size));
        let length = count?.checked_mul(element)?;
        self.left = self.left.checked_sub(length)?;
        let length = usize::try_from(length).ok()?;
        match layout {
            [4, 0, low, high, values @ ..] if filters.is_empty() => {
                let is_all = usize::from(u16::from_le_bytes([*low, *high])) == length;
                (is_all && values.len() == length).then(|| values.to_vec())
            }
            [4, 2, 2, rank, width @ 1..=8, rest @ ..] if is_checksum_alone(filters) => {
                let (rank, width) = (usize::from(*rank), usize::from(*width));
                let (sizes, rest) = rest.split_at_checked(rank * width)?;
                let chunk = sizes.chunks_exact(width).map(|size| {
                    let mut bytes = [0; 8];
                    bytes[..width].copy_from_slice(size);
                    u64::from_le_bytes(bytes)
                });
                // All in one chunk, from which no filter was left out.
                let is_one = chunk.eq(shape.iter().copied().chain([element]));
                if !is_one || rest.len() != 21 || rest[0] != 1 || rest[9..13] != [0; 4] {
                    return None;
                }
                if number(rest, 1)? != length as u64 + 4 {
                    return None;
                }
                let mut values = self.content.bytes(number(rest, 13)?, length + 4)?;
                let sum = values.split_off(length);
                (sum == fletcher_32(&values).to_le_bytes()).then_some(values)
            }
            _ => None,
        }
    }
}

/// Whether all links of a group are messages of its own.
fn has_links_in_header(body: &[u8]) -> bool {
    let nowhere = UNDEFINED.to_le_bytes();
    body == [&[0, 0], &nowhere[..], &nowhere].concat()
}

/// Whether values have gone through `fletcher32`, and nothing else.
fn is_checksum_alone(body: &[u8]) -> bool {
    // Version, number of filters; number of the filter, flags, how many parameters it has.
    matches!(body, [2, 1, 3, 0, _, _, 0, 0])
}

fn link(body: &[u8]) -> Option<(String, u64)> {
    let (head, address) = body.split_at_checked(body.len().checked_sub(8)?)?;
    let (wide, head) = match head {
        [1, flags @ (0 | 1), rest @ ..] | [1, flags @ (0x10 | 0x11), 0 | 1, rest @ ..] => {
            (flags & 1 == 1, rest)
        }
        _ => return None,
    };
    let (length, name) = head.split_at_checked(1 + usize::from(wide))?;
    let said = length.iter().rev().fold(0, |n, b| n << 8 | usize::from(*b));
    (said == name.len()).then_some((text(name)?, number(address, 0)?))
}

/// An attribute that is a text of one length.
fn attribute(body: &[u8]) -> Option<(String, String)> {
    let &[
        3,
        0,
        name_low,
        name_high,
        8,
        0,
        space_low,
        space_high,
        0 | 1,
        ref rest @ ..,
    ] = body
    else {
        return None;
    };
    let (name, rest) =
        rest.split_at_checked(usize::from(u16::from_le_bytes([name_low, name_high])))?;
    let (datatype, rest) = rest.split_at_checked(8)?;
    let (space, value) =
        rest.split_at_checked(usize::from(u16::from_le_bytes([space_low, space_high])))?;
    let is_text = datatype[0] == 0x13 && element_of(datatype)? == value.len() as u64;
    let name = name.strip_suffix(&[0])?;
    (is_text && sizes(space)?.is_empty()).then_some((text(name)?, text(value)?))
}

/// Sizes of the dimensions.
fn sizes(body: &[u8]) -> Option<Vec<u64>> {
    let [2, rank, flags @ (0 | 1), kind, sizes @ ..] = body else {
        return None;
    };
    let rank = usize::from(*rank);
    // The largest sizes that they can have may follow.
    let is_whole = sizes.len() == 8 * rank * (1 + usize::from(*flags));
    (is_whole && *kind == u8::from(rank > 0))
        .then(|| (0..rank).map(|i| number(sizes, 8 * i)).collect())?
}

/// Bytes of an element that is an integer, a float, a text of one length or a boolean.
fn element_of(datatype: &[u8]) -> Option<u64> {
    let size = datatype.get(4..8)?.try_into().ok()?;
    matches!(datatype[0] & 0x0f, 0 | 1 | 3 | 8).then(|| u64::from(u32::from_le_bytes(size)))
}

/// Text that is filled up with zeros.
fn text(bytes: &[u8]) -> Option<String> {
    let end = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |i| i + 1);
    String::from_utf8(bytes[..end].to_vec()).ok()
}

/// What is in a file, by blocks.
struct Content<R> {
    source: R,
    size: u64,
    blocks: HashMap<u64, Vec<u8>>,
}

impl<R: Read + Seek> Content<R> {
    fn new(source: R, size: u64) -> Self {
        Self {
            source,
            size,
            blocks: HashMap::new(),
        }
    }

    /// Bytes from some place on; fewer, where the file ends.
    fn bytes(&mut self, begin: u64, length: usize) -> Option<Vec<u8>> {
        let end = begin.checked_add(length as u64)?.min(self.size);
        if begin >= end {
            return None;
        }
        if end - begin > BLOCK {
            return self.fetch(begin, end);
        }
        let mut found = Vec::with_capacity(length);
        for number in begin / BLOCK..=(end - 1) / BLOCK {
            let start = number * BLOCK;
            if !self.blocks.contains_key(&number) {
                if self.blocks.len() >= MOST_BLOCKS {
                    self.blocks.clear();
                }
                let block = self.fetch(start, (start + BLOCK).min(self.size))?;
                self.blocks.insert(number, block);
            }
            let from = usize::try_from(begin.max(start) - start).ok()?;
            let to = usize::try_from(end.min(start + BLOCK) - start).ok()?;
            found.extend_from_slice(self.blocks[&number].get(from..to)?);
        }
        Some(found)
    }

    fn fetch(&mut self, begin: u64, end: u64) -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(end - begin).ok()?];
        self.source.seek(SeekFrom::Start(begin)).ok()?;
        self.source.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::Image;
    use super::*;

    const INTEGERS: [u8; 12] = [0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0];

    fn read_from(content: &[u8], address: u64) -> Option<Object> {
        read_part(content, address, &[], None)
    }

    fn read_part(
        content: &[u8],
        address: u64,
        without: &[&str],
        outline: Option<&Outline<'_>>,
    ) -> Option<Object> {
        let size = content.len() as u64;
        let mut reader = Reader {
            content: Content::new(Cursor::new(content), size),
            without,
            outline,
            seen: HashSet::new(),
            left: size,
        };
        reader.object(address, 0, false)
    }

    /// A file with a group of a few values and of many, and its address.
    fn file() -> (Vec<u8>, u64) {
        let mut image = Image::new();
        let few = image.add_dataset(&INTEGERS, &[2, 1], &[7, 8], &[("type", "é")]);
        let many = image.add_dataset(&INTEGERS, &[5000], &[9; 5000], &[]);
        let members = [("few", few.unwrap()), ("many", many.unwrap())];
        let group = image.add_group(&[("of", "")], &members).unwrap();
        let root = image.add_group(&[], &[("object", group)]).unwrap();
        (image.finish(root), group)
    }

    fn dataset(shape: &[u64], values: &[u8], attributes: Texts) -> Object {
        Object::Dataset {
            attributes,
            datatype: INTEGERS.to_vec(),
            shape: shape.to_vec(),
            values: Some(values.to_vec()),
        }
    }

    fn object() -> Object {
        let few = dataset(&[2, 1], &[7, 8], vec![("type".into(), "é".into())]);
        let many = dataset(&[5000], &[9; 5000], vec![]);
        Object::Group {
            attributes: vec![("of".into(), String::new())],
            members: vec![("few".into(), few), ("many".into(), many)],
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let (content, address) = file();
        assert_eq!(read_from(&content, address), Some(object()));
        let Some(Object::Group { members, .. }) = read_part(&content, address, &["many"], None)
        else {
            panic!("expected a group");
        };
        assert_eq!(members.len(), 1);
        assert_eq!(members[0].0, "few");
    }

    #[test]
    fn an_outline_has_shapes_and_the_values_beside_them() {
        let mut image = Image::new();
        let few = image.add_dataset(&INTEGERS, &[2, 1], &[7, 8], &[]).unwrap();
        let many = image.add_dataset(&INTEGERS, &[5000], &[9; 5000], &[]);
        let other = image.add_group(&[], &[]).unwrap();
        let members = [("few", few), ("0", many.unwrap()), ("other", other)];
        let data = image.add_group(&[], &members).unwrap();
        let node = image.add_group(&[], &[("data", data)]).unwrap();
        let (of, taken) = ("data", &["few"][..]);
        let found = read_part(&image.finish(node), node, &[], Some(&Outline { of, taken }));
        let few = dataset(&[2, 1], &[7, 8], vec![]);
        let many = Object::Dataset {
            attributes: vec![],
            datatype: INTEGERS.to_vec(),
            shape: vec![5000],
            values: None,
        };
        let group = |members| Object::Group {
            attributes: vec![],
            members,
        };
        let data = group(vec![("few".into(), few), ("0".into(), many)]);
        assert_eq!(found, Some(group(vec![("data".into(), data)])));
    }

    #[test]
    fn every_change_of_a_bit_is_seen() {
        let (content, address) = file();
        // The root, that the file ends with, and the first bytes of the file are not looked at.
        let end = Header::length(&content[usize::try_from(address).unwrap()..]).unwrap();
        for place in super::super::SUPERBLOCK_LENGTH..usize::try_from(address).unwrap() + end {
            for bit in 0..8 {
                let mut changed = content.clone();
                changed[place] ^= 1 << bit;
                assert_eq!(read_from(&changed, address), None, "byte {place}");
            }
        }
    }

    #[test]
    fn groups_in_themselves_and_addresses_out_of_the_file_are_not_followed() {
        let mut image = Image::new();
        let address = image.end();
        let group = image.add_group(&[], &[("itself", address)]).unwrap();
        let content = image.finish(group);
        assert_eq!(read_from(&content, group), None);
        assert_eq!(read_from(&content, content.len() as u64), None);
        assert_eq!(read_from(&content, u64::MAX), None);
        let cut = &content[..content.len() - 1];
        assert_eq!(read_from(cut, group), None);
    }

    #[test]
    fn values_of_more_bytes_than_the_file_are_refused() {
        // A chunk that many datasets share, as no file of ours has it.
        let mut image = Image::new();
        let first = image
            .add_dataset(&INTEGERS, &[5000], &[9; 5000], &[])
            .unwrap();
        let begin = usize::try_from(first).unwrap();
        let header = image.bytes[begin..].to_vec();
        let second = image.end();
        image.bytes.extend(header);
        let group = image
            .add_group(&[], &[("a", first), ("b", second)])
            .unwrap();
        let root = image.add_group(&[], &[("object", group)]).unwrap();
        assert_eq!(read_from(&image.finish(root), group), None);
    }

    #[test]
    fn blocks_make_no_difference() {
        let content: Vec<u8> = (0..3 * BLOCK + 10).map(|i| (i % 251) as u8).collect();
        let size = content.len() as u64;
        let mut blocks = Content::new(Cursor::new(&content), size);
        for begin in [0, 1, BLOCK - 1, BLOCK, 2 * BLOCK - 5, size - 1] {
            for length in [1, 7, 20_usize, 1 << 16, 1 << 17] {
                let from = usize::try_from(begin).unwrap();
                let to = (from + length).min(content.len());
                assert_eq!(blocks.bytes(begin, length).unwrap(), content[from..to]);
            }
        }
    }
}
