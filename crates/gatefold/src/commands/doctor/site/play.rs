//! Whether what is published can be played: the keys of links, and what links promise.

use std::sync::Arc;

use gatefold_ops::{SystemClock, secrets};

use crate::{
    commands::doctor::finding::Finding,
    config::{DeliveryKind, Server},
    site::sealing::Sealing,
};

/// What a link to something gated promises, where that is less than it could be.
pub(super) fn delivery(site: &Server) -> Option<Finding> {
    let is_bearer = site.delivery.kind.0 == DeliveryKind::Presigned;
    is_bearer.then(|| {
        Finding::notice(
            "delivery",
            "links to gated tracks are presigned: each works for whoever has it, for up to 5 minutes, \
             and shows the bucket and a key",
            "set server.delivery.kind to \"sealed\" (or leave it out) for links that are one listener's",
        )
    })
}

/// Looks at the keys.
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
