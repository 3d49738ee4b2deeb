//! The system's trust. Under Wine the library lists the store of roots; on a real Windows it asks the system's
//! verifier, which finds the same root there. SChannel verifies by itself, which Wine cannot (see `tests/wire/schannel.rs`).

use schannel::cert_context::CertContext;
use schannel::cert_store::{CertAdd, CertStore};
use serde_json::json;
use test_server::Server;

use crate::script::{CONNECTOR, Script};
use crate::{own_profile, support};

/// A root in the store, taken out again whatever happened. The store is opened for each change and closed at once: that
/// is when others see it.
struct Rooted(Vec<u8>);

impl Rooted {
    fn new(der: &[u8]) -> Self {
        let mut store = CertStore::open_current_user("ROOT").unwrap();
        store.add_cert(&CertContext::new(der).unwrap(), CertAdd::Always).unwrap();
        Self(der.to_vec())
    }
}

impl Drop for Rooted {
    fn drop(&mut self) {
        let store = CertStore::open_current_user("ROOT").unwrap();
        let found = store.certs().find(|one| one.to_der() == self.0.as_slice());
        found.unwrap().delete().unwrap();
    }
}

/// In this order: the library keeps for a while what it has read of the system's trust.
#[test]
fn root_in_the_store_is_trusted_and_no_other() {
    if !own_profile() {
        return;
    }
    let (server, other) = (Server::start().unwrap(), Server::start().unwrap());
    let _rooted = Rooted::new(server.ca_der());
    let script = Script::new(support::addin(), CONNECTOR).unwrap();
    let options = json!({"Proxy": false}).to_string();
    assert_eq!(script.status("Get", &[&server.secure_url("/get"), &options]), Ok(200));
    let text = script.failure("Get", &[&other.secure_url("/get"), &options]).unwrap();
    // The other authority has the same name, so that its key is what gives it away.
    let problem = script.get_json("LastErrorDetails").unwrap()["problem"].clone();
    assert!(["bad-signature", "unknown-issuer"].contains(&problem.as_str().unwrap()), "{text}");
}
