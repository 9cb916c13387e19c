//! What the pages of a demonstration have besides.

use gatefold_app::accounts::Viewer;

use crate::demo::Demo;

/// Who one is, and who one can be instead.
#[derive(Clone, Debug)]
pub(crate) struct DemoBar {
    pub(crate) personas: Vec<PersonaRow>,
}

/// Somebody to be.
#[derive(Clone, Debug)]
pub(crate) struct PersonaRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) is_current: bool,
}

impl DemoBar {
    pub(crate) fn new(demo: &Demo, viewer: Option<&Viewer>) -> Self {
        let did = viewer.map(|viewer| &viewer.did);
        let row = |persona: &crate::Persona| PersonaRow {
            id: persona.id.clone(),
            name: persona.name.clone(),
            description: persona.description.clone(),
            is_current: persona.did.as_ref() == did,
        };
        Self {
            personas: demo.personas.iter().map(row).collect(),
        }
    }

    /// What whoever asks is called.
    pub(super) fn who(&self) -> &str {
        let mut personas = self.personas.iter();
        personas
            .find(|persona| persona.is_current)
            .map_or("Somebody", |persona| &persona.name)
    }

    #[cfg(test)]
    pub(super) fn sample() -> Self {
        let persona = |id: &str, name: &str, description: &str, is_current| PersonaRow {
            id: id.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            is_current,
        };
        Self {
            personas: vec![
                persona(
                    "stranger",
                    "A stranger",
                    "Not signed in. Hears what is open.",
                    false,
                ),
                persona("robin", "Robin", "Signed in, and supports nobody.", false),
                persona(
                    "mika",
                    "Mika",
                    "Supports Tidal Choir, and hears what is for supporters.",
                    true,
                ),
                persona(
                    "choir",
                    "Tidal Choir",
                    "The artist. Hears all that is theirs.",
                    false,
                ),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use gatefold_domain::{SessionId, SessionKind, Timestamp};

    use super::*;
    use crate::Persona;

    #[test]
    fn one_is_whoever_is_signed_in() {
        let did = "did:plc:ewvi7nxzyoun6zhxrhs64oiz".parse().unwrap();
        let persona = |id: &str, did| Persona {
            id: id.to_owned(),
            name: id.to_uppercase(),
            description: String::new(),
            did,
        };
        let demo = Demo {
            personas: vec![persona("stranger", None), persona("robin", Some(did))],
        };
        let viewer = |did: &str| Viewer {
            did: did.parse().unwrap(),
            handle: None,
            session: SessionId::from_bytes([7; 16]),
            kind: SessionKind::Browser,
            expires: Timestamp::from_millis(0),
        };
        for (viewer, who) in [
            (None, "STRANGER"),
            (Some(viewer("did:plc:ewvi7nxzyoun6zhxrhs64oiz")), "ROBIN"),
            (Some(viewer("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")), "Somebody"),
        ] {
            let bar = DemoBar::new(&demo, viewer.as_ref());
            assert_eq!(bar.who(), who);
        }
    }
}
