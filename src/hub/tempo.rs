//! The pace at which a hub speaks.

use std::time::Duration;

/// How often boards may leave, and how long the server may be silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tempo {
    /// At most one board in this time.
    pub pace: Duration,
    /// At least one sign of life in this time.
    pub beat: Duration,
}

/// The quickest pace: a tenth of a second is as quick as anybody reads.
pub const MIN_PACE: Duration = Duration::from_millis(100);

/// The longest beat: the contract with the pages, which take longer silence for a dead connection.
pub const MAX_BEAT: Duration = Duration::from_secs(20);

/// A tempo that cannot be kept.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TempoError {
    /// Boards would come quicker than anybody reads.
    #[error("pace {0:?} is quicker than the quickest, {MIN_PACE:?}; give at least that")]
    TooQuick(Duration),
    /// Pages would take the server for dead.
    #[error("beat {0:?} is longer than the longest, {MAX_BEAT:?}, after which pages take the server for dead")]
    TooSlow(Duration),
    /// A beat is a board, and boards come no quicker than the pace.
    #[error("beat {beat:?} is shorter than pace {pace:?}; make the beat at least as long as the pace")]
    BeatBeforePace {
        /// The beat asked for.
        beat: Duration,
        /// The pace asked for.
        pace: Duration,
    },
}

impl Tempo {
    /// A tempo within its limits.
    ///
    /// # Errors
    /// [`TempoError`] says which limit, and what would do.
    pub fn new(pace: Duration, beat: Duration) -> Result<Self, TempoError> {
        if pace < MIN_PACE {
            Err(TempoError::TooQuick(pace))
        } else if beat > MAX_BEAT {
            Err(TempoError::TooSlow(beat))
        } else if beat < pace {
            Err(TempoError::BeatBeforePace { beat, pace })
        } else {
            Ok(Self { pace, beat })
        }
    }

    /// Whether the next board must be a beat, `since` after the last one: the turn after this may come too late.
    pub(super) fn is_beat(&self, since: Duration) -> bool {
        since + self.pace / 2 >= self.beat || since + self.pace > self.beat
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_silence_between_two_beats_never_outlasts_the_beat() {
        let tempo = Tempo::new(Duration::from_secs(1), Duration::from_secs(20)).unwrap();
        let late = Duration::from_millis(3);
        let beat_at = (1..).map(|turn| tempo.pace * turn + late).find(|since| tempo.is_beat(*since)).unwrap();
        assert!(beat_at <= tempo.beat);
        let every_turn = Tempo::new(tempo.pace, tempo.pace).unwrap();
        assert!(every_turn.is_beat(tempo.pace - late));
    }

    #[test]
    fn impossible_tempos_are_refused_with_the_limit() {
        let (ms, s) = (Duration::from_millis, Duration::from_secs);
        assert_eq!(Tempo::new(ms(99), s(1)), Err(TempoError::TooQuick(ms(99))));
        assert_eq!(Tempo::new(s(1), s(21)), Err(TempoError::TooSlow(s(21))));
        assert!(Tempo::new(s(2), s(1)).unwrap_err().to_string().contains("beat 1s is shorter than pace 2s"));
    }
}
