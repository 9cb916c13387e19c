//! The demonstration of `gatefold serve --demo`: a site on this machine alone, with people whom one can
//! be and music of its own making. Everything else of it is the site itself.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use gatefold_app::{
    accounts::Accounts,
    demonstration::{DemoArtist, Demonstration, Persona},
    publishing::{Publishing, Recording},
    supporters::FixedList,
};
use gatefold_domain::{AudioFormat, Clock, Did, Gate, Handle, Visibility};
use gatefold_media::bucket::Buckets;
use gatefold_ops::system_random;
use gatefold_store::Store;
use gatefold_synth::{Composition, catalogue};
use gatefold_web::NOBODY;

use super::SiteError;
use crate::config;

/// Windows of links are as short as they can be, so that one can watch one end.
const WINDOW: Duration = Duration::from_secs(gatefold_seal::SHORTEST_LIFETIME);
/// How often somebody may ask in a minute: whoever tries things out clicks a lot.
const GENEROUS: u32 = 10_000;
/// Most of the demonstration's tracks.
const PIECES: u32 = 100;

/// Who made a piece, and for whom.
struct Piece {
    slug: &'static str,
    artist: &'static str,
    gate: Gate,
}

/// The pieces in the order in which they are published.
const PROGRAMME: [Piece; 3] = [
    Piece {
        slug: "snow-on-the-observatory",
        artist: "lanterns",
        gate: Gate::SignedIn,
    },
    Piece {
        slug: "night-tram",
        artist: "ines",
        gate: Gate::Supporters,
    },
    Piece {
        slug: "harbour-lights",
        artist: "marlow",
        gate: Gate::Open,
    },
];

/// The artist whom one can be, and whom the supporter supports.
const HOST: &str = "ines";

/// A configuration for a demonstration in a folder. Nothing else is read.
pub(crate) fn config(data: &Path, listen: Option<SocketAddr>) -> Result<config::Server, SiteError> {
    let usual = config::Server::default();
    let listen = listen.unwrap_or(usual.listen);
    if !listen.ip().is_loopback() {
        return Err(SiteError::DemoElsewhere(listen));
    }
    Ok(config::Server {
        listen,
        admin: None,
        name: "gatefold demonstration".to_owned(),
        secrets: data.join("secrets"),
        database: config::Database::in_folder(data),
        media: config::Media {
            folder: data.join("media"),
            ..config::Media::default()
        },
        delivery: config::Delivery {
            window: WINDOW,
            ..config::Delivery::default()
        },
        supporters: config::Supporters { registry: None },
        rates: config::Rates {
            general: GENEROUS,
            auth: GENEROUS,
            ..config::Rates::default()
        },
        ..usual
    })
}

/// Who supports whom there.
pub(super) fn registry() -> FixedList {
    let list = FixedList::default();
    if let (Some(supporter), Some(artist)) = (did("noor"), did(HOST)) {
        list.add(&supporter, &artist);
    }
    list
}

/// Whom its pages offer: everybody of the demonstration, and nobody.
pub(super) fn cast(demonstration: &Demonstration) -> gatefold_web::Demo {
    let nobody = gatefold_web::Persona {
        id: NOBODY.to_owned(),
        name: "Nobody".to_owned(),
        description: "Not signed in. Hears what is open.".to_owned(),
        did: None,
    };
    let personas = demonstration.personas().iter();
    let personas = personas.map(|persona| gatefold_web::Persona {
        id: persona.id.to_owned(),
        name: persona.name.to_owned(),
        description: persona.about.to_owned(),
        did: Some(persona.did.clone()),
    });
    gatefold_web::Demo {
        personas: std::iter::once(nobody).chain(personas).collect(),
    }
}

/// Opens the demonstration.
async fn open(store: Store, accounts: Arc<Accounts>) -> Result<Demonstration, SiteError> {
    let demonstration = Demonstration::open(store, accounts, &artists(), personas()).await;
    demonstration
        .map_err(|error| SiteError::Demo(Box::new(error)))?
        .ok_or(SiteError::NotADemo)
}

/// Opens the demonstration, with its music.
pub(super) async fn begin(
    store: &Store,
    accounts: &Arc<Accounts>,
    buckets: &Buckets,
    clock: &Arc<dyn Clock>,
    say: &impl Fn(&str),
) -> Result<Demonstration, SiteError> {
    let demonstration = open(store.clone(), Arc::clone(accounts)).await?;
    publish(store, buckets, Arc::clone(clock), say).await?;
    Ok(demonstration)
}

