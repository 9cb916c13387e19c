//! Where a site keeps the bytes of tracks.

use std::{fmt::Write as _, fs, io, path::Path, time::Duration};

use gatefold_media::bucket::{Bucket, Buckets, S3Options};
use gatefold_testkit::origins::{ACCESS_KEY, Nginx, REGION, S3, SECRET_KEY};

use crate::Result;

/// How long a server may take.
const TIME: Duration = Duration::from_secs(10);

/// Where the bytes of tracks are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelves {
    /// In folders.
    Folders,
    /// In two buckets of an S3 server, which checks signatures and their time. The world reads the
    /// public one at another server.
    Buckets,
}

/// The servers of the buckets, where there are any.
pub(super) struct Servers(Option<(S3, Nginx)>);

impl Servers {
    /// Starts those that are needed. The objects are files below `media`, in folders that are called
    /// `private` and `public` as those of a site without them.
    pub(super) fn start(shelves: Shelves, media: &Path) -> io::Result<Self> {
        if shelves == Shelves::Folders {
            return Ok(Self(None));
        }
        let public = media.join("public");
        fs::create_dir_all(&public)?;
        Ok(Self(Some((S3::start(media)?, Nginx::start(&public)?))))
    }

    /// Where the world reads public copies, when that is not the site.
    pub(super) fn public(&self) -> Option<String> {
        let (_, nginx) = self.0.as_ref()?;
        Some(format!("http://{}", nginx.address))
    }

    /// Where the buckets are, when those are not folders.
    pub(super) fn endpoint(&self) -> Option<String> {
        let (s3, _) = self.0.as_ref()?;
        Some(format!("http://{}", s3.address))
    }

    /// What a site has to be told of them.
    pub(super) fn write(&self, toml: &mut String) -> Result {
        let (Some(endpoint), Some(public)) = (self.endpoint(), self.public()) else {
            return Ok(());
        };
        writeln!(toml, "public_url = '{public}'")?;
        for bucket in ["private", "public"] {
            writeln!(
                toml,
                "[server.media.{bucket}]
bucket = '{bucket}'
endpoint = '{endpoint}'
region = '{REGION}'
access_key_id = '{ACCESS_KEY}'
secret_access_key = '{SECRET_KEY}'"
            )?;
        }
        Ok(())
    }

    /// The two buckets, for another process.
    pub(super) fn buckets(&self, media: &Path) -> Result<Buckets> {
        let open = |name: &str| match self.endpoint() {
            None => Bucket::folder(&media.join(name)),
            Some(endpoint) => Bucket::s3(&S3Options {
                endpoint,
                region: REGION.to_owned(),
                bucket: name.to_owned(),
                prefix: None,
                access_key_id: ACCESS_KEY.to_owned(),
                secret_access_key: SECRET_KEY.to_owned().into(),
                connect_time: TIME,
                idle_time: TIME,
                cache_control: None,
            }),
        };
        Ok(Buckets {
            private: open("private")?,
            public: open("public")?,
        })
    }
}
