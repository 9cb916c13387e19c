//! TXT records of DNS, behind a trait so that tests stand in for the internet.

use std::{future::Future, pin::Pin, time::Duration};

use hickory_resolver::{
    TokioResolver,
    config::{ResolveHosts, ResolverConfig, ResolverOpts},
    net::runtime::TokioRuntimeProvider,
    proto::rr::RData,
};

/// How long one server is waited for, and how often a question is asked.
const TIME: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 2;

/// What a look-up gives back.
pub type Records<'a> = Pin<Box<dyn Future<Output = Result<Vec<String>, DnsError>> + Send + 'a>>;

/// Looks TXT records up.
pub trait Txt: Send + Sync + 'static {
    /// The records of a name, each with its strings joined; none when there are none or there is no
    /// such name.
    fn txt<'a>(&'a self, name: &'a str) -> Records<'a>;
}

/// DNS cannot be asked, or not now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("DNS cannot be asked")]
pub struct DnsError;

/// The name servers that the operating system is configured with. Nothing is kept: the name servers
/// do that, and who has just changed a record wants to see it.
#[derive(Clone)]
pub struct SystemDns(TokioResolver);

impl SystemDns {
    /// Reads the system's configuration; nothing is asked yet.
    ///
    /// # Errors
    /// [`DnsError`] when there is none that can be read.
    pub fn new() -> Result<Self, DnsError> {
        let (config, options) =
            hickory_resolver::system_conf::read_system_conf().map_err(|_| DnsError)?;
        Self::with(config, options)
    }

    fn with(config: ResolverConfig, mut options: ResolverOpts) -> Result<Self, DnsError> {
        options.timeout = TIME;
        options.attempts = ATTEMPTS;
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        options.try_tcp_on_error = true;
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            .with_options(options)
            .build()
            .map(Self)
            .map_err(|_| DnsError)
    }
}

impl Txt for SystemDns {
    fn txt<'a>(&'a self, name: &'a str) -> Records<'a> {
        Box::pin(async move {
            // With its dot at the end the name is whole: no search domain is put behind it.
            let found = match self.0.txt_lookup(format!("{name}.")).await {
                Ok(found) => found,
                Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
                Err(_) => return Err(DnsError),
            };
            let records = found.answers().iter().filter_map(|record| {
                let RData::TXT(txt) = &record.data else {
                    return None;
                };
                String::from_utf8(txt.txt_data.concat()).ok()
            });
            Ok(records.collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hickory_resolver::{
        config::{ConnectionConfig, NameServerConfig},
        proto::{
            op::{Message, ResponseCode},
            rr::{Record, rdata::TXT},
        },
    };
    use tokio::net::UdpSocket;

    use super::*;

    /// A name server on loopback that knows one name, refuses one, and knows no other.
    async fn name_server() -> SystemDns {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = socket.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            loop {
                let (len, from) = socket.recv_from(&mut buffer).await.unwrap();
                let asked = Message::from_vec(&buffer[..len]).unwrap();
                let query = asked.queries[0].clone();
                let mut answer = asked.clone();
                answer.metadata.message_type = hickory_resolver::proto::op::MessageType::Response;
                answer.edns = None;
                match query.name().to_string().as_str() {
                    "_atproto.a.example." => {
                        let texts = [vec!["did=did:web:", "a.example"], vec!["other"]];
                        for strings in texts {
                            let strings = strings.iter().map(ToString::to_string).collect();
                            let data = RData::TXT(TXT::new(strings));
                            let name = query.name().clone();
                            answer.answers.push(Record::from_rdata(name, 60, data));
                        }
                    }
                    "_atproto.broken.example." => {
                        answer.metadata.response_code = ResponseCode::ServFail;
                    }
                    _ => answer.metadata.response_code = ResponseCode::NXDomain,
                }
                socket
                    .send_to(&answer.to_vec().unwrap(), from)
                    .await
                    .unwrap();
            }
        });
        let mut place = ConnectionConfig::udp();
        place.port = port;
        let mut server = NameServerConfig::udp(Ipv4Addr::LOCALHOST.into());
        server.connections = vec![place];
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        SystemDns::with(config, ResolverOpts::default()).unwrap()
    }

    #[tokio::test]
    async fn records_are_whole_and_their_absence_is_an_answer() {
        let dns = name_server().await;
        for (name, expected) in [
            (
                "_atproto.a.example",
                Ok(vec!["did=did:web:a.example".to_owned(), "other".to_owned()]),
            ),
            ("_atproto.b.example", Ok(Vec::new())),
            ("_atproto.broken.example", Err(DnsError)),
            ("no name at all \u{0}..", Err(DnsError)),
        ] {
            assert_eq!(dns.txt(name).await, expected, "{name}");
        }
    }
}
