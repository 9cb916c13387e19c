//! The endpoints: one file for each, in the order error, types, handler, tests.

mod albums;
mod artists;
mod audio;
mod auth;
mod client_metadata;
mod demo;
mod files;
mod health;
mod home;
mod images;
mod jwks;
mod objects;
mod search;
mod service_worker;
mod settings;
mod sign_in;
mod sign_out;
mod signed_in;
mod track;
mod tracks;

use crate::routes::Route;

/// Every endpoint's route.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = vec![
        home::route(),
        track::route(),
        sign_in::route(),
        signed_in::route(),
        sign_out::route(),
        files::route(),
        health::route(),
        images::route(),
        objects::route(),
        client_metadata::route(),
        jwks::route(),
    ];
    routes.push(search::route());
    routes.extend(albums::routes());
    routes.extend(artists::routes());
    routes.extend(audio::routes());
    routes.extend(auth::routes());
    routes.extend(demo::routes());
    routes.extend(service_worker::routes());
    routes.extend(settings::routes());
    routes.extend(tracks::routes());
    routes
}
