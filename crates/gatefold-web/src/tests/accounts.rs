//! Accounts that a test decides on.

use std::sync::Mutex;

use gatefold_app::accounts::{
    AccountName, AccountsError, AuditEntry, AuditPage, Begin, BeginError, Begun, CallbackQuery,
    Credential, DeveloperToken, Exchange, ExchangeError, Exchanged, Feature, FinishError, Finished,
    NamedError, Proof, PublicId, Purpose, SessionEntry, SitePath, Viewer,
};
use gatefold_domain::{Did, Handle, SessionId, SessionKind, Timestamp};

pub(crate) const ROBIN: &str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
pub(crate) const TRAM: &str = "did:plc:z72i7hdynmk6r22z27h6tvur";

/// Remembers what it was asked.
#[derive(Default)]
pub struct Accounts {
    pub(crate) asked: Mutex<Vec<String>>,
    /// What everything fails with.
    pub(crate) fails: Option<fn() -> AccountsError>,
}

pub(crate) fn robin(kind: SessionKind) -> Viewer {
    Viewer {
        did: ROBIN.parse().unwrap(),
        handle: Some("robin.example.com".parse().unwrap()),
        session: SessionId::from_bytes([1; 16]),
        kind,
        expires: Timestamp::from_millis(1_764_029_102_000),
    }
}

fn token() -> DeveloperToken {
    DeveloperToken {
        public_id: PublicId::parse("k7m2pq9x").unwrap(),
        name: "nightly upload".to_owned(),
        created: Timestamp::from_millis(0),
        expires: Timestamp::from_millis(86_400_000),
    }
}

#[expect(
    clippy::unused_async,
    reason = "the signatures of what this stands for"
)]
impl Accounts {
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn note(&self, what: String) -> Result<(), AccountsError> {
        self.asked.lock().unwrap().push(what);
        self.fails.map_or(Ok(()), |error| Err(error()))
    }

    pub(crate) async fn begin(&self, begin: Begin<'_>) -> Result<Begun, BeginError> {
        let purpose = match &begin.purpose {
            Purpose::Browser { beside: None } => "browser".to_owned(),
            Purpose::Browser { beside: Some(_) } => "browser beside".to_owned(),
            Purpose::CommandLine { port: None, .. } => "command line".to_owned(),
            Purpose::CommandLine {
                port: Some(port), ..
            } => format!("command line at {}", port.get()),
            Purpose::DeveloperToken { name, life, .. } => {
                format!("token {name} {} days", life.days())
            }
        };
        let next = begin.next.as_ref().map(SitePath::as_str);
        let network = begin.network.as_deref();
        self.note(format!(
            "begin {} {purpose} {next:?} {network:?}",
            begin.input
        ))?;
        match begin.input {
            "unknown.example.com" => Err(BeginError::UnknownHandle),
            "down.example.com" => Err(BeginError::ServerUnavailable),
            _ => Ok(Begun {
                url: "https://pds.example/oauth/authorize?request_uri=1".to_owned(),
                binding: None,
            }),
        }
    }

    pub(crate) async fn finish(
        &self,
        query: CallbackQuery<'_>,
        binding: Option<&str>,
    ) -> Result<Finished, FinishError> {
        self.note(format!("finish {:?} {binding:?}", query.state))?;
        Err(match query.state {
            Some("denied") => FinishError::Denied,
            Some("elsewhere") => FinishError::OtherBrowser,
            _ => FinishError::UnknownState,
        })
    }

    pub(crate) async fn exchange(
        &self,
        exchange: Exchange<'_>,
    ) -> Result<Exchanged, ExchangeError> {
        let proof = match exchange.proof {
            Proof::Browser { binding, session } => {
                let session = session.map(|viewer| viewer.did.as_str());
                format!("browser {binding:?} {session:?}")
            }
            Proof::CommandLine { verifier } => format!("command line {verifier:?}"),
        };
        self.note(format!("exchange {} {proof}", exchange.token))?;
        Err(ExchangeError::Refused)
    }

