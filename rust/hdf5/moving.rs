//! Files that were written here, put into others as they are: only their addresses are others then.

use std::collections::HashSet;

use super::header::{Header, number};
use super::{LINKS_HERE, SIGNATURE, SUPERBLOCK_LENGTH, UNDEFINED, kind, lookup_3};

/// Puts what is under a name in a file at the end of others' bytes, which come after those `before`.
///
/// The result is its address there. It is none, and the bytes are as they were, if the file is not
/// one of a single object of that name, as `Image` writes it, with values that have no addresses
/// in them: nothing of what others wrote is changed without being understood. What comes after the
/// end that the file says it has is no part of it.
pub(super) fn put(content: &[u8], name: &str, bytes: &mut Vec<u8>, before: u64) -> Option<u64> {
    let content = content.get(..usize::try_from(number(content, 28)?).ok()?)?;
    let root = root_of(content)?;
    let object = only_member(content, root, name)?;
    let members = content.get(SUPERBLOCK_LENGTH..usize::try_from(root).ok()?)?;
    let begin = bytes.len();
    let shift = (before + begin as u64).checked_sub(SUPERBLOCK_LENGTH as u64)?;
    bytes.extend_from_slice(members);
    if move_object(&mut bytes[begin..], object, shift).is_none() {
        bytes.truncate(begin);
        return None;
    }
    Some(object + shift)
}

/// Address of the group that everything is in.
fn root_of(content: &[u8]) -> Option<u64> {
    let superblock = content.get(..SUPERBLOCK_LENGTH)?;
    let (said, sum) = superblock.split_at(SUPERBLOCK_LENGTH - 4);
    let expected = [&SIGNATURE[..], &[3, 8, 8, 0]].concat();
    let is_ours = said.starts_with(&expected)
        && sum == lookup_3(said).to_le_bytes()
        && number(said, 12)? == 0
        && number(said, 20)? == UNDEFINED
        && number(said, 28)? == content.len() as u64;
    is_ours.then(|| number(said, 36))?
}

/// Address of the object of a name, if the root has no other one.
fn only_member(content: &[u8], root: u64, name: &str) -> Option<u64> {
    let header = Header::read(content, root)?;
    let mut links = header
        .messages(content)?
        .into_iter()
        .filter(|message| message.kind == kind::LINK);
    let link = links.next()?;
    let body = &content[link.body];
    let (found, address) = body.split_at(body.len().checked_sub(8)?);
    (links.next().is_none() && found.ends_with(name.as_bytes())).then(|| number(address, 0))?
}

/// Moves an object, and what is in it: bytes from the end of a superblock on.
fn move_object(bytes: &mut [u8], first: u64, shift: u64) -> Option<()> {
    let mut seen = HashSet::new();
    let mut todo = vec![first];
    while let Some(address) = todo.pop() {
        if address < SUPERBLOCK_LENGTH as u64 || !seen.insert(address) {
            return None;
        }
        let header = Header::read(bytes, address - SUPERBLOCK_LENGTH as u64)?;
        let mut has_moved = false;
        for message in header.messages(bytes)? {
            let body = &bytes[message.body.clone()];
            let place = match message.kind {
                kind::LINK => {
                    if !matches!(body, [1, 0 | 1 | 0x10 | 0x11, ..]) {
                        return None;
                    }
                    let place = message.body.end.checked_sub(8)?;
                    todo.push(number(bytes, place)?);
                    place
                }
                kind::LAYOUT => match body {
                    [4, 0, ..] => continue,
                    [4, 2, 2, rank, width, ..] => {
                        let sizes = usize::from(*rank) * usize::from(*width);
                        if body.len() != 5 + sizes + 21 || body[5 + sizes] != 1 {
                            return None;
                        }
                        message.body.end - 8
                    }
                    _ => return None,
                },
                kind::LINK_INFO => {
                    if body != LINKS_HERE {
                        return None;
                    }
                    continue;
                }
                // Integers, floats, texts of one length and booleans.
                kind::DATATYPE if matches!(body.first()? & 0x0f, 0 | 1 | 3 | 8) => continue,
                kind::DATASPACE
                | kind::FILL_VALUE
                | kind::GROUP_INFO
                | kind::FILTERS
                | kind::ATTRIBUTE => continue,
                _ => return None,
            };
            let moved = number(bytes, place)?.checked_add(shift)?;
            bytes[place..place + 8].copy_from_slice(&moved.to_le_bytes());
            has_moved = true;
        }
        if has_moved {
            let sum = lookup_3(&bytes[header.begin..header.end]);
            bytes[header.end..header.end + 4].copy_from_slice(&sum.to_le_bytes());
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::Image;
    use super::*;

    fn file(shape: &[u64], values: &[u8]) -> Vec<u8> {
        let integers = [0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0];
        let mut image = Image::new();
        let dataset = image
            .add_dataset(&integers, shape, values, &[("type", "bytes")])
            .unwrap();
        let group = image.add_group(&[], &[("values", dataset)]).unwrap();
        let root = image.add_group(&[], &[("object", group)]).unwrap();
        image.finish(root)
    }

    #[test]
    fn what_is_put_first_into_a_file_is_where_it_was() {
        let content = file(&[5000], &[7; 5000]);
        let mut bytes = vec![0; SUPERBLOCK_LENGTH];
        let address = put(&content, "object", &mut bytes, 0).unwrap();
        assert_eq!(
            bytes[SUPERBLOCK_LENGTH..],
            content[SUPERBLOCK_LENGTH..bytes.len()]
        );
        assert!(address < bytes.len() as u64);
    }

    #[test]
    fn what_is_damaged_is_refused_or_put_as_it_is_and_never_followed_astray() {
        let content = file(&[50], &[7; 50]);
        let mut bytes = vec![0; 1000];
        for place in 0..content.len() {
            for bit in 0..8 {
                let mut changed = content.clone();
                changed[place] ^= 1 << bit;
                put(&changed, "object", &mut bytes, 0);
                assert_eq!(bytes.len(), 1000, "byte {place}");
            }
        }
        let length_of = |file: &[u8]| {
            let mut bytes = vec![0; 1000];
            put(file, "object", &mut bytes, 0).map(|_| bytes.len())
        };
        let longer = [&content[..], b"more"].concat();
        assert!(length_of(&content).is_some());
        assert_eq!(length_of(&longer), length_of(&content));
        assert_eq!(length_of(&content[..content.len() - 1]), None);
        assert!(put(&content, "others", &mut bytes, 0).is_none());
        assert!(put(&content, "object", &mut bytes, 0).is_some());
    }

    #[test]
    fn a_file_that_is_taken_in_pieces_is_the_same() {
        let [first, second] = [file(&[5000], &[7; 5000]), file(&[50], &[8; 50])];
        let contents = [("first", &first), ("second", &second), ("third", &first)];
        let mut whole = Image::new();
        let links = contents.map(|(name, file)| (name, whole.add_object(file, "object").unwrap()));
        let root = whole.add_group(&[], &links).unwrap();
        let mut image = Image::new();
        let mut pieces = Vec::new();
        for ((_, file), (_, address)) in contents.iter().zip(links) {
            assert_eq!(image.add_object(file, "object"), Some(address));
            pieces.extend_from_slice(image.held());
            image.forget_held();
        }
        assert_eq!(image.add_group(&[], &links).unwrap(), root);
        pieces.extend_from_slice(image.held());
        pieces[..SUPERBLOCK_LENGTH].copy_from_slice(&image.superblock(root));
        assert!(pieces == whole.finish(root));
    }
}
