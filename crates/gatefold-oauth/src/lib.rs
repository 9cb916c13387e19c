//! atproto OAuth: identities, authorization, sessions, requests as a person.
