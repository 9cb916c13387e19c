//! The demonstration's pages: plain files, compiled in. What plays is the site's: the service worker
//! and the modules that any page with a player needs.

/// A file of the page.
pub(super) struct Asset {
    /// Its path on the site.
    pub(super) path: &'static str,
    pub(super) content_type: &'static str,
    pub(super) text: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// The files that only this page has.
pub(super) const ASSETS: &[Asset] = &[
    Asset {
        path: "/",
        content_type: HTML,
        text: include_str!("assets/index.html"),
    },
    Asset {
        path: "/elsewhere",
        content_type: HTML,
        text: include_str!("assets/elsewhere.html"),
    },
    Asset {
        path: "/assets/style.css",
        content_type: CSS,
        text: include_str!("assets/style.css"),
    },
    Asset {
        path: "/assets/page.js",
        content_type: JS,
        text: include_str!("assets/page.js"),
    },
    Asset {
        path: "/assets/player.js",
        content_type: JS,
        text: include_str!("assets/player.js"),
    },
    Asset {
        path: "/assets/link.js",
        content_type: JS,
        text: include_str!("assets/link.js"),
    },
    Asset {
        path: "/assets/share.js",
        content_type: JS,
        text: include_str!("assets/share.js"),
    },
    Asset {
        path: "/assets/words.js",
        content_type: JS,
        text: include_str!("assets/words.js"),
    },
    Asset {
        path: "/assets/elsewhere.js",
        content_type: JS,
        text: include_str!("assets/elsewhere.js"),
    },
];
