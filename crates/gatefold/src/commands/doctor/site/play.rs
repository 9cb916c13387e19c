//! Whether what is published can be played: the keys of links, and the buckets.

use std::{path::Path, sync::Arc};

use gatefold_domain::{AudioFormat, IdBytes, ObjectKey};
use gatefold_media::bucket::Bucket;
use gatefold_ops::{SystemClock, secrets, system_random};
use rand_core::Rng;

use crate::{commands::doctor::finding::Finding, config::Server, site::sealing::Sealing};

/// Looks at both.
pub(super) async fn look(site: &Server) -> Vec<Finding> {
    vec![
        link_keys(site),
        bucket("private bucket", &site.media.private()).await,
        bucket("public bucket", &site.media.public()).await,
    ]
}

fn link_keys(site: &Server) -> Finding {
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

async fn bucket(check: &'static str, path: &Path) -> Finding {
    let shown = path.display();
    if !path.exists() {
        return Finding::notice(
            check,
            format!("there is no {shown} yet"),
            "it is made at the first start",
        );
    }
    let mut bytes = IdBytes::default();
    system_random().fill_bytes(&mut bytes);
    let key = ObjectKey::audio(bytes, AudioFormat::Wav);
    let written = async {
        let bucket = Bucket::folder(path).map_err(|error| error.to_string())?;
        let put = bucket.put(&key, &b""[..]).await;
        put.map_err(|error| error.to_string())?;
        bucket.delete(&key).await.map_err(|error| error.to_string())
    };
    match written.await {
        Ok(()) => Finding::good(check, format!("{shown} takes what is put there")),
        Err(error) => Finding::wrong(
            check,
            error,
            "let the user that runs the site write the folder, or name another in \
             server.media.folder",
        ),
    }
}
