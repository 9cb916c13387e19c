//! A stand-in for a directory, a PDS and its authorization server, as strict as the real one, that
//! misbehaves when it is told to.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};

use serde_json::{Value, json};

use super::{
    form,
    http::{self, Answered, Asked, Fault, Handler},
    jose,
};

pub(crate) const ALICE: &str = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";
pub(crate) const MALLORY: &str = "did:plc:mmmmmmmmmmmmmmmmmmmmmmmm";

/// The server. Its state is public: tests change it as they like.
pub(crate) struct StandIn(Mutex<State>);

pub(crate) struct State {
    pub(crate) origin: String,
    /// What it calls itself as an authorization server in its metadata and answers.
    pub(crate) issuer: String,
    /// Which authorization server the PDS names.
    pub(crate) names: String,
    /// Who signs in.
    pub(crate) sub: &'static str,
    /// The published keys of the client; null for a public one.
    pub(crate) jwks: Value,
    /// The nonce that is accepted.
    pub(crate) nonce: u64,
    /// Whether each answer brings a new nonce.
    pub(crate) nonce_changes: bool,
    /// Whether no nonce is ever right.
    pub(crate) nonce_never: bool,
    /// Scopes that are not granted.
    pub(crate) drops: Vec<&'static str>,
    /// How long access tokens last, in seconds.
    pub(crate) lifetime: u64,
    /// What goes wrong with the next requests to a path.
    pub(crate) faults: Vec<(&'static str, Fault)>,
    /// All requests, with what kind of grant a token was asked for.
    pub(crate) log: Vec<String>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) blobs: Vec<Vec<u8>>,
    requests: HashMap<String, Pushed>,
    codes: HashMap<String, Pushed>,
    ids: HashSet<String>,
    count: u64,
}

#[derive(Clone)]
pub(crate) struct Pushed {
    pub(crate) form: HashMap<String, String>,
    jkt: String,
    kid: Value,
}

pub(crate) struct Session {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) jkt: String,
    pub(crate) kid: Value,
    pub(crate) scope: String,
    pub(crate) alive: bool,
    /// Whether the access token has run out.
    pub(crate) expired: bool,
}

impl StandIn {
    pub(crate) async fn start() -> Arc<Self> {
        let mut made = None;
        http::serve(|port| {
            let origin = format!("http://localhost:{port}");
            let server = Arc::new(Self(Mutex::new(State {
                issuer: origin.clone(),
                names: origin.clone(),
                origin,
                sub: ALICE,
                jwks: Value::Null,
                nonce: 0,
                nonce_changes: false,
                nonce_never: false,
                drops: Vec::new(),
                lifetime: 3600,
                faults: Vec::new(),
                log: Vec::new(),
                sessions: Vec::new(),
                blobs: Vec::new(),
                requests: HashMap::new(),
                codes: HashMap::new(),
                ids: HashSet::new(),
                count: 0,
            })));
            made = Some(Arc::clone(&server));
            server
        })
        .await;
        made.unwrap()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// How often something is in the log.
    pub(crate) fn count(&self, entry: &str) -> usize {
        let state = self.state();
        state.log.iter().filter(|line| *line == entry).count()
    }

    /// The person goes to the URL and agrees; gives the query of the callback.
    pub(crate) fn consent(&self, url: &str) -> String {
        let mut state = self.state();
        let pushed = state.visit(url);
        let code = state.next("code");
        let query = form::encode(&[
            ("code", &code),
            ("state", &pushed.form["state"]),
            ("iss", &state.issuer),
        ]);
        state.codes.insert(code, pushed);
        query
    }

    /// The person goes to the URL and does not agree.
    pub(crate) fn deny(&self, url: &str) -> String {
        let mut state = self.state();
        let pushed = state.visit(url);
        form::encode(&[
            ("error", "access_denied"),
            ("state", &pushed.form["state"]),
            ("iss", &state.issuer),
        ])
    }

    /// What was pushed for a URL that nobody has gone to yet.
    pub(crate) fn pushed(&self, url: &str) -> HashMap<String, String> {
        let (_, query) = url.split_once('?').unwrap();
        let uri = form::decode(query)["request_uri"].clone();
        self.state().requests[&uri].form.clone()
    }
}

impl State {
    fn next(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{kind}-{}", self.count)
    }

    fn visit(&mut self, url: &str) -> Pushed {
        let (endpoint, query) = url.split_once('?').unwrap();
        assert_eq!(endpoint, format!("{}/oauth/authorize", self.origin));
        let query = form::decode(query);
        let pushed = self.requests.remove(&query["request_uri"]).unwrap();
        assert_eq!(query["client_id"], pushed.form["client_id"]);
        pushed
    }

