//! Whether what is published can be played: the keys of links.

use std::sync::Arc;

use gatefold_ops::{SystemClock, secrets};

use crate::{commands::doctor::finding::Finding, config::Server, site::sealing::Sealing};

/// Looks at them.
pub(super) fn link_keys(site: &Server) -> Finding {
    let check = "link keys";
    let path = site.keyring();
    let shown = path.display();
    match secrets::read(&path) {
        Ok(None) if site.database.is_shared() => Finding::notice(
            check,
            format!("there is no {shown} yet"),
            "it is made at the first start; every instance needs the same file",
        ),
        Ok(None) => Finding::notice(
            check,
            format!("there is no {shown} yet"),
            "it is made at the first start",
        ),
        Err(error) => Finding::wrong(check, error.to_string(), "let its owner alone read it"),
        Ok(Some(_)) => match Sealing::of(site, Arc::new(SystemClock)).read() {
            Ok(_) => Finding::good(
                check,
                format!("the minter {:?} of {shown} seals", site.delivery.minter),
            ),
            Err(error) => Finding::wrong(
                check,
                error.to_string(),
                "the site does not start without a minter that may seal for everybody who signs in",
            ),
        },
    }
}
