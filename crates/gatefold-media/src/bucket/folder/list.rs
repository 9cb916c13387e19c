//! Lists a folder in the order of keys, with no more of it in memory than is asked for.

use std::{collections::BinaryHeap, ffi::OsString, fs, io, path::Path};

use gatefold_domain::ObjectKey;

use super::{INCOMING, facts};
use crate::bucket::Listed;

/// The objects below a prefix, which is none or ends with `/`, whose keys follow `after`; at most `limit`.
/// Blocks.
pub(super) fn list(
    root: &Path,
    prefix: &str,
    after: &str,
    limit: usize,
) -> io::Result<Vec<Listed>> {
    // Where this is missing, so is the bucket: it is not known then what is in it.
    fs::metadata(root.join(INCOMING))?;
    let from = match after {
        "" => String::new(),
        after => past(after),
    };
    let mut found = Vec::new();
    walk(root, prefix, from, limit, &mut found)?;
    Ok(found)
}

/// Adds what is in the folder that `within` names, from the first name on that is not before `from`. Names are compared with a `/` behind those of folders, as
/// they stand in keys: so the order of names is that of all keys below them.
fn walk(
    root: &Path,
    within: &str,
    mut from: String,
    limit: usize,
    found: &mut Vec<Listed>,
) -> io::Result<()> {
    while found.len() < limit {
        let room = limit.saturating_sub(found.len());
        let names = first_names(root, within, &from, room)?;
        let is_last = names.len() < room;
        let next = names.last().map(|last| past(last));
        for name in names {
            if name.ends_with('/') {
                walk(root, &name, from.clone(), limit, found)?;
            } else {
                found.extend(object(root, &name)?);
            }
            if found.len() >= limit {
                return Ok(());
            }
        }
        match next {
            // Folders were empty, or files went away: there may be more behind these.
            Some(next) if !is_last => from = next,
            _ => return Ok(()),
        }
    }
    Ok(())
}

/// The first text that follows a name and everything below it.
fn past(name: &str) -> String {
    match name.strip_suffix('/') {
        // The character behind `/`.
        Some(name) => format!("{name}0"),
        None => format!("{name}\0"),
    }
}

/// The first names in a folder, at most `room`, which are not before `from` or may have something below them
/// that is not; those of folders end with `/`.
fn first_names(root: &Path, within: &str, from: &str, room: usize) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(root.join(within)) {
        Ok(entries) => entries,
        // It was removed meanwhile, or nothing has been there yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    // The largest is on top, and leaves when there is a smaller one.
    let mut first = BinaryHeap::new();
    for entry in entries {
        let entry = entry?;
        let Some(name) = part_of_key(within, entry.file_name()) else {
            continue;
        };
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let name = if kind.is_dir() { name + "/" } else { name };
        let is_wanted = *name >= *from || (kind.is_dir() && from.starts_with(&name));
        if !is_wanted || !(kind.is_dir() || kind.is_file()) {
            continue;
        }
        first.push(name);
        if first.len() > room {
            first.pop();
        }
    }
    Ok(first.into_sorted_vec())
}

/// The start of a key, when the file's name is one: others are nobody's objects.
fn part_of_key(within: &str, name: OsString) -> Option<String> {
    let path = format!("{within}{}", name.into_string().ok()?);
    path.parse::<ObjectKey>().is_ok().then_some(path)
}

/// The object, unless it has gone away.
fn object(root: &Path, name: &str) -> io::Result<Option<Listed>> {
    let found = match fs::symlink_metadata(root.join(name)) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let (Ok(key), Ok(facts)) = (name.parse(), facts(&found)) else {
        return Ok(None);
    };
    Ok(Some(Listed { key, facts }))
}
