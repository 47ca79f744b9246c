//! Every form the journal has had.

use rusqlite_migration::M;

/// `user_version` counts them. Add at the end, never change one.
pub(super) const FORMS: &[M<'static>] = &[
    M::up(
        "CREATE TABLE fact (
         kind TEXT NOT NULL,     -- moment, gathering
         key  TEXT NOT NULL,     -- which of its kind; empty where there is only one
         rev  INTEGER NOT NULL,  -- the higher (rev, node) wins
         node TEXT NOT NULL,
         body TEXT NOT NULL,     -- the fact itself, JSON
         PRIMARY KEY (kind, key)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE node (
         one  INTEGER PRIMARY KEY CHECK (one = 1),
         name TEXT NOT NULL
     ) STRICT;",
    ),
    M::up(
        "CREATE TABLE tally (
         gathering      TEXT NOT NULL,
         post           TEXT NOT NULL,
         device         TEXT NOT NULL,     -- 32 hexadecimal digits
         minute         INTEGER NOT NULL,  -- its first instant, Unix ms
         entered        INTEGER NOT NULL CHECK (entered BETWEEN 0 AND 4294967295),
         entered_undone INTEGER NOT NULL CHECK (entered_undone BETWEEN 0 AND 4294967295),
         gone           INTEGER NOT NULL CHECK (gone BETWEEN 0 AND 4294967295),
         gone_undone    INTEGER NOT NULL CHECK (gone_undone BETWEEN 0 AND 4294967295),
         rush           INTEGER NOT NULL CHECK (rush IN (0, 1)),
         PRIMARY KEY (gathering, post, device, minute)
     ) STRICT, WITHOUT ROWID;
     CREATE TABLE log (
         n    INTEGER PRIMARY KEY CHECK (n > 0),
         line TEXT NOT NULL,               -- what was said, JSON; see journal/line.rs
         hash BLOB NOT NULL CHECK (length(hash) = 32)  -- of the hash before it and this line; see journal/chain.rs
     ) STRICT;
     CREATE TRIGGER log_is_not_changed BEFORE UPDATE ON log BEGIN SELECT raise(ABORT, 'the log is only added to'); END;
     CREATE TRIGGER log_is_not_cut BEFORE DELETE ON log BEGIN SELECT raise(ABORT, 'the log is only added to'); END;",
    ),
];
