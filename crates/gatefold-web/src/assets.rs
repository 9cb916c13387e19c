//! The files of the pages, compiled in: one stylesheet and small ES modules.

/// A file of the pages.
pub(crate) struct Asset {
    name: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) text: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

const ASSETS: [Asset; 5] = [
    Asset {
        name: "style.css",
        content_type: CSS,
        text: include_str!("../assets/style.css"),
    },
    Asset {
        name: "mark.svg",
        content_type: "image/svg+xml",
        text: include_str!("../assets/mark.svg"),
    },
    Asset {
        name: "landing.js",
        content_type: JS,
        text: include_str!("../assets/landing.js"),
    },
    Asset {
        name: "copy.js",
        content_type: JS,
        text: include_str!("../assets/copy.js"),
    },
    Asset {
        name: "times.js",
        content_type: JS,
        text: include_str!("../assets/times.js"),
    },
];

/// Changes with any of the files, so that browsers may keep what they have under it.
const VERSION: u64 = version();

/// FNV-1a over all files: names what is public, and guards nothing.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, where a mistake is an error; iterators cannot be"
)]
const fn version() -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut file = 0;
    while file < ASSETS.len() {
        let bytes = ASSETS[file].text.as_bytes();
        let mut place = 0;
        while place < bytes.len() {
            hash = (hash ^ bytes[place] as u64).wrapping_mul(0x0100_0000_01b3);
            place += 1;
        }
        file += 1;
    }
    hash
}

/// Where a file is.
pub(crate) fn path(name: &str) -> String {
    format!("/static/{VERSION:016x}/{name}")
}

/// A file by its name, and whether the version that was asked for is this one.
pub(crate) fn find(version: &str, name: &str) -> Option<(&'static Asset, bool)> {
    let asset = ASSETS.iter().find(|asset| asset.name == name)?;
    Some((asset, version == format!("{VERSION:016x}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_where_pages_look_for_it() {
        for asset in &ASSETS {
            let path = path(asset.name);
            let (version, name) = path
                .strip_prefix("/static/")
                .and_then(|rest| rest.split_once('/'))
                .unwrap();
            let (found, is_current) = find(version, name).unwrap();
            assert_eq!(found.text, asset.text);
            assert!(is_current);
            // A page of yesterday's version still gets its files.
            assert!(!find("0", name).unwrap().1);
        }
        assert!(find("0", "passwords.txt").is_none());
    }

    #[test]
    fn pages_load_only_files_that_exist() {
        for (page, text) in crate::pages::tests::all() {
            for link in text.split("\"/static/").skip(1) {
                let link = link.split('"').next().unwrap();
                let (version, name) = link.split_once('/').unwrap();
                assert!(
                    find(version, name).is_some_and(|(_, is)| is),
                    "{page}: {link}"
                );
            }
        }
    }
}