    /// Checks the proof of a request; gives the thumbprint of its key.
    fn proven(&mut self, asked: &Asked, token: Option<&str>) -> Result<String, Answered> {
        let proof = &asked.headers["dpop"];
        let (header, claims) = jose::parts(proof);
        jose::verify(proof, &header["jwk"]);
        assert_eq!(header["typ"], "dpop+jwt");
        assert_eq!(claims["htm"], asked.method.as_str());
        assert_eq!(claims["htu"], format!("{}{}", self.origin, asked.path));
        let id = claims["jti"].as_str().unwrap().to_owned();
        assert!(self.ids.insert(id), "a proof was sent twice");
        let ath = token.map_or(Value::Null, |token| jose::hash(token).into());
        assert_eq!(claims.get("ath").unwrap_or(&Value::Null), &ath);
        let nonce = self.nonce.to_string();
        if self.nonce_never || claims["nonce"] != nonce.as_str() {
            return Err(another_nonce(token.is_some()));
        }
        Ok(jose::thumbprint(&header["jwk"]))
    }

    /// Checks who the client is; gives the key that it used.
    fn client(&mut self, form: &HashMap<String, String>) -> Value {
        let client_id = &form["client_id"];
        if self.jwks.is_null() {
            assert!(!form.contains_key("client_assertion"));
            return Value::Null;
        }
        assert_eq!(
            form["client_assertion_type"],
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
        let assertion = &form["client_assertion"];
        let (header, claims) = jose::parts(assertion);
        let keys = self.jwks["keys"].as_array().unwrap();
        let key = keys.iter().find(|key| key["kid"] == header["kid"]);
        jose::verify(assertion, key.expect("an unpublished key"));
        assert_eq!(claims["iss"], client_id.as_str());
        assert_eq!(claims["sub"], client_id.as_str());
        assert_eq!(claims["aud"], self.issuer.as_str());
        let [issued, ends] = ["iat", "exp"].map(|name| claims[name].as_i64().unwrap());
        assert_eq!(ends - issued, 60);
        let id = claims["jti"].as_str().unwrap().to_owned();
        assert!(self.ids.insert(id), "an assertion was sent twice");
        header["kid"].clone()
    }

    fn push(&mut self, asked: &Asked, form: HashMap<String, String>) -> Result<Answered, Answered> {
        let kid = self.client(&form);
        let jkt = self.proven(asked, None)?;
        assert_eq!(form["response_type"], "code");
        assert_eq!(form["code_challenge_method"], "S256");
        let uri = self.next("urn:request");
        self.requests.insert(uri.clone(), Pushed { form, jkt, kid });
        let answer = json!({"request_uri": uri, "expires_in": 299});
        Ok(Answered::json(201, &answer))
    }

    fn token(
        &mut self,
        asked: &Asked,
        form: &HashMap<String, String>,
    ) -> Result<Answered, Answered> {
        let kid = self.client(form);
        let jkt = self.proven(asked, None)?;
        let refused = || Answered::json(400, &json!({"error": "invalid_grant"}));
        if form["grant_type"] == "authorization_code" {
            let pushed = self.codes.remove(&form["code"]).ok_or_else(refused)?;
            assert_eq!(
                jose::hash(&form["code_verifier"]),
                pushed.form["code_challenge"]
            );
            assert_eq!(form["redirect_uri"], pushed.form["redirect_uri"]);
            assert_eq!((&jkt, &kid), (&pushed.jkt, &pushed.kid));
            let scopes = pushed.form["scope"].split(' ');
            let granted: Vec<_> = scopes.filter(|scope| !self.drops.contains(scope)).collect();
            self.sessions.push(Session {
                access: String::new(),
                refresh: String::new(),
                jkt,
                kid,
                scope: granted.join(" "),
                alive: true,
                expired: false,
            });
        } else {
            let shown = &form["refresh_token"];
            // A token that was used before ends its session, as does the wrong key.
            let (family, _) = shown.split_once('/').unwrap();
            let place: usize = family.parse().unwrap();
            let session = &mut self.sessions[place];
            if !session.alive || session.refresh != *shown || session.kid != kid {
                session.alive = false;
                return Err(refused());
            }
            assert_eq!(session.jkt, jkt);
            return Ok(self.issue(place));
        }
        Ok(self.issue(self.sessions.len() - 1))
    }

    fn issue(&mut self, place: usize) -> Answered {
        let [access, refresh] = ["access", "refresh"].map(|kind| self.next(kind));
        let session = &mut self.sessions[place];
        session.access = format!("{place}/{access}");
        session.refresh = format!("{place}/{refresh}");
        session.expired = false;
        Answered::json(
            200,
            &json!({
                "access_token": session.access, "refresh_token": session.refresh,
                "token_type": "DPoP", "expires_in": self.lifetime,
                "scope": session.scope, "sub": self.sub,
            }),
        )
    }

    fn xrpc(&mut self, asked: &Asked) -> Result<Answered, Answered> {
        let shown = asked.headers.get("authorization").cloned();
        let shown = shown.unwrap_or_default();
        let token = shown.strip_prefix("DPoP ").unwrap();
        let jkt = self.proven(asked, Some(token))?;
        let good = self
            .sessions
            .iter()
            .any(|one| one.alive && !one.expired && one.access == token && one.jkt == jkt);
        if !good {
            let mut answered = Answered::json(401, &json!({"error": "invalid_token"}));
            let challenge = r#"DPoP error="invalid_token", error_description="no""#.to_owned();
            answered.headers.push(("www-authenticate", challenge));
            return Err(answered);
        }
        if asked.path.ends_with("uploadBlob") {
            self.blobs.push(asked.body.clone());
            let (kind, size) = (&asked.headers["content-type"], asked.body.len());
            let blob =
                json!({"$type": "blob", "ref": {"$link": "bafy"}, "mimeType": kind, "size": size});
            return Ok(Answered::json(200, &json!({"blob": blob})));
        }
        let body: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
        Ok(Answered::json(
            200,
            &json!({"query": asked.query, "body": body}),
        ))
    }

    fn documents(&self, asked: &Asked) -> Option<Value> {
        let (origin, issuer) = (&self.origin, &self.issuer);
        let person = |did: &str| match did {
            ALICE => Some("alice.test"),
            MALLORY => Some("mallory.test"),
            _ => None,
        };
        if let Some(did) = asked.path.strip_prefix("/did:plc:") {
            let did = format!("did:plc:{did}");
            let handle = person(&did)?;
            return Some(json!({
                "id": did, "alsoKnownAs": [format!("at://{handle}")],
                "service": [{
                    "id": "#atproto_pds", "type": "AtprotoPersonalDataServer",
                    "serviceEndpoint": origin,
                }],
            }));
        }
        match asked.path.as_str() {
            "/xrpc/com.atproto.identity.resolveHandle" => {
                let handle = &form::decode(&asked.query)["handle"];
                let all = [ALICE, MALLORY];
                let did = all.into_iter().find(|did| person(did) == Some(handle))?;
                Some(json!({"did": did}))
            }
            "/.well-known/oauth-protected-resource" => Some(json!({
                "resource": origin, "authorization_servers": [self.names],
            })),
            "/.well-known/oauth-authorization-server" => Some(json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{origin}/oauth/authorize"),
                "token_endpoint": format!("{origin}/oauth/token"),
                "pushed_authorization_request_endpoint": format!("{origin}/oauth/par"),
                "revocation_endpoint": format!("{origin}/oauth/revoke"),
                "require_pushed_authorization_requests": true,
                "authorization_response_iss_parameter_supported": true,
                "client_id_metadata_document_supported": true,
                "response_types_supported": ["code"],
                "response_modes_supported": ["query", "fragment", "form_post"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
                "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
                "dpop_signing_alg_values_supported": ["RS256", "ES256"],
                "scopes_supported": ["atproto", "transition:generic"],
            })),
            _ => None,
        }
    }
}

/// What a server answers that wants another nonce.
fn another_nonce(is_resource: bool) -> Answered {
    let status = if is_resource { 401 } else { 400 };
    let mut answered = Answered::json(status, &json!({"error": "use_dpop_nonce"}));
    if is_resource {
        let challenge = r#"DPoP error="use_dpop_nonce""#.to_owned();
        answered.headers.push(("www-authenticate", challenge));
    }
    answered
}

impl Handler for StandIn {
    fn fault(&self, asked: &Asked) -> Option<Fault> {
        let mut state = self.state();
        let place = state
            .faults
            .iter()
            .position(|(path, _)| asked.path.starts_with(path))?;
        let fault = state.faults.remove(place).1;
        if !matches!(fault, Fault::Hold { .. } | Fault::Lose) {
            let entry = format!("{} {} fault", asked.method, asked.path);
            state.log.push(entry);
        }
        Some(fault)
    }

