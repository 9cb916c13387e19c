//! The files of the pages, compiled in: stylesheets and small ES modules.

/// A file of the pages.
#[derive(Debug)]
pub struct Asset {
    /// What pages call it, below the folder of all of them.
    pub name: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// What is in it.
    pub text: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

const fn asset(name: &'static str, content_type: &'static str, text: &'static str) -> Asset {
    Asset {
        name,
        content_type,
        text,
    }
}

/// What any page with a player needs; they load each other from the same folder.
pub const PLAYER: [Asset; 5] = [
    asset("base.css", CSS, include_str!("../assets/base.css")),
    asset(
        "edge-words.mjs",
        JS,
        include_str!("../assets/edge-words.mjs"),
    ),
    asset("sound.js", JS, include_str!("../assets/sound.js")),
    asset("time.mjs", JS, include_str!("../assets/time.mjs")),
    asset("way.js", JS, include_str!("../assets/way.js")),
];

/// The service worker, which answers the player's stable address and keeps bytes by object. Its place
/// is the root of a site, because its scope is its folder.
pub const WORKER: [Asset; 9] = [
    asset(
        "service-worker.js",
        JS,
        include_str!("../assets/service-worker.js"),
    ),
    asset(
        "worker/answers.mjs",
        JS,
        include_str!("../assets/worker/answers.mjs"),
    ),
    asset(
        "worker/flights.mjs",
        JS,
        include_str!("../assets/worker/flights.mjs"),
    ),
    asset(
        "worker/grants.mjs",
        JS,
        include_str!("../assets/worker/grants.mjs"),
    ),
    asset(
        "worker/ranges.mjs",
        JS,
        include_str!("../assets/worker/ranges.mjs"),
    ),
    asset(
        "worker/requests.mjs",
        JS,
        include_str!("../assets/worker/requests.mjs"),
    ),
    asset(
        "worker/shelf.mjs",
        JS,
        include_str!("../assets/worker/shelf.mjs"),
    ),
    asset(
        "worker/source.mjs",
        JS,
        include_str!("../assets/worker/source.mjs"),
    ),
    asset(
        "worker/store.mjs",
        JS,
        include_str!("../assets/worker/store.mjs"),
    ),
];

/// What only the site's own pages have.
const PAGES: [Asset; 16] = [
    asset("style.css", CSS, include_str!("../assets/style.css")),
    asset("play.css", CSS, include_str!("../assets/play.css")),
    asset("mark.svg", SVG, include_str!("../assets/mark.svg")),
    asset("landing.js", JS, include_str!("../assets/landing.js")),
    asset("copy.js", JS, include_str!("../assets/copy.js")),
    asset("times.js", JS, include_str!("../assets/times.js")),
    asset("play.js", JS, include_str!("../assets/play.js")),
    asset("player.js", JS, include_str!("../assets/player.js")),
    asset("bar.js", JS, include_str!("../assets/bar.js")),
    asset("rows.js", JS, include_str!("../assets/rows.js")),
    asset("told.js", JS, include_str!("../assets/told.js")),
    asset("turn.js", JS, include_str!("../assets/turn.js")),
    asset("tried.js", JS, include_str!("../assets/tried.js")),
    asset("queue.mjs", JS, include_str!("../assets/queue.mjs")),
    asset("refusal.mjs", JS, include_str!("../assets/refusal.mjs")),
    asset("link.mjs", JS, include_str!("../assets/link.mjs")),
];

const GROUPS: [&[Asset]; 2] = [&PAGES, &PLAYER];

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
    let mut group = 0;
    while group < GROUPS.len() {
        let mut file = 0;
        while file < GROUPS[group].len() {
            let bytes = GROUPS[group][file].text.as_bytes();
            let mut place = 0;
            while place < bytes.len() {
                hash = (hash ^ bytes[place] as u64).wrapping_mul(0x0100_0000_01b3);
                place += 1;
            }
            file += 1;
        }
        group += 1;
    }
    hash
}

/// Where a file is.
pub(crate) fn path(name: &str) -> String {
    format!("/static/{VERSION:016x}/{name}")
}

/// A file by its name, and whether the version that was asked for is this one.
pub(crate) fn find(version: &str, name: &str) -> Option<(&'static Asset, bool)> {
    let mut assets = GROUPS.into_iter().flatten();
    let asset = assets.find(|asset| asset.name == name)?;
    Some((asset, version == format!("{VERSION:016x}")))
}

/// A file of the service worker.
pub(crate) fn find_worker(name: &str) -> Option<&'static Asset> {
    const FILES: &[Asset] = &WORKER;
    FILES.iter().find(|asset| asset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_where_pages_look_for_it() {
        for asset in GROUPS.into_iter().flatten() {
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
    fn modules_load_only_files_that_exist() {
        for asset in GROUPS.into_iter().flatten().chain(&WORKER) {
            let folder = asset.name.rsplit_once('/').map(|(folder, _)| folder);
            for line in asset
                .text
                .lines()
                .filter(|line| line.starts_with("import "))
            {
                let name = line.split('"').nth(1).unwrap();
                let name = name.strip_prefix("./").unwrap();
                let name = folder.map_or(name.to_owned(), |folder| format!("{folder}/{name}"));
                let is_there = find("0", &name).is_some() || find_worker(&name).is_some();
                assert!(is_there, "{}: {line}", asset.name);
            }
        }
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
