//! The HTTP API and the pages: routes, perimeter, templates.
