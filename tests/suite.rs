//! Tests of the whole: one binary, a module a topic.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod suite {
    #[cfg(unix)]
    mod accounts;
    mod apply;
    #[cfg(unix)]
    mod asking;
    mod bytes;
    #[cfg(unix)]
    mod canary;
    mod changing;
    mod chaos;
    mod check;
    mod client;
    mod client_server;
    mod client_tls;
    mod conf;
    mod contract_client;
    mod contract_sandbox;
    mod converting;
    mod corpus;
    mod damage;
    mod dialects;
    mod differential;
    mod extras;
    #[cfg(unix)]
    mod full_disk;
    mod journal_commands;
    mod killing;
    mod kills;
    mod ledger;
    mod limits;
    mod losing;
    mod lossy;
    mod matrix;
    mod model;
    mod model_contract;
    #[cfg(unix)]
    mod operators;
    mod options;
    mod outputs;
    mod problems;
    mod readme;
    mod referee;
    #[cfg(unix)]
    mod resuming;
    mod samples;
    mod sandbox;
    mod sandbox_client;
    mod sandbox_edges;
    mod sandbox_faults;
    #[cfg(unix)]
    mod seat;
    mod selection;
    mod server;
    mod sheets;
    mod signals;
    mod stops;
    mod support;
    mod systems;
    #[cfg(unix)]
    mod sweep;
    #[cfg(target_os = "linux")]
    mod threads;
    mod trouble;
    mod world;
}
