//! Every pass that was given out, found by what its holder shows.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    code::Code,
    gathering::Slug,
    grant::{Denial, Grant, MAX_DEVICES, Standing},
    pass::{Pass, PassHash},
    time::UnixMillis,
};

/// Every grant by its id, and their ids by what is kept of their passes.
///
/// A pass is looked up in an ordered set, which takes a little longer the more of its hash is right. That tells
/// nobody anything: it is the SHA-256 of 160 random bits, and who knows a part of the hash is no nearer to the pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grants {
    by_id: BTreeMap<String, Arc<Grant>>,
    by_hash: BTreeSet<(PassHash, String)>,
}

/// A pass or a code that proved nothing, and whose it was if that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// Why.
    pub why: Denial,
    /// The grant it once belonged to, or does not belong to yet.
    pub grant: Option<Arc<Grant>>,
}

impl From<Denial> for Denied {
    fn from(why: Denial) -> Self {
        Self { why, grant: None }
    }
}

impl Grants {
    /// Merges a grant; whether it is the newest of its id.
    pub(super) fn merge(&mut self, new: Grant) -> bool {
        let old = self.by_id.get(&new.id);
        if old.is_some_and(|old| old.version >= new.version) {
            return false;
        }
        if let Some(old) = old {
            self.by_hash.remove(&(old.hash, old.id.clone()));
        }
        self.by_hash.insert((new.hash, new.id.clone()));
        self.by_id.insert(new.id.clone(), Arc::new(new));
        true
    }

    /// Every grant, in the order of their ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Grant>> {
        self.by_id.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The grant of an id.
    pub fn get(&self, id: &str) -> Option<&Arc<Grant>> {
        self.by_id.get(id)
    }

    /// How a grant stands, and the one whose short code it was had for: what is had for a code falls with it.
    pub fn standing(&self, grant: &Grant, now: UnixMillis) -> Standing {
        let parent = grant.by_code_of.as_ref().and_then(|parent| self.get(parent));
        if parent.is_some_and(|parent| parent.revoked) { Standing::Revoked } else { grant.standing(now) }
    }

    /// The grant of a pass that is good at `now`.
    ///
    /// # Errors
    /// Why it is not.
    pub fn admit(&self, pass: &Pass, now: UnixMillis) -> Result<Arc<Grant>, Denied> {
        self.good(self.of_hash(&pass.hash()), now)
    }

    /// The grant of what is kept of a pass.
    pub fn of_hash(&self, hash: &PassHash) -> Option<&Arc<Grant>> {
        let first = self.by_hash.range((*hash, String::new())..).next();
        first.filter(|(found, _)| found == hash).and_then(|(_, id)| self.get(id))
    }

    /// Whether a grant still stands as it did when its pass was shown; another version of it may be known by now.
    ///
    /// # Errors
    /// Why it does not.
    pub fn holds(&self, shown: &Grant, now: UnixMillis) -> Result<(), Denial> {
        let newest = self.get(&shown.id).ok_or(Denial::Wrong)?;
        self.standing(newest, now).check()
    }

    /// The grant of a short code at a gathering that may let one more device in at `now`.
    ///
    /// # Errors
    /// Why it may not.
    pub fn by_code(&self, gathering: &Slug, code: &Code, now: UnixMillis) -> Result<Arc<Grant>, Denied> {
        let hash = code.hash(gathering);
        let found = self.iter().find(|grant| grant.code == Some(hash) && grant.is_for(gathering));
        let grant = self.good(found, now)?;
        if self.devices(&grant.id) < MAX_DEVICES { Ok(grant) } else { Err(denied(Denial::TooMany, &grant)) }
    }

    /// How many devices a grant's short code has let in, those included that were sent away again: a code that fell
    /// into the wrong hands is not to work for ever.
    pub fn devices(&self, id: &str) -> usize {
        self.iter().filter(|grant| grant.by_code_of.as_deref() == Some(id)).count()
    }

    /// The same for every grant whose code let anybody in, by id.
    pub fn devices_by_code(&self) -> BTreeMap<&str, usize> {
        let mut devices = BTreeMap::new();
        for parent in self.iter().filter_map(|grant| grant.by_code_of.as_deref()) {
            *devices.entry(parent).or_default() += 1;
        }
        devices
    }

    fn good(&self, found: Option<&Arc<Grant>>, now: UnixMillis) -> Result<Arc<Grant>, Denied> {
        let grant = found.ok_or(Denial::Wrong)?;
        self.standing(grant, now).check().map_err(|why| denied(why, grant))?;
        Ok(Arc::clone(grant))
    }
}