    fn answer(&self, asked: &Asked) -> Answered {
        let mut state = self.state();
        if let Some(document) = state.documents(asked) {
            return Answered::json(200, &document);
        }
        if asked.path.ends_with("resolveHandle") {
            return Answered::json(400, &json!({"error": "HandleNotFound"}));
        }
        let form = String::from_utf8(asked.body.clone()).unwrap_or_default();
        let form = form::decode(&form);
        let done = match asked.path.as_str() {
            "/oauth/par" => state.push(asked, form.clone()),
            "/oauth/token" => state.token(asked, &form),
            "/oauth/revoke" => state.proven(asked, None).map(|_| {
                state.client(&form);
                for session in &mut state.sessions {
                    session.alive &=
                        session.refresh != form["token"] && session.access != form["token"];
                }
                Answered::json(200, &json!({}))
            }),
            path if path.starts_with("/xrpc/") => state.xrpc(asked),
            _ => Ok(Answered::html(404)),
        };
        let entry = match &done {
            Ok(_) => match form.get("grant_type") {
                Some(kind) => format!("{} {}", asked.path, kind),
                None => asked.path.clone(),
            },
            Err(answered) => format!("{} {}", asked.path, answered.status),
        };
        state.log.push(entry);
        if state.nonce_changes {
            state.nonce += 1;
        }
        let mut answered = done.unwrap_or_else(|refused| refused);
        let nonce = state.nonce.to_string();
        answered.headers.push(("dpop-nonce", nonce));
        answered
    }
}