/// Composes and publishes what is not there yet.
async fn publish(
    store: &Store,
    buckets: &Buckets,
    clock: Arc<dyn Clock>,
    say: &impl Fn(&str),
) -> Result<(), SiteError> {
    let random = Box::new(system_random());
    let publishing = Publishing::new(store.clone(), buckets.clone(), clock, random);
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| SiteError::Demo(error);
    let there = store.tracks().newest(None, PIECES).await;
    let there = there.map_err(|error| failed(error.into()))?;
    for piece in &PROGRAMME {
        let composition = catalogue().iter().find(|it| it.slug() == piece.slug);
        let (Some(composition), Some(artist)) = (composition, did(piece.artist)) else {
            continue;
        };
        if there.iter().any(|track| track.title == composition.title()) {
            continue;
        }
        say(&format!("Composing “{}” …", composition.title()));
        let wav = tokio::task::spawn_blocking(move || render(composition)).await;
        let wav = wav.map_err(|error| failed(error.into()))??;
        let recording = Recording {
            artist: &artist,
            title: composition.title(),
            format: AudioFormat::Wav,
            duration: Duration::from_secs(composition.duration_seconds().into()),
            gate: piece.gate,
            visibility: Visibility::Public,
        };
        let published = publishing.publish(recording, &wav[..]).await;
        published.map_err(|error| failed(error.into()))?;
    }
    Ok(())
}

fn render(composition: &Composition) -> Result<Vec<u8>, SiteError> {
    let mut wav = Vec::new();
    composition.write_wav(&mut wav)?;
    Ok(wav)
}

fn artists() -> Vec<DemoArtist> {
    let artist = |piece: &Piece| {
        let composition = catalogue().iter().find(|it| it.slug() == piece.slug)?;
        Some(DemoArtist {
            name: composition.artist(),
            did: did(piece.artist)?,
            handle: handle(piece.artist)?,
        })
    };
    PROGRAMME.iter().filter_map(artist).collect()
}

fn personas() -> Vec<Persona> {
    let persona = |(id, who, name, about)| {
        Some(Persona {
            id,
            name,
            about,
            did: did(who)?,
            handle: handle(who)?,
        })
    };
    [
        (
            "stranger",
            "sam",
            "Sam",
            "A stranger: signed in, and supports nobody.",
        ),
        (
            "supporter",
            "noor",
            "Noor",
            "Supports Ines Quillfeather, and hears what is for her supporters.",
        ),
        (
            "artist",
            HOST,
            "Ines",
            "The artist: hears all that is hers.",
        ),
    ]
    .into_iter()
    .filter_map(persona)
    .collect()
}

/// An identity that can be nobody's: no name ends in `.invalid` (RFC 6761).
fn did(name: &str) -> Option<Did> {
    format!("did:web:{name}.gatefold.invalid").parse().ok()
}

/// A handle that leads to nobody: no name on the network ends in `.test`.
fn handle(name: &str) -> Option<Handle> {
    format!("{name}.gatefold.test").parse().ok()
}

/// Where the demonstration keeps what it makes unless it is told.
pub(crate) fn usual_data() -> PathBuf {
    "data/demonstration".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_and_everything_is_there() {
        assert_eq!(artists().len(), PROGRAMME.len());
        let ids: Vec<_> = personas().iter().map(|persona| persona.id).collect();
        assert_eq!(ids, ["stranger", "supporter", "artist"]);
        for piece in &PROGRAMME {
            assert!(catalogue().iter().any(|it| it.slug() == piece.slug));
        }
        let gates: Vec<_> = PROGRAMME.iter().map(|piece| piece.gate).collect();
        assert!(Gate::ALL.iter().all(|gate| gates.contains(gate)));
    }

    #[test]
    fn it_is_for_this_machine_alone() {
        let data = Path::new("anywhere");
        for (address, allowed) in [
            ("127.0.0.1:0", true),
            ("[::1]:8080", true),
            ("0.0.0.0:8080", false),
            ("192.0.2.1:8080", false),
            ("[::]:8080", false),
        ] {
            let config = config(data, Some(address.parse().unwrap()));
            assert_eq!(config.is_ok(), allowed, "{address}");
        }
    }
}
