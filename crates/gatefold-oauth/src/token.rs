//! Requests to an authorization server as the client that a sign-in or grant is pinned to.

use crate::{
    ClientKeys, DpopKey, ErrorCode, KeyId, TokenAnswer, form,
    wire::{Reply, Unanswered, Wire},
};

/// How a client proves itself with a key (RFC 7523, section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The client, as an authorization server knows it.
pub(crate) struct AsClient<'a> {
    pub(crate) id: &'a str,
    /// The key that everything is pinned to; none for a public client.
    pub(crate) key: Option<&'a KeyId>,
    /// The keys that there are.
    pub(crate) keys: &'a ClientKeys,
    /// Who is asked.
    pub(crate) issuer: &'a str,
}

/// Why an authorization server did not do what it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// The client key is not there any more.
    KeyRetired,
    /// It said no.
    Refused(ErrorCode),
    /// It cannot be asked, or does not answer as it has to.
    Unavailable,
}

/// Asks with a form: `pairs` and what proves the client.
pub(crate) async fn ask(
    wire: &Wire,
    client: &AsClient<'_>,
    url: &str,
    pairs: &[(&str, &str)],
    dpop_key: &DpopKey,
) -> Result<Reply, Failed> {
    let key = match client.key {
        None => None,
        Some(id) => Some(client.keys.get(id).ok_or(Failed::KeyRetired)?),
    };
    let form = || {
        let assertion = key.map(|key| {
            let unique = wire.random.token();
            key.assertion(client.id, client.issuer, &unique, wire.now())
        });
        let proof = assertion.as_ref().map(|assertion| {
            [
                ("client_assertion_type", ASSERTION_TYPE),
                ("client_assertion", assertion.as_str()),
            ]
        });
        let all = pairs.iter().copied().chain([("client_id", client.id)]);
        form::encode(all.chain(proof.into_iter().flatten()))
    };
    let reply = wire.form(url, &form, dpop_key).await;
    let reply = reply.map_err(|error| match error {
        Unanswered::Silent | Unanswered::Unsendable => Failed::Unavailable,
    })?;
    if reply.status.is_success() {
        return Ok(reply);
    }
    Err(match reply.error() {
        Some(error) if reply.status.is_client_error() && is_final(&error) => Failed::Refused(error),
        _ => Failed::Unavailable,
    })
}

/// Asks the token endpoint.
pub(crate) async fn tokens(
    wire: &Wire,
    client: &AsClient<'_>,
    url: &str,
    pairs: &[(&str, &str)],
    dpop_key: &DpopKey,
) -> Result<TokenAnswer, Failed> {
    let reply = ask(wire, client, url, pairs, dpop_key).await?;
    TokenAnswer::parse(&reply.body).map_err(|_| Failed::Unavailable)
}

/// Whether an error says something about the request, and not about the moment.
fn is_final(error: &ErrorCode) -> bool {
    !matches!(
        error.as_str(),
        "use_dpop_nonce"
            | "temporarily_unavailable"
            | "server_error"
            | "slow_down"
            | "RateLimitExceeded"
    )
}
