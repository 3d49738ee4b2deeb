//! What belongs to the host's process stays as it was: requests, TLS and files leave no trace in it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use serde_json::json;
use test_server::Server;
use windows_sys::Win32::Networking::WinSock::{WSADATA, WSAStartup};
use windows_sys::Win32::System::Console::{GetConsoleCP, GetConsoleOutputCP};
use windows_sys::Win32::System::Diagnostics::Debug::GetErrorMode;

use crate::script::{CONNECTOR, Script};
use crate::support;

#[derive(Debug, PartialEq)]
struct State {
    folder: PathBuf,
    environment: BTreeMap<OsString, OsString>,
    error_mode: u32,
    code_pages: (u32, u32),
}

impl State {
    fn now() -> Self {
        // SAFETY: asks, and takes nothing.
        let error_mode = unsafe { GetErrorMode() };
        // SAFETY: as above.
        let input = unsafe { GetConsoleCP() };
        // SAFETY: as above.
        let output = unsafe { GetConsoleOutputCP() };
        Self {
            folder: std::env::current_dir().unwrap(),
            environment: std::env::vars_os().collect(),
            error_mode,
            code_pages: (input, output),
        }
    }
}

#[test]
fn requests_change_nothing_of_the_process() {
    // The host's own use of Winsock goes on when the library's ends.
    let mut data = WSADATA::default();
    // SAFETY: `data` may be written.
    assert_eq!(unsafe { WSAStartup(0x202, &raw mut data) }, 0);
    let before = State::now();
    let server = Server::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body");
    {
        let script = Script::new(support::addin(), CONNECTOR).unwrap();
        let options = json!({
            "OutputFile": file.to_string_lossy(), "VerifySSL": server.ca_pem(), "Proxy": false,
        });
        assert_eq!(script.status("Get", &[&server.secure_url("/get"), &options.to_string()]), Ok(200));
        let compatible = json!({"TLSProvider": "Compatible", "VerifySSL": false, "Proxy": false});
        assert_eq!(script.status("Get", &[&server.secure_url("/get"), &compatible.to_string()]), Ok(200));
        script.failure("Get", &["http://127.0.0.1:1/", &json!({"Proxy": false}).to_string()]).unwrap();
    }
    assert_eq!(State::now(), before);
    std::net::TcpListener::bind("127.0.0.1:0").unwrap();
}
