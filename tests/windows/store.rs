//! The system's trust. Under Wine the library lists the store of roots; on a real Windows it asks the system's
//! verifier, which finds the same root there.

use schannel::cert_context::CertContext;
use schannel::cert_store::{CertAdd, CertStore};
use serde_json::json;
use test_server::Server;

use crate::script::{CONNECTOR, Script};
use crate::{own_profile, support};

/// Takes the root out again, whatever happened.
struct Rooted(Option<CertContext>);

impl Rooted {
    fn new(der: &[u8]) -> Self {
        let mut store = CertStore::open_current_user("ROOT").unwrap();
        Self(Some(store.add_cert(&CertContext::new(der).unwrap(), CertAdd::Always).unwrap()))
    }
}

impl Drop for Rooted {
    fn drop(&mut self) {
        self.0.take().unwrap().delete().unwrap();
    }
}

#[test]
fn root_in_the_store_is_trusted_and_only_while_it_is_there() {
    if !own_profile() {
        return;
    }
    let (server, other) = (Server::start().unwrap(), Server::start().unwrap());
    let url = server.secure_url("/get");
    for provider in ["Modern", "Compatible"] {
        // Objects of their own: a session keeps what it knows of the trust, and its connections.
        let options = json!({"TLSProvider": provider, "Proxy": false}).to_string();
        let refused = |url: &str| {
            let script = Script::new(support::addin(), CONNECTOR).unwrap();
            let text = script.failure("Get", &[url, &options]).unwrap();
            let details = script.get_json("LastErrorDetails").unwrap();
            assert_eq!(details["problem"], "unknown-issuer", "{provider}: {text}");
        };
        refused(&url);
        {
            let _rooted = Rooted::new(server.ca_der());
            let script = Script::new(support::addin(), CONNECTOR).unwrap();
            assert_eq!(script.status("Get", &[&url, &options]), Ok(200), "{provider}");
            refused(&other.secure_url("/get"));
        }
    }
}
