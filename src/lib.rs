//! `oneoclock`: gatherings all over a country act together at one instant.
//!
//! # The map
//!
//! Imports point down only; pure things are at the bottom, the world is at the edges.
//!
//! ```text
//! floor 6  front door   main · lib
//! floor 5  commands     serve · check · moment · import · pass · pace · export      + config
//! floor 4  http         accept · router · admission · live · api · pages · health
//! floor 3  hub          take and learn · audiences · seats · shards that write frames
//! floor 2  journal · mesh · clock · machine · meters
//! floor 1  wire         messages · close codes · frames encoded once
//! floor 0  domain       time · moment · gathering · import · pass · grant · tally · estimate · fact · board ·
//!                       headcount · publication · figures · peers · lease · leaves
//! ```
//!
//! # What always holds
//!
//! - The domain never asks what time it is, never waits, never logs. Time is an argument.
//! - A fact may be learned twice, late, or out of order, and the board is the same.
//! - Nothing lasting is acknowledged, merged or shared before the journal has it.
//! - A hub speaks at its own pace: no inbound message ever causes a send to anybody else.
//! - A frame is encoded once per change and audience, whatever the number of readers.
//! - A connection is admitted before the upgrade or not at all; its seat is given up by dropping.
//! - No address, user agent or identifier of a participant is logged, stored or sent.

pub mod clock;
pub mod commands;
pub mod config;
pub mod domain;
pub mod http;
pub mod hub;
pub mod journal;
pub mod machine;
pub mod mesh;
pub mod meters;
pub mod wire;
