//! One function per fuzz target. Each takes any bytes, and panics when a parser breaks its word:
//! what is accepted encodes back to exactly what was read.

mod client;
mod media;

use std::path::{Component, Path};

use gatefold_app::supporters::read_answer;
use gatefold_domain::{Did, ObjectKeyRef};
use gatefold_edge_core::{ByteRange, ContentRange, Identity, Requested, requested, sole_cookie};
use gatefold_net::Url;
use gatefold_oauth::{
    CallbackQuery, ClientKeys, ErrorCode, Grant, Pending, Secret, TokenAnswer,
    identity::{DidDocument, Input},
    metadata::{AuthorizationServer, ProtectedResource},
};
use gatefold_seal::{
    ClientPattern, HostPattern, KeyringFile, MinterFile, PADDING, Payload, Source, Token,
    reread_binding, reread_ticket,
};
use gatefold_store::{ColumnKey, KeyFile, Sealed};
use http::{HeaderMap, HeaderName, HeaderValue, header};

pub use client::{content_disposition, server_sent_events};
pub use media::{
    media_aiff, media_flac, media_mp4, media_mpeg, media_ogg, media_picture, media_wave,
};

/// A fuzz target: takes any input, panics on a finding.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("token", token),
    ("payload", payload),
    ("keyring", keyring),
    ("minter_file", minter_file),
    ("source", source),
    ("scope", scope),
    ("range", range),
    ("content_range", content_range),
    ("identity", identity),
    ("ticket", ticket),
    ("cookie", cookie),
    ("object_key", object_key),
    ("did_document", did_document),
    ("protected_resource", protected_resource),
    ("authorization_server", authorization_server),
    ("sign_in_input", sign_in_input),
    ("token_answer", token_answer),
    ("callback", callback),
    ("client_keys", client_keys),
    ("grant", grant),
    ("pending", pending),
    ("column_keys", column_keys),
    ("sealed_column", sealed_column),
    ("supporter", supporter),
    ("content_disposition", content_disposition),
    ("server_sent_events", server_sent_events),
    ("media_mpeg", media_mpeg),
    ("media_mp4", media_mp4),
    ("media_flac", media_flac),
    ("media_wave", media_wave),
    ("media_ogg", media_ogg),
    ("media_aiff", media_aiff),
    ("media_picture", media_picture),
];

/// A token that is accepted is written as it was read.
pub fn token(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(token) = Token::parse(text) {
        assert_eq!(token.to_string(), text);
    }
}

/// A plaintext that is accepted is encoded as it was read, and its fields agree.
pub fn payload(data: &[u8]) {
    // As it is, and padded as a minter would, so that the fuzzer need not learn to count to 64.
    let mut padded = data.to_vec();
    padded.resize(data.len().next_multiple_of(PADDING), b' ');
    for plaintext in [data, &padded] {
        if let Ok(payload) = Payload::decode(plaintext) {
            assert_eq!(*payload.encode(), plaintext);
            let window = payload.window();
            assert_eq!(
                window.valid_until().0,
                (window.index() + 1) * window.lifetime() - window.phase()
            );
            assert!(!payload.client().is_empty());
        }
    }
}

/// A keyring that is accepted is written in a way that reads back to the same keyring.
pub fn keyring(data: &[u8]) {
    if let Ok(file) = KeyringFile::parse(data) {
        let json = file.to_json();
        let again = KeyringFile::parse(&json).map(|file| file.to_json());
        assert!(again.is_ok_and(|again| again == json));
        assert!(file.keyring().is_ok());
    }
}

/// The same for a minter's own file.
pub fn minter_file(data: &[u8]) {
    if let Ok(file) = MinterFile::parse(data) {
        let json = file.to_json();
        let again = MinterFile::parse(&json).map(|file| file.to_json());
        assert!(again.is_ok_and(|again| again == json));
    }
}

