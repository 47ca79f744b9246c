//! How tests wait: for a state, and not for ever.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};

/// How long a state may take to come on two busy cores, unless a promise says sooner.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How often something that does not tell of its changes is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Looks until `look` finds something; `what` names it if it does not come within [`PATIENCE`].
pub(crate) async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look).await
}

/// Looks until `look` finds something, for `patience` at most.
pub(crate) async fn within<T>(patience: Duration, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let found = async {
        loop {
            looks.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    timeout(patience, found).await.unwrap_or_else(|_| panic!("not within {patience:?}: {what}"))
}
