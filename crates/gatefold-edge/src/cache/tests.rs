//! What is kept, what is pushed out, and what becomes of damage.

use std::{fs, path::Path};

use super::*;

const SLICE: u64 = 1024;

fn options(memory: u64, folder: Option<&Path>) -> CacheOptions {
    CacheOptions {
        memory,
        folder: folder.map(Path::to_owned),
        disk: 100 * SLICE,
        slice: SLICE,
    }
}

fn key(index: u64) -> SliceKey {
    SliceKey { tag: Tag(7), index }
}

fn slice(index: u64) -> Bytes {
    vec![u8::try_from(index % 251).unwrap(); usize::try_from(SLICE).unwrap()].into()
}

fn keep(cache: &Cache, name: &str, indices: std::ops::Range<u64>) {
    for index in indices {
        keep_one(cache, name, index, &slice(index), &Purged::default());
    }
}

fn keep_one(cache: &Cache, name: &str, index: u64, bytes: &Bytes, purged: &Purged) {
    let slice = Slice {
        name: &name.into(),
        bytes,
        is_near: false,
    };
    cache.keep(key(index), &slice, purged);
}

/// What is kept of a slice, wherever.
fn kept(cache: &Cache, index: u64) -> Option<Bytes> {
    match cache.get(&key(index))? {
        Found::Memory(bytes) => Some(bytes),
        Found::Disk(slot) => slot.check(key(index)).ok(),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| !path.ends_with("lock"))
        .collect()
}

#[test]
fn memory_keeps_what_fits_and_no_more() {
    let cache = Cache::open(&options(64 * 2 * SLICE, None)).unwrap();
    keep(&cache, "private:a", 0..1000);
    let (bytes, on_disk) = cache.fill();
    assert!(bytes > 32 * SLICE && bytes <= 128 * SLICE, "{bytes}");
    assert_eq!(on_disk, 0);
    for index in 0..1000 {
        assert!(kept(&cache, index).is_none_or(|bytes| bytes == slice(index)));
    }
}

#[test]
fn without_memory_and_disk_nothing_is_kept() {
    let cache = Cache::open(&options(0, None)).unwrap();
    keep(&cache, "private:a", 0..1);
    assert_eq!(kept(&cache, 0), None);
    assert!(!cache.contains(&key(0)));
}

#[test]
fn what_is_on_disk_survives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(&options(0, Some(folder.path()))).unwrap();
    keep(&cache, "private:a", 0..5);
    let fill = cache.fill();
    drop(cache);
    // A process that died in the middle of writing.
    fs::write(folder.path().join("half/0000000000000009"), "half a sli").unwrap();

    let cache = Cache::open(&options(0, Some(folder.path()))).unwrap();
    assert_eq!(cache.fill(), fill);
    for index in 0..5 {
        assert_eq!(kept(&cache, index).unwrap(), slice(index));
    }
    assert_eq!(files(folder.path()).len(), 5);
    keep(&cache, "private:a", 5..6);
    assert_eq!(kept(&cache, 5).unwrap(), slice(5), "no name is used twice");
}

#[test]
fn a_checked_slice_is_read_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(&options(0, Some(folder.path()))).unwrap();
    let bytes: Bytes = (0..=255).cycle().take(1024).collect();
    keep_one(&cache, "private:a", 0, &bytes, &Purged::default());
    let Some(Found::Disk(slot)) = cache.get(&key(0)) else {
        panic!("not on disk")
    };
    assert_eq!(slot.read_at_hand(0, 1), None, "not checked yet");
    assert!(slot.read(0, 1).is_err(), "not checked yet");
    slot.check(key(0)).unwrap();
    assert_eq!(slot.read(250, 10).unwrap(), bytes.slice(250..260));
    if let Some(part) = slot.read_at_hand(250, 10) {
        assert_eq!(part, bytes.slice(250..260));
    }
    assert!(slot.check(key(1)).is_err(), "another slice's bytes");
}

