//! `exchange_tokens`: what becomes a session, once, when it is redeemed by whoever began the sign-in.

use gatefold_domain::{Did, SessionId, SessionKind, Timestamp};
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{Cond, Expr, ExprTrait, Query, Returning},
};

use crate::{
    GrantKey, Hash, accounts,
    audit::{self, AuditEvent, NewAuditEntry},
    changes::{self, Change, Telling},
    connection::On,
    error::{Cause, StoreError},
    row::{get, grant, grant_text, insert, moment, parsed, parsed_option},
    run,
    sessions::{self, Column as Of, Ended, Session},
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "exchange_tokens")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Hash,
    Kind,
    Did,
    GrantId,
    BrowserId,
    Name,
    SessionExpires,
    BindingHash,
    VerifierHash,
    AskingSession,
    Expires,
}

/// An exchange token that is to be kept. Its account must have been seen.
#[derive(Clone, Debug)]
pub struct NewExchangeToken<'a> {
    /// Its hash.
    pub hash: &'a Hash,
    /// Who signed in.
    pub did: &'a Did,
    /// What the authorization server gave.
    pub grant: &'a GrantKey,
    /// What it becomes, and what whoever redeems it has to show.
    pub what: TokenFor<'a>,
    /// When the session ends that it becomes.
    pub session_expires: Timestamp,
    /// Until when it can be redeemed.
    pub expires: Timestamp,
}

/// What an exchange token becomes, and for whom.
#[derive(Clone, Debug)]
pub enum TokenFor<'a> {
    /// A session of a browser, for whoever has the cookie that was set when the sign-in began.
    Browser {
        /// The browser.
        browser: SessionId,
        /// The hash of that cookie.
        binding: &'a Hash,
    },
    /// A session of a command line, for whoever has the verifier.
    CommandLine {
        /// Its hash.
        verifier: &'a Hash,
    },
    /// A developer token, for the session that asked for it, if that goes on.
    Developer {
        /// What it is to be called.
        name: &'a str,
        /// The session that asked.
        asking: SessionId,
    },
}

/// What somebody shows who redeems a token. Something that is not asked for does no harm.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shown<'a> {
    /// The hash of the cookie that was set when the sign-in began.
    pub binding: Option<&'a Hash>,
    /// The hash of the verifier.
    pub verifier: Option<&'a Hash>,
    /// The session of the browser.
    pub session: Option<SessionId>,
}

/// What a new session is known by.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// Its name.
    pub id: SessionId,
    /// The hash of its secret.
    pub hash: Hash,
    /// Of a developer token, and of nothing else: the characters that it begins with.
    pub public_id: Option<String>,
}

/// A session that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redeemed {
    /// The session.
    pub session: Session,
    /// The session of the same account in the same browser, which this one takes the place of. Its
    /// grant is to be revoked.
    pub replaced: Option<Ended>,
}

/// The exchange tokens.
#[derive(Clone, Copy)]
pub struct ExchangeTokens<'a>(pub(crate) &'a Store);

