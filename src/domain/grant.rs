//! What a pass allows: whom, where, from when until when. Of the pass itself only the hash is kept.

use serde::{Deserialize, Serialize};

use super::{
    gathering::Slug,
    pass::{PassHash, Role},
    post::Post,
    time::UnixMillis,
    version::Version,
};

/// One pass that was given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its short name, drawn at random, by which an organiser revokes it.
    pub id: String,
    /// Its place in its own history.
    pub version: Version,
    /// What is kept of the pass.
    pub hash: PassHash,
    /// What it makes its holder.
    pub role: Role,
    /// The gathering a steward may count at; none for organisers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gathering: Option<Slug>,
    /// The post a steward counts at; none for organisers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<Post>,
    /// What the organiser calls it; neither asked nor needed is the name of a person.
    pub label: String,
    /// Valid from,
    pub from: UnixMillis,
    /// and before.
    pub until: UnixMillis,
    /// Whether it was taken back.
    pub revoked: bool,
    /// What is kept of the short code on the printed card, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<PassHash>,
    /// The grant whose short code this one was had for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_code_of: Option<String>,
}
