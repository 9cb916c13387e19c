//! The pages on which people look after their accounts: the paths under `/settings`.

mod accounts;
mod activity;
mod add_account;
mod end_session;
mod make_token;
mod revoke_token;
mod sessions;
mod switch_account;
mod tokens;

use crate::routes::Route;

pub(super) fn routes() -> Vec<Route> {
    vec![
        accounts::route(),
        add_account::route(),
        switch_account::route(),
        sessions::route(),
        end_session::route(),
        tokens::route(),
        make_token::route(),
        revoke_token::route(),
        activity::route(),
    ]
}
