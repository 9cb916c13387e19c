//! nginx's configuration in each of its roles.

use std::net::SocketAddr;

use clap::ValueEnum;

use crate::{matrix::Against, workload::FOLDER};

/// What nginx is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Gives files to whoever asks
    Origin,
    /// Checks signatures and sends files
    Sendfile,
    /// Checks signatures and sends what it keeps of an origin
    Slice,
}

impl Role {
    /// As an argument spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Sendfile => "sendfile",
            Self::Slice => "slice",
        }
    }
}

impl From<Against> for Role {
    fn from(against: Against) -> Self {
        match against {
            Against::Sendfile => Self::Sendfile,
            Against::Slice => Self::Slice,
        }
    }
}

/// What differs between one nginx and another.
pub(crate) struct Settings<'a> {
    pub(crate) role: Role,
    pub(crate) port: u16,
    pub(crate) secret: &'a str,
    pub(crate) open_file_cache: bool,
    /// Where the files are, for [`Role::Slice`].
    pub(crate) origin: Option<SocketAddr>,
}

impl Settings<'_> {
    /// The configuration; relative paths are below the folder of `-p`, which is beside the files'.
    pub(crate) fn text(&self) -> String {
        // A master that runs as root would else make its worker somebody who may not read here.
        let user = if rustix::process::geteuid().is_root() {
            "user root;"
        } else {
            ""
        };
        let open_files = if self.open_file_cache {
            "open_file_cache max=1000 inactive=60s; open_file_cache_valid 60s;"
        } else {
            ""
        };
        let cache = if self.role == Role::Slice {
            "proxy_cache_path cache levels=1:2 keys_zone=media:1m max_size=1g inactive=1d \
             use_temp_path=off;"
        } else {
            ""
        };
        let port = self.port;
        let (check, source) = (self.check(), self.source());
        // tcp_nopush stays off: with it, ranges of 64 KiB wait for the loopback's timers.
        format!(
            r"{user}
daemon off;
worker_processes 1;
worker_rlimit_nofile 8192;
pid nginx.pid;
error_log stderr warn;
events {{
    worker_connections 4096;
}}
http {{
    client_body_temp_path temp-body;
    proxy_temp_path temp-proxy;
    fastcgi_temp_path temp-fastcgi;
    uwsgi_temp_path temp-uwsgi;
    scgi_temp_path temp-scgi;
    access_log off;
    sendfile on;
    tcp_nopush off;
    tcp_nodelay on;
    keepalive_timeout 300s;
    keepalive_requests 1000000000;
    {open_files}
    {cache}
    types {{ audio/wav wav; }}
    server {{
        listen 127.0.0.1:{port};
        root ../files;
        location /{FOLDER}/ {{
            {check}
            {source}
        }}
    }}
}}
"
        )
    }

    /// Who may have what is asked for.
    fn check(&self) -> String {
        if self.role == Role::Origin {
            return String::new();
        }
        format!(
            r#"secure_link $arg_md5,$arg_expires;
            secure_link_md5 "$secure_link_expires$uri$http_origin {}";
            if ($secure_link = "") {{ return 403; }}
            if ($secure_link = "0") {{ return 403; }}"#,
            self.secret
        )
    }

    /// Where it comes from, unless it is a file here.
    fn source(&self) -> String {
        let Some(origin) = self.origin.filter(|_| self.role == Role::Slice) else {
            return String::new();
        };
        format!(
            r#"slice 1m;
            proxy_cache media;
            proxy_cache_key $uri$slice_range;
            proxy_cache_valid 200 206 1d;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Range $slice_range;
            proxy_pass http://{origin};"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(role: Role) -> String {
        let settings = Settings {
            role,
            port: 8000,
            secret: "s",
            open_file_cache: false,
            origin: Some(([127, 0, 0, 1], 9000).into()),
        };
        settings.text()
    }

    #[test]
    fn only_the_origin_gives_without_a_signature() {
        for (role, checks, caches) in [
            (Role::Origin, false, false),
            (Role::Sendfile, true, false),
            (Role::Slice, true, true),
        ] {
            let text = text(role);
            assert_eq!(text.contains("secure_link_md5"), checks, "{role:?}");
            assert_eq!(text.contains("proxy_cache_path"), caches, "{role:?}");
            assert_eq!(
                text.contains("proxy_pass http://127.0.0.1:9000;"),
                caches,
                "{role:?}"
            );
            assert!(text.contains("listen 127.0.0.1:8000;"), "{role:?}");
        }
    }
}
