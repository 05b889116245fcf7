//! The client: sends one call to the switch and says what came of it.
//!
//! Knows HTTP, TLS and the API's envelope. Never sends a request a second time, never follows a
//! redirect, never waits between calls: that is the run's business.

mod address;
mod answer;
mod certificate;
mod classify;
mod client;
mod connection;
mod connector;
mod data;
mod departure;
mod envelope;
mod error;
mod idle;
mod receiving;
mod redact;
mod retry_after;
mod tls;
mod transport;
mod verdict;
mod words;

pub use address::AddressError;
pub use address::ApiUrl;
pub use address::Plaintext;
pub use answer::Body;
pub use answer::HttpAnswer;
pub use classify::reply_to;
pub use client::Client;
pub use client::ClientSettings;
pub use error::SwitchError;