#[test]
fn a_damaged_file_is_noticed_and_never_served() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(&options(0, Some(folder.path()))).unwrap();
    keep(&cache, "private:a", 0..1);
    drop(cache);
    let path = files(folder.path()).remove(0);
    let whole = fs::read(&path).unwrap();
    // One bit anywhere: the bytes, the name, the numbers, the hash, the mark at the end.
    for at in [
        0,
        512,
        1023,
        1024,
        1030,
        1034,
        1050,
        1058,
        1066,
        1068,
        1080,
        whole.len() - 1,
    ] {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        fs::write(&path, &damaged).unwrap();
        let cache = Cache::open(&options(0, Some(folder.path()))).unwrap();
        assert_eq!(kept(&cache, 0), None, "byte {at}");
        drop(cache);
        fs::write(&path, &whole).unwrap();
    }
    for len in [0, 10, 1024, whole.len() - 1] {
        fs::write(&path, &whole[..len]).unwrap();
        let cache = Cache::open(&options(0, Some(folder.path()))).unwrap();
        assert_eq!(kept(&cache, 0), None, "{len} bytes");
        assert!(
            files(folder.path()).is_empty(),
            "what is no slice is removed"
        );
        drop(cache);
        fs::write(&path, &whole).unwrap();
    }
}

#[test]
fn the_disk_is_bounded_and_files_go_with_what_is_pushed_out() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(&options(0, Some(folder.path()))).unwrap();
    keep(&cache, "private:a", 0..500);
    let (_, bytes) = cache.fill();
    assert!(bytes > 50 * SLICE && bytes <= 100 * SLICE, "{bytes}");
    let sizes = files(folder.path());
    let on_disk: u64 = sizes
        .iter()
        .map(|path| path.metadata().unwrap().len())
        .sum();
    assert_eq!(on_disk, bytes);
}

#[test]
fn a_purge_removes_what_is_meant_from_memory_and_disk() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(&options(1 << 20, Some(folder.path()))).unwrap();
    keep(&cache, "private:a/1", 0..3);
    keep(&cache, "private:b/1", 10..12);
    assert_eq!(cache.purge(|name| name.starts_with("private:a/")), 3);
    assert_eq!(files(folder.path()).len(), 2);
    for (index, is_kept) in [(0, false), (2, false), (10, true), (11, true)] {
        assert_eq!(kept(&cache, index).is_some(), is_kept, "{index}");
    }
    // What was fetched or read while it was purged.
    let flights = flight::Flights::default();
    let name: Arc<str> = "private:a/1".into();
    let pilot = flights.join(key(1), &name, 0).1.unwrap();
    flights.purge(|_| true);
    keep_one(&cache, &name, 1, &slice(1), pilot.purged());
    assert_eq!(kept(&cache, 1), None);
    cache.promote(key(1), &name, &slice(1));
    assert_eq!(kept(&cache, 1), None);
    assert_eq!(files(folder.path()).len(), 2);
    drop(cache);
    let cache = Cache::open(&options(0, Some(folder.path()))).unwrap();
    assert_eq!(kept(&cache, 0), None);
    assert_eq!(kept(&cache, 10).unwrap(), slice(10));
}

#[test]
fn a_folder_belongs_to_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let first = Cache::open(&options(0, Some(folder.path()))).unwrap();
    let second = Cache::open(&options(0, Some(folder.path())));
    assert!(matches!(second, Err(DiskError::InUse(_))));
    drop(first);
    assert!(Cache::open(&options(0, Some(folder.path()))).is_ok());
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let not_a_folder = Cache::open(&options(0, Some(&file)));
    assert!(matches!(not_a_folder, Err(DiskError::Io { .. })));
}

#[test]
fn what_comes_from_this_machines_disk_is_not_put_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(&options(1 << 20, Some(folder.path()))).unwrap();
    let near = Slice {
        name: &"files:a/b".into(),
        bytes: &slice(0),
        is_near: true,
    };
    cache.keep(key(0), &near, &Purged::default());
    assert_eq!(kept(&cache, 0).unwrap(), slice(0));
    assert!(files(folder.path()).is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn only_so_many_files_are_held_open_and_all_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let many = CacheOptions {
        disk: 3000 * SLICE,
        ..options(0, Some(folder.path()))
    };
    let cache = Cache::open(&many).unwrap();
    keep(&cache, "private:a", 0..1000);
    for index in 0..1000 {
        assert_eq!(kept(&cache, index).unwrap(), slice(index));
    }
    let open = fs::read_dir("/proc/self/fd").unwrap().count();
    assert!(open < 700, "{open} files are open");
    for index in 0..1000 {
        let Some(Found::Disk(slot)) = cache.get(&key(index)) else {
            panic!("not on disk")
        };
        assert_eq!(slot.read(5, 3).unwrap(), slice(index).slice(5..8));
    }
}

#[test]
fn the_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/cache");
    Cache::open(&options(0, Some(&path))).unwrap();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}