/// A source that is accepted is spelled as it was read; a line break separates the folder.
pub fn source(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let (original, folder) = match text.split_once('\n') {
        None => (text, None),
        Some((original, folder)) => (original, Some(folder)),
    };
    if let Ok(source) = Source::parse(original, folder) {
        assert_eq!(source.original(), original);
        assert_eq!(source.folder(), folder);
        if let Source::Https(url) = source {
            let host = url.host();
            assert!(original.starts_with(&format!("https://{host}")));
            assert!(host.parse::<std::net::IpAddr>().is_err());
        }
    }
}

/// A pattern that is accepted is written as it was read, and covers nothing that lacks its fixed
/// parts.
pub fn scope(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let (pattern, candidate) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(host) = pattern.parse::<HostPattern>() {
        assert_eq!(host.to_string(), pattern);
        assert!(!host.matches(candidate) || candidate.ends_with(pattern.trim_start_matches('*')));
    }
    if let Ok(client) = pattern.parse::<ClientPattern>() {
        assert_eq!(client.to_string(), pattern);
        let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
        assert!(
            !client.matches(candidate)
                || candidate.starts_with(before) && candidate.ends_with(after)
        );
    }
}

/// A part that is granted lies inside of the object. The first 8 bytes are the object's length.
pub fn range(data: &[u8]) {
    let Some((len, header)) = data.split_first_chunk() else {
        return;
    };
    let len = u64::from_le_bytes(*len);
    let Ok(header) = str::from_utf8(header) else {
        return;
    };
    if let Requested::Part(ByteRange { first, last }) = requested(header, len) {
        assert!(first <= last && last < len, "{first}-{last} of {len}");
    }
}

/// What an origin says of a part is sound where it is believed, and has one meaning: written anew it
/// reads the same.
pub fn content_range(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Some(said) = ContentRange::parse(text) else {
        return;
    };
    if let ContentRange::Part { first, last, total } = said {
        assert!(first <= last, "{said}");
        assert!(total.is_none_or(|total| last < total), "{said}");
    }
    assert_eq!(ContentRange::parse(&said.to_string()), Some(said));
}

/// Whatever headers come: an identity is an origin that one of them spells, and no other.
pub fn identity(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let Some((kind, value)) = line.split_first() else {
            continue;
        };
        let name: HeaderName = match kind {
            b'o' => header::ORIGIN,
            b'r' => header::REFERER,
            _ => continue,
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(name, value);
        }
    }
    let Ok(identity) = Identity::from_headers(&headers) else {
        return;
    };
    let Some(origin) = identity.origin else {
        return;
    };
    assert_ne!(origin, "null");
    let stated = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
    let referer = headers.get(header::REFERER).map(HeaderValue::as_bytes);
    let is_stated = stated == Some(origin.as_bytes());
    let is_referred = referer.is_some_and(|referer| {
        let rest = referer.strip_prefix(origin.as_bytes());
        rest.is_some_and(|rest| rest.first().is_none_or(|byte| b"/?#\\".contains(byte)))
    });
    assert!(is_stated || is_referred && stated.is_none_or(|stated| stated == b"null"));
}

/// A ticket that is read is written as it was.
pub fn ticket(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Some(again) = reread_ticket(text) {
        assert_eq!(again, text);
    }
    // What is one is not the other.
    assert!(reread_ticket(text).is_none() || reread_binding(text).is_none());
}

