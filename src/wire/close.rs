//! How a connection ends: every way, in one table.
//!
//! A page needs to know two things: whether to come back, and how long to wait so that a full square does not
//! knock in the same second. `docs/PROTOCOL.md` holds the same table, and a test compares the two.

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The page closed in good order.
    Left,
    /// The connection broke, or the page went without a word.
    Gone,
    /// Nothing was heard for the whole lease: a phone out of reach, or a socket only one side believes in.
    LeaseOver,
    /// The page did not introduce itself in time.
    NoHello,
    /// The server stops for a restart, or has withdrawn because its clock is wrong; it said `bye` first.
    Draining,
    /// The page came back on another connection, here or on another node, and said so: this one is nobody's now.
    Moved,
    /// A message that is not one of ours, or not JSON.
    BadMessage,
    /// A role that needs a pass, without that pass, or with one that holds no longer.
    NotAllowed,
    /// More messages than a page has reason to send.
    TooMany,
    /// Not WebSocket as RFC 6455 has it.
    Protocol,
    /// Binary data, which nobody here speaks.
    NotText,
    /// Text that is not UTF-8.
    BadText,
    /// A message over the limit.
    TooBig,
}

/// Whether a page should come back by itself, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComeBack {
    /// It left of its own will, or is back already.
    No,
    /// After the time in `bye`, or else with full jitter that grows to 30 s.
    Yes,
    /// Something is wrong with the page: not before the longest wait, 30 s.
    Late,
}

impl Ending {
    /// Every ending, in the order of the table.
    pub const ALL: [Self; 13] = [
        Self::Left,
        Self::Gone,
        Self::LeaseOver,
        Self::NoHello,
        Self::Draining,
        Self::Moved,
        Self::BadMessage,
        Self::NotAllowed,
        Self::TooMany,
        Self::Protocol,
        Self::NotText,
        Self::BadText,
        Self::TooBig,
    ];

    /// The close code; `None` where no close frame is sent.
    pub const fn code(self) -> Option<u16> {
        match self {
            Self::Left => Some(1000),
            Self::Gone => None,
            Self::LeaseOver => Some(4408),
            Self::NoHello => Some(4401),
            Self::Draining => Some(1012),
            Self::Moved => Some(4410),
            Self::BadMessage => Some(4400),
            Self::NotAllowed => Some(4403),
            Self::TooMany => Some(1008),
            Self::Protocol => Some(1002),
            Self::NotText => Some(1003),
            Self::BadText => Some(1007),
            Self::TooBig => Some(1009),
        }
    }

    /// The stable word for it: the close reason, and the label in metrics and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Gone => "gone",
            Self::LeaseOver => "lease_over",
            Self::NoHello => "no_hello",
            Self::Draining => "draining",
            Self::Moved => "moved",
            Self::BadMessage => "bad_message",
            Self::NotAllowed => "not_allowed",
            Self::TooMany => "too_many",
            Self::Protocol => "protocol",
            Self::NotText => "not_text",
            Self::BadText => "bad_text",
            Self::TooBig => "too_big",
        }
    }

    /// What the page should do next.
    pub const fn come_back(self) -> ComeBack {
        match self {
            Self::Left | Self::Moved => ComeBack::No,
            Self::Gone | Self::LeaseOver | Self::NoHello | Self::Draining => ComeBack::Yes,
            Self::BadMessage
            | Self::NotAllowed
            | Self::TooMany
            | Self::Protocol
            | Self::NotText
            | Self::BadText
            | Self::TooBig => ComeBack::Late,
        }
    }
}
