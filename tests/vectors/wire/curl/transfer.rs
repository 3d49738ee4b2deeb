//! One transfer of a command line as a request to the client.

use std::sync::Arc;
use std::time::Duration;

use httpconnector::engine::client::Client;
use httpconnector::engine::cookies::GivenCookie;
use httpconnector::engine::error::Error;
use httpconnector::engine::headers::Headers;
use httpconnector::engine::body::Segment;
use httpconnector::engine::request::{Content, Credentials, Output, Part, Redirects, Request, Retries};

use super::command::{Field, Files, Group, NO_FILE};
use super::server::Script;

/// What came of a transfer.
pub(super) struct Done {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) decoded: bool,
}

/// Whether this client is asked for something it means to do. `Err`: why the test is not played.
pub(super) fn possible(groups: &[Group], script: &Script, files: &Files) -> Result<(), &'static str> {
    for group in groups {
        let names = |name: &str| group.headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if names("content-length") || names("transfer-encoding") {
            return Err("framing fields written by the caller");
        }
        if group.urls.iter().any(|url| !is_local(url)) || group.follow && script.leads_elsewhere() {
            return Err("hosts that exist only in curl's set-up");
        }
        if group.uploads.iter().any(|upload| !files.contains_key(upload)) {
            return Err(NO_FILE);
        }
        if script.has_status("417") {
            return Err("curl repeats a request it expected too much of; here 417 is an answer");
        }
        if group.retries > 0 && group.follow {
            return Err("curl retries from the first URL, this client the hop that failed");
        }
        if !group.cookie_files.is_empty() && group.cookie_files.iter().any(|file| files.contains_key(file)) {
            return Err("curl's cookie files");
        }
    }
    Ok(())
}