/// Every line is a header `Cookie`. What is found in them stands there once, and a binding that is
/// read is written as it was.
pub fn cookie(data: &[u8]) {
    const NAME: &str = "gatefold_edge";
    let mut headers = HeaderMap::new();
    let mut times = 0;
    for line in data.split(|byte| *byte == b'\n') {
        let Ok(value) = HeaderValue::from_bytes(line) else {
            continue;
        };
        // By another way than the parser's: pairs whose name is ours.
        times += line
            .split(|byte| *byte == b';')
            .filter(|pair| {
                let end = pair.iter().position(|byte| *byte == b'=');
                let name = &pair[..end.unwrap_or(pair.len())];
                name.trim_ascii() == NAME.as_bytes()
            })
            .count();
        headers.append(header::COOKIE, value);
    }
    let Some(value) = sole_cookie(&headers, NAME) else {
        return;
    };
    assert_eq!(times, 1, "{headers:?}");
    if let Some(again) = reread_binding(value) {
        assert_eq!(again, value);
    }
}

/// A key that is read lies in its bucket, and stands in a URL as it is: an object has one address.
pub fn object_key(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Ok(key) = ObjectKeyRef::parse(text) else {
        return;
    };
    assert_eq!(key.as_str(), text);
    assert!(text.parse().is_ok_and(|kept| key.to_owned() == kept));
    let parts: Vec<_> = Path::new(text).components().collect();
    let is_inside = |part: &Component<'_>| matches!(part, Component::Normal(_));
    assert!(parts.iter().all(is_inside), "{text}");
    assert_eq!(parts.len(), text.split('/').count(), "{text}");
    let url = format!("{SERVER}/media/{text}");
    assert_eq!(Url::parse(&url).map(|url| url.expose()), Ok(url));
}

/// Whose document it is, and where metadata comes from.
const DID: &str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
const SERVER: &str = "https://as.example.com";

/// An origin with https and a name for a host: what every server's URL has to be.
fn assert_origin(url: &Url) {
    let text = url.expose();
    assert!(text.starts_with("https://") && !url.is_plain(), "{text}");
    assert_eq!(url.origin() + "/", text);
    assert!(url.host().parse::<std::net::IpAddr>().is_err(), "{text}");
}

/// A document that is read names a server by its origin, and a handle by what is in it.
pub fn did_document(data: &[u8]) {
    let Ok(did) = DID.parse::<Did>() else {
        unreachable!("the DID is one");
    };
    let Ok(document) = DidDocument::parse(data, &did, Url::parse) else {
        return;
    };
    if let Some(pds) = document.pds {
        assert_origin(&pds);
    }
    if let Some(handle) = document.handle {
        assert_eq!(handle.as_str().parse(), Ok(handle.clone()));
    }
}

/// Metadata that is read is the server's own, and names an issuer by its origin.
pub fn protected_resource(data: &[u8]) {
    let Ok(at) = Url::parse(SERVER) else {
        unreachable!("the URL is one");
    };
    if let Ok(resource) = ProtectedResource::parse(data, &at, Url::parse) {
        assert_eq!(resource.resource, SERVER);
        assert_origin(&resource.authorization_server);
    }
}

/// Metadata that is read is the server's own, and every endpoint is a URL with https.
pub fn authorization_server(data: &[u8]) {
    let Ok(at) = Url::parse(SERVER) else {
        unreachable!("the URL is one");
    };
    let Ok(server) = AuthorizationServer::parse(data, &at, Url::parse) else {
        return;
    };
    assert_eq!(server.issuer, SERVER);
    let endpoints = [
        Some(server.authorization_endpoint),
        Some(server.token_endpoint),
        Some(server.pushed_authorization_request_endpoint),
        server.revocation_endpoint,
    ];
    for endpoint in endpoints.into_iter().flatten() {
        let again = Url::parse(&endpoint).map(|url| url.expose());
        assert_eq!(again.as_ref(), Ok(&endpoint));
    }
}

/// What was typed means the same when it is spelled as it was understood.
pub fn sign_in_input(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Ok(input) = Input::parse(text, Url::parse) else {
        return;
    };
    let spelled = match &input {
        Input::Handle(handle) => handle.to_string(),
        Input::Did(did) => did.to_string(),
        Input::Server(url) => {
            assert_origin(url);
            url.origin()
        }
    };
    assert_eq!(Input::parse(&spelled, Url::parse), Ok(input));
}

