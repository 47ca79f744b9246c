//! What organisers decided about subjects of one kind.

use std::collections::BTreeMap;

use crate::domain::version::Version;

/// The newest ruling on each subject.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::domain) struct Rulings<Subject>(BTreeMap<Subject, Newest>);

#[derive(Clone, Debug, PartialEq)]
struct Newest {
    version: Version,
    upto: u32,
}

impl<Subject> Default for Rulings<Subject> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<Subject: Ord> Rulings<Subject> {
    /// Keeps a ruling if it is the newest on its subject; whether it is.
    pub(super) fn keep(&mut self, subject: Subject, version: Version, upto: u32) -> bool {
        let newer = !self.knows(&subject, &version, upto);
        if newer {
            self.0.insert(subject, Newest { version, upto });
        }
        newer
    }

    /// Whether keeping a ruling would change nothing. Of two with the same version the higher number stays, as
    /// [`prevails`](crate::domain::version::prevails) has it.
    pub(super) fn knows(&self, subject: &Subject, version: &Version, upto: u32) -> bool {
        self.0.get(subject).is_some_and(|old| (&old.version, old.upto) >= (version, upto))
    }

    /// The most people that are believed; none if nothing was decided.
    pub(in crate::domain) fn upto(&self, subject: &Subject) -> Option<u32> {
        self.0.get(subject).map(|newest| newest.upto)
    }

    /// The place of a subject's ruling in its own history.
    pub(super) fn version(&self, subject: &Subject) -> Option<&Version> {
        self.0.get(subject).map(|newest| &newest.version)
    }

    /// The subjects that were rejected.
    pub(super) fn rejected(&self) -> impl Iterator<Item = &Subject> {
        self.0.iter().filter(|(_, newest)| newest.upto == 0).map(|(subject, _)| subject)
    }
}