fn denied(why: Denial, grant: &Arc<Grant>) -> Denied {
    Denied { why, grant: Some(Arc::clone(grant)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{grant::tests::granted, pass::Role, version::Version};

    const NOW: UnixMillis = UnixMillis(150);

    fn grants(all: impl IntoIterator<Item = Grant>) -> Grants {
        let mut grants = Grants::default();
        for grant in all {
            grants.merge(grant);
        }
        grants
    }

    fn why<T>(answer: Result<T, Denied>) -> Option<(Denial, Option<String>)> {
        answer.err().map(|denied| (denied.why, denied.grant.map(|grant| grant.id.clone())))
    }

    #[test]
    fn a_pass_is_found_among_thousands_and_a_wrong_one_is_nobodys() {
        let mut all = Grants::default();
        for n in 0..3_000_u32 {
            let mut secret = [0; 20];
            secret[..4].copy_from_slice(&n.to_be_bytes());
            let pass = Pass::from_random(Role::Steward, secret);
            let (_, grant) = granted(&format!("g{n}"), 0);
            all.merge(Grant { hash: pass.hash(), ..grant });
            if n % 1_000 == 7 {
                assert_eq!(all.admit(&pass, NOW).unwrap().id, format!("g{n}"));
            }
        }
        let (other, _) = granted("other", 9);
        assert_eq!(why(all.admit(&other, NOW)), Some((Denial::Wrong, None)));
    }

    #[test]
    fn the_organiser_is_told_why_and_whose_pass_proved_nothing() {
        let (pass, grant) = granted("a", 1);
        let a = || Some("a".to_owned());
        let all = grants([grant.clone()]);
        assert_eq!(why(all.admit(&pass, UnixMillis(99))), Some((Denial::NotYet, a())));
        assert_eq!(all.admit(&pass, NOW).unwrap().id, "a");
        assert_eq!(why(all.admit(&pass, UnixMillis(200))), Some((Denial::Expired, a())));
        let version = Version::next(Some(&grant.version), &grant.version.node);
        let all = grants([grant.clone(), Grant { revoked: true, version, ..grant.clone() }]);
        assert_eq!(why(all.admit(&pass, NOW)), Some((Denial::Revoked, a())));
        assert_eq!(all.holds(&grant, NOW), Err(Denial::Revoked), "the version that was shown is an old one");
    }

    #[test]
    fn the_same_secret_in_another_role_is_another_pass() {
        let (_, grant) = granted("a", 1);
        let organiser = Pass::from_random(Role::Organiser, [1; 20]);
        assert_eq!(why(grants([grant]).admit(&organiser, NOW)), Some((Denial::Wrong, None)));
    }

    fn with_code(devices: usize) -> (Code, Grants) {
        let (_, grant) = granted("card", 1);
        let code = Code::from_random(12_345);
        let hash = code.hash(grant.gathering.as_ref().unwrap());
        let devices = (0..devices).map(|n| {
            let (_, device) = granted(&format!("device{n}"), 100 + u8::try_from(n).unwrap());
            Grant { by_code_of: Some("card".to_owned()), ..device }
        });
        (code, grants(devices.chain([Grant { code: Some(hash), ..grant }])))
    }

    #[test]
    fn a_code_lets_five_devices_in_and_no_sixth_also_when_one_was_revoked() {
        let bath = "bath".parse().unwrap();
        let (code, four) = with_code(MAX_DEVICES - 1);
        assert_eq!(four.by_code(&bath, &code, NOW).unwrap().id, "card");
        let (code, mut five) = with_code(MAX_DEVICES);
        assert_eq!(why(five.by_code(&bath, &code, NOW)), Some((Denial::TooMany, Some("card".to_owned()))));
        let device = five.get("device0").unwrap().as_ref().clone();
        let version = Version::next(Some(&device.version), &device.version.node);
        five.merge(Grant { revoked: true, version, ..device });
        assert_eq!(why(five.by_code(&bath, &code, NOW)), Some((Denial::TooMany, Some("card".to_owned()))));
    }

    #[test]
    fn a_code_is_good_at_its_gathering_and_in_its_window_only() {
        let (code, all) = with_code(0);
        let at = |slug: &str, now| why(all.by_code(&slug.parse().unwrap(), &code, UnixMillis(now)));
        let card = || Some("card".to_owned());
        assert_eq!(at("bath", 150), None);
        assert_eq!(at("york", 150), Some((Denial::Wrong, None)));
        assert_eq!(at("bath", 99), Some((Denial::NotYet, card())));
        assert_eq!(at("bath", 200), Some((Denial::Expired, card())));
        let other = Code::from_random(54_321);
        assert_eq!(why(all.by_code(&"bath".parse().unwrap(), &other, NOW)), Some((Denial::Wrong, None)));
    }

    #[test]
    fn what_was_had_for_a_code_falls_with_the_card() {
        let (_, mut all) = with_code(2);
        let (device, _) = granted("device1", 101);
        assert!(all.admit(&device, NOW).is_ok());
        let card = all.get("card").unwrap().as_ref().clone();
        let version = Version::next(Some(&card.version), &card.version.node);
        all.merge(Grant { revoked: true, version, ..card });
        assert_eq!(why(all.admit(&device, NOW)), Some((Denial::Revoked, Some("device1".to_owned()))));
    }

    /// A few grants in a few versions, some of which share a pass.
    fn any_grant() -> impl Strategy<Value = Grant> {
        (0_u8..4, 1_u64..5).prop_map(|(thing, rev)| {
            let (_, grant) = granted(&format!("g{thing}"), (u64::from(thing) * rev % 3) as u8);
            let version = Version { rev, ..grant.version };
            Grant { version, revoked: rev % 2 == 0, ..grant }
        })
    }

    proptest! {
        #[test]
        fn grants_in_any_order_and_any_number_of_times_admit_the_same(
            (some, otherwise) in prop::collection::vec(any_grant(), 0..24).prop_flat_map(|some| {
                let twice: Vec<Grant> = some.iter().chain(&some).cloned().collect();
                (Just(some), Just(twice).prop_shuffle())
            })
        ) {
            let (some, otherwise) = (grants(some), grants(otherwise));
            prop_assert_eq!(&some, &otherwise);
            for secret in 0..3 {
                let (pass, _) = granted("", secret);
                prop_assert_eq!(some.admit(&pass, NOW), otherwise.admit(&pass, NOW));
            }
            prop_assert_eq!(some.by_hash.len(), some.by_id.len(), "one way in for each, and none to an old version");
        }

        #[test]
        fn once_revoked_a_grant_is_never_good_again_whatever_the_time(now: i64, secret: u8) {
            let (pass, grant) = granted("a", secret);
            let all = grants([Grant { revoked: true, ..grant }]);
            prop_assert!(all.admit(&pass, UnixMillis(now)).is_err());
        }
    }
}
