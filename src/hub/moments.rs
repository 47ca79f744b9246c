//! The moment as it leaves for the pages: one ready frame per language it was written in.

use std::collections::BTreeSet;

use crate::{
    domain::{moment::Moment, text::Lang},
    wire::{
        frame::{self, Frame},
        message::{FromServer, MomentMessage},
    },
};

/// The moment, encoded once per language.
#[derive(Debug)]
pub(super) struct Moments {
    /// Tells one moment from the next, also where the revision stays (the default moment of the next day).
    pub(super) no: u32,
    /// The moment itself.
    pub(super) moment: Moment,
    frames: Vec<(Lang, Frame)>,
}

impl Moments {
    /// Encodes `moment` for every language that somebody wrote in it, and for the language of last resort.
    pub(super) fn encode(no: u32, moment: Moment) -> Self {
        let written = std::iter::once(&moment.words).chain(moment.cues.iter().map(|cue| &cue.words));
        let langs: BTreeSet<Lang> =
            written.flat_map(|texts| texts.0.keys().copied()).chain([Lang::fallback()]).collect();
        let encoded = |lang: Lang| (lang, frame::text(&FromServer::Moment(MomentMessage::of(&moment, &lang))));
        let frames = langs.into_iter().map(encoded).collect();
        Self { no, moment, frames }
    }

    /// The frame for a reader of `lang`: in that language, else its primary one, else the last resort.
    pub(super) fn for_reader(&self, lang: &Lang) -> &Frame {
        let find = |tag: &str| self.frames.iter().find(|(l, _)| l.as_str() == tag);
        let found = find(lang.as_str()).or_else(|| find(lang.primary())).or_else(|| find(Lang::fallback().as_str()));
        // `encode` always puts the language of last resort in.
        found.map_or(&self.frames[0].1, |(_, frame)| frame)
    }
}