    pub(crate) async fn may_write(&self, _: &Viewer, _: &str) -> Result<bool, AccountsError> {
        Ok(true)
    }

    pub(crate) async fn named(&self, _: &[Handle]) -> Result<Vec<Feature>, NamedError> {
        Ok(Vec::new())
    }

    pub(crate) async fn viewer(
        &self,
        credential: Credential<'_>,
    ) -> Result<Option<Viewer>, AccountsError> {
        if let Some(error) = self.fails {
            return Err(error());
        }
        Ok(match credential {
            Credential::Cookie("browser") => Some(robin(SessionKind::Browser)),
            Credential::Bearer("command line") => Some(robin(SessionKind::CommandLine)),
            Credential::Bearer("developer") => Some(robin(SessionKind::Developer)),
            Credential::Cookie(_) | Credential::Bearer(_) => None,
        })
    }

    pub(crate) async fn linked(&self, viewer: &Viewer) -> Result<Vec<AccountName>, AccountsError> {
        self.note("linked".to_owned())?;
        if viewer.kind != SessionKind::Browser {
            return Ok(vec![]);
        }
        Ok(vec![
            AccountName {
                did: viewer.did.clone(),
                handle: viewer.handle.clone(),
            },
            AccountName {
                did: TRAM.parse().unwrap(),
                handle: None,
            },
        ])
    }

    pub(crate) async fn switch(&self, _: &Viewer, to: &Did) -> Result<Exchanged, AccountsError> {
        self.note(format!("switch {to}"))?;
        Err(AccountsError::NotFound)
    }

    pub(crate) async fn logout(
        &self,
        _: &Viewer,
        network: Option<&str>,
    ) -> Result<(), AccountsError> {
        self.note(format!("logout {network:?}"))
    }

    pub(crate) async fn sessions(
        &self,
        viewer: &Viewer,
    ) -> Result<Vec<SessionEntry>, AccountsError> {
        self.note("sessions".to_owned())?;
        let entry = |id, kind, current| SessionEntry {
            id,
            kind,
            name: None,
            created: Timestamp::from_millis(0),
            last_seen: Timestamp::from_millis(0),
            expires: viewer.expires,
            current,
        };
        Ok(vec![
            entry(viewer.session, viewer.kind, true),
            entry(
                SessionId::from_bytes([2; 16]),
                SessionKind::CommandLine,
                false,
            ),
        ])
    }

    pub(crate) async fn end_session(
        &self,
        _: &Viewer,
        id: SessionId,
        network: Option<&str>,
    ) -> Result<(), AccountsError> {
        self.note(format!("end {id} {network:?}"))
    }

    pub(crate) async fn developer_tokens(
        &self,
        _: &Viewer,
    ) -> Result<Vec<DeveloperToken>, AccountsError> {
        self.note("tokens".to_owned())?;
        Ok(vec![token()])
    }

    pub(crate) async fn revoke_developer_token(
        &self,
        _: &Viewer,
        id: &PublicId,
        network: Option<&str>,
    ) -> Result<(), AccountsError> {
        self.note(format!("revoke {id} {network:?}"))?;
        if *id == token().public_id {
            Ok(())
        } else {
            Err(AccountsError::NotFound)
        }
    }

    pub(crate) async fn audit(
        &self,
        _: &Viewer,
        before: Option<i64>,
    ) -> Result<AuditPage, AccountsError> {
        self.note(format!("audit {before:?}"))?;
        Ok(AuditPage {
            entries: vec![AuditEntry {
                id: 9,
                at: Timestamp::from_millis(0),
                event: "signed_in",
                subject: None,
                network: Some("192.0.2.0/24".to_owned()),
            }],
            before: Some(9),
        })
    }

    #[expect(clippy::unused_self, reason = "the signature of what this stands for")]
    pub(crate) fn client_metadata(&self) -> String {
        r#"{"client_id":"x"}"#.to_owned()
    }

    #[expect(clippy::unused_self, reason = "the signature of what this stands for")]
    pub(crate) fn jwks(&self) -> String {
        r#"{"keys":[]}"#.to_owned()
    }
}
