//! Tests of the whole: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod suite {
    mod apply;
    #[cfg(unix)]
    mod canary;
    mod check;
    mod client;
    mod client_server;
    mod client_tls;
    mod contract_client;
    mod contract_sandbox;
    #[cfg(unix)]
    mod full_disk;
    #[cfg(unix)]
    mod accounts;
    mod corpus;
    mod journal_commands;
    mod outputs;
    mod readme;
    mod samples;
    mod sandbox;
    mod sandbox_client;
    mod sandbox_edges;
    mod sandbox_faults;
    mod server;
    mod signals;
    mod stops;
    mod support;
    #[cfg(unix)]
    mod sweep;
    mod trouble;
}
