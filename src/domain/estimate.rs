//! A number that somebody typed for a gathering, or for a post, with how it was come by.

use serde::{Deserialize, Serialize};

use super::{device::Device, gathering::Slug, post::Post, time::UnixMillis};

/// How a number was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// By taps or at a turnstile.
    Counted,
    /// By area and density (Jacobs 1967: 1, 2 or 4 people per square metre).
    EstimatedGrid,
    /// By eye.
    EstimatedEye,
    /// As those say who take part.
    SelfReported,
}

/// A number for a gathering or a post. It rebases its scope: earlier tallies are replaced, later ones add to it.
///
/// Never changed once made; whoever thinks better of it makes another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Estimate {
    /// The instant it is about.
    pub at: UnixMillis,
    /// The device's own number of it.
    pub seq: u32,
    /// The gathering.
    pub gathering: Slug,
    /// The post; none for the whole gathering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<Post>,
    /// Who says so.
    pub device: Device,
    /// People present.
    pub value: u32,
    /// At least so many.
    pub low: u32,
    /// At most so many.
    pub high: u32,
    /// How it was come by.
    pub method: Method,
}

impl Estimate {
    /// All that it says, in one line.
    pub fn key(&self) -> String {
        let Self { at, seq, gathering, post, device, value, low, high, method } = self;
        let post = post.as_ref().map_or("", Post::as_str);
        format!("{gathering}/{post}/{device}/{seq}/{}/{value}/{low}/{high}/{method:?}", at.0)
    }
}