impl ExchangeTokens<'_> {
    /// Keeps a token.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn put(&self, new: NewExchangeToken<'_>) -> Result<(), StoreError> {
        let (kind, browser, binding, verifier, name, asking) = match new.what {
            TokenFor::Browser { browser, binding } => (
                SessionKind::Browser,
                Some(browser),
                Some(binding),
                None,
                None,
                None,
            ),
            TokenFor::CommandLine { verifier } => (
                SessionKind::CommandLine,
                None,
                None,
                Some(verifier),
                None,
                None,
            ),
            TokenFor::Developer { name, asking } => (
                SessionKind::Developer,
                None,
                None,
                None,
                Some(name),
                Some(asking),
            ),
        };
        let bytes = |hash: &Hash| hash.to_vec();
        let id = |id: SessionId| id.to_string();
        let statement = insert(
            Table,
            [
                (Column::Hash, bytes(new.hash).into()),
                (Column::Kind, kind.as_str().into()),
                (Column::Did, new.did.as_str().into()),
                (Column::GrantId, grant_text(new.grant).into()),
                (Column::BrowserId, browser.map(id).into()),
                (Column::Name, name.into()),
                (
                    Column::SessionExpires,
                    new.session_expires.as_millis().into(),
                ),
                (Column::BindingHash, binding.map(bytes).into()),
                (Column::VerifierHash, verifier.map(bytes).into()),
                (Column::AskingSession, asking.map(id).into()),
                (Column::Expires, new.expires.as_millis().into()),
            ],
        )?;
        run::exactly_one(self.0.writer(), &statement).await
    }

    /// Redeems a token: it is gone, and its session is there, or nothing has happened. Of all who
    /// redeem the same one at once, one succeeds; who shows the wrong thing does not use it up.
    /// `make` is asked for the secret once it is known what kind of session there will be.
    ///
    /// # Errors
    /// When the database cannot be asked. The token is still good then.
    pub async fn redeem(
        &self,
        hash: &Hash,
        shown: Shown<'_>,
        network: Option<&str>,
        now: Timestamp,
        make: impl FnOnce(SessionKind) -> NewSecret + Send,
    ) -> Result<Option<Redeemed>, StoreError> {
        let Some(proof) = proof(shown, now) else {
            return Ok(None);
        };
        let statement = Query::delete()
            .from_table(Table)
            .and_where(Expr::col((Table, Column::Hash)).eq(hash.to_vec()))
            .and_where(Expr::col((Table, Column::Expires)).gt(now.as_millis()))
            .cond_where(proof)
            .returning(Returning::new().columns([
                Column::Kind,
                Column::Did,
                Column::GrantId,
                Column::BrowserId,
                Column::Name,
                Column::SessionExpires,
            ]))
            .to_owned();
        let transaction = changes::begin(self.0).await?;
        let Some(row) = run::one(&transaction, &statement).await? else {
            return Ok(None);
        };
        let token = token(&row)?;
        let secret = make(token.kind);
        let redeemed = self.start(&transaction, token, secret, network, now).await;
        let redeemed = redeemed.map_err(|error| match error {
            // Two sign-ins of one account in one browser at the same time, or two tokens that begin
            // alike: nothing has happened yet, and the next attempt is another one.
            StoreError::Conflict => {
                StoreError::Unavailable(Cause::new("a session like this one began just now"))
            }
            other => other,
        })?;
        run::commit(transaction).await?;
        Ok(Some(redeemed))
    }

    async fn start(
        &self,
        on: &Telling,
        token: Token,
        secret: NewSecret,
        network: Option<&str>,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError> {
        let replaced = match token.browser {
            Some(browser) => replace(on, browser, &token.did).await?,
            None => None,
        };
        let account = Query::select()
            .column(accounts::Column::Handle)
            .from(accounts::Table)
            .and_where(Expr::col(accounts::Column::Did).eq(token.did.as_str()))
            .to_owned();
        let account = run::one(on, &account)
            .await?
            .ok_or(StoreError::defect("an account is missing"))?;
        let session = Session {
            id: secret.id,
            kind: token.kind,
            did: token.did,
            handle: parsed_option(&account, "handle")?,
            grant: token.grant,
            browser: token.browser,
            public_id: secret.public_id,
            name: token.name,
            created: now,
            last_seen: now,
            expires: token.session_expires,
        };
        let statement = insert(
            sessions::Table,
            [
                (Of::Id, session.id.to_string().into()),
                (Of::SecretHash, secret.hash.to_vec().into()),
                (Of::Kind, session.kind.as_str().into()),
                (Of::Did, session.did.as_str().into()),
                (Of::GrantId, grant_text(&session.grant).into()),
                (
                    Of::BrowserId,
                    session.browser.map(|id| id.to_string()).into(),
                ),
                (Of::PublicId, session.public_id.clone().into()),
                (Of::Name, session.name.clone().into()),
                (Of::Created, now.as_millis().into()),
                (Of::LastSeen, now.as_millis().into()),
                (Of::Expires, session.expires.as_millis().into()),
            ],
        )?;
        run::exactly_one(on, &statement).await?;
        let event = match session.kind {
            SessionKind::Browser | SessionKind::CommandLine => AuditEvent::SignedIn,
            SessionKind::Developer => AuditEvent::TokenCreated,
        };
        let entry = NewAuditEntry {
            at: now,
            did: &session.did,
            event,
            subject: session.name.as_deref(),
            network,
            session: Some(session.id),
        };
        audit::write(on, entry).await?;
        let ended = replaced.as_ref().map(|ended| Change::Session(ended.id));
        let begun = session.browser.map(Change::Browser);
        for change in ended.into_iter().chain(begun) {
            changes::write(on, &change, now).await?;
        }
        Ok(Redeemed { session, replaced })
    }
}

/// Ends the session that an account has in a browser already.
async fn replace(on: &impl On, browser: SessionId, did: &Did) -> Result<Option<Ended>, StoreError> {
    let statement = Query::delete()
        .from_table(sessions::Table)
        .and_where(Expr::col(Of::BrowserId).eq(browser.to_string()))
        .and_where(Expr::col(Of::Did).eq(did.as_str()))
        .returning(Returning::new().columns([Of::Id, Of::GrantId, Of::BrowserId]))
        .to_owned();
    let row = run::one(on, &statement).await?;
    row.as_ref().map(sessions::ended).transpose()
}

/// A token that was taken out.
struct Token {
    kind: SessionKind,
    did: Did,
    grant: GrantKey,
    browser: Option<SessionId>,
    name: Option<String>,
    session_expires: Timestamp,
}

fn token(row: &QueryResult) -> Result<Token, StoreError> {
    Ok(Token {
        kind: parsed(row, "kind")?,
        did: parsed(row, "did")?,
        grant: grant(row, "grant_id")?,
        browser: parsed_option(row, "browser_id")?,
        name: get(row, "name")?,
        session_expires: moment(row, "session_expires")?,
    })
}

/// What a token must look like for somebody who shows this. `None`: they show nothing.
fn proof(shown: Shown<'_>, now: Timestamp) -> Option<Cond> {
    let is = |kind: SessionKind| Expr::col((Table, Column::Kind)).eq(kind.as_str());
    let mut any = Cond::any();
    if let Some(binding) = shown.binding {
        any = any.add(
            is(SessionKind::Browser)
                .and(Expr::col((Table, Column::BindingHash)).eq(binding.to_vec())),
        );
    }
    if let Some(verifier) = shown.verifier {
        any = any.add(
            is(SessionKind::CommandLine)
                .and(Expr::col((Table, Column::VerifierHash)).eq(verifier.to_vec())),
        );
    }
    if let Some(session) = shown.session {
        let asking = Query::select()
            .expr(Expr::value(1))
            .from(sessions::Table)
            .and_where(Expr::col((sessions::Table, Of::Id)).eq(session.to_string()))
            .and_where(Expr::col((sessions::Table, Of::Did)).equals((Table, Column::Did)))
            .and_where(Expr::col((sessions::Table, Of::Kind)).eq(SessionKind::Browser.as_str()))
            .and_where(Expr::col((sessions::Table, Of::Expires)).gt(now.as_millis()))
            .to_owned();
        any = any.add(
            is(SessionKind::Developer)
                .and(Expr::col((Table, Column::AskingSession)).eq(session.to_string()))
                .and(Expr::exists(asking)),
        );
    }
    (!any.is_empty()).then_some(any)
}