/// Tokens that are accepted can stand in a header, and no error word is more than a word.
pub fn token_answer(data: &[u8]) {
    if let Ok(answer) = TokenAnswer::parse(data) {
        let tokens = [Some(&answer.access_token), answer.refresh_token.as_ref()];
        for token in tokens.into_iter().flatten() {
            let value = format!("DPoP {}", token.expose());
            assert!(HeaderValue::from_str(&value).is_ok());
        }
        if let Some(scopes) = answer.scopes {
            let text = scopes.to_string();
            assert!(text.parse() == Ok(scopes));
        }
    }
    let word = ErrorCode::new(&String::from_utf8_lossy(data));
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    assert!(word.as_str().bytes().all(is_word) && word.as_str().len() <= 64);
}

/// A callback that is accepted says nothing twice: it is the same in another order.
pub fn callback(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(query) = CallbackQuery::parse(text) {
        let turned: Vec<_> = text.rsplit('&').collect();
        let turned = CallbackQuery::parse(&turned.join("&"));
        let turned = turned.unwrap_or_else(|_| panic!("refused when turned around"));
        let shown = |secret: &Option<Secret>| secret.as_ref().map(|one| one.expose().to_owned());
        assert_eq!(shown(&query.state), shown(&turned.state));
        assert_eq!(shown(&query.code), shown(&turned.code));
        assert_eq!(query.iss, turned.iss);
        assert_eq!(query.error, turned.error);
    }
}

/// A file of client keys that is accepted is written in a way that reads back to the same keys.
pub fn client_keys(data: &[u8]) {
    if let Ok(keys) = ClientKeys::parse(data) {
        assert!(!keys.is_empty());
        let json = keys.to_bytes();
        let again = ClientKeys::parse(&json);
        assert!(again.is_ok_and(|again| again.to_bytes() == json && again.jwks() == keys.jwks()));
    }
}

/// A grant that is accepted is written in a way that reads back to the same grant.
pub fn grant(data: &[u8]) {
    if let Ok(grant) = Grant::from_bytes(data) {
        let bytes = grant.to_bytes();
        let again = Grant::from_bytes(&bytes).map(|grant| grant.to_bytes());
        assert!(again.is_ok_and(|again| again == bytes));
    }
}

/// The same for a sign-in.
pub fn pending(data: &[u8]) {
    if let Ok(pending) = Pending::from_bytes(data) {
        let bytes = pending.to_bytes();
        let again = Pending::from_bytes(&bytes).map(|pending| pending.to_bytes());
        assert!(again.is_ok_and(|again| again == bytes));
    }
}

/// A file of column keys that is accepted is written in a way that reads back to the same keys, of
/// which there are some, each with an id of its own.
pub fn column_keys(data: &[u8]) {
    let Ok(file) = KeyFile::parse(data) else {
        return;
    };
    let json = file.to_json();
    let again = KeyFile::parse(&json).map(|file| file.to_json());
    assert!(again.is_ok_and(|again| *again == *json));
    let mut ids: Vec<_> = file.keys().iter().map(ColumnKey::id).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert!(all > 0 && ids.len() == all);
}

/// A sealed value that is read is written as it was.
pub fn sealed_column(data: &[u8]) {
    if let Ok(sealed) = Sealed::parse(data) {
        assert!(data.len() >= 33 && data.first() == Some(&1));
        assert_eq!(sealed.to_bytes(), data);
    }
}

/// An answer on a supporter that is believed is an object, whose member says what is believed.
pub fn supporter(data: &[u8]) {
    if let Some(valid) = read_answer(data) {
        let json: serde_json::Value = serde_json::from_slice(data).unwrap_or_default();
        let member = json.as_object().and_then(|object| object.get("valid"));
        assert_eq!(member.and_then(serde_json::Value::as_bool), Some(valid));
    }
}
