//! Java classes that only the host can find: asked for once, in a call of the host's, and handed to the engine.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::abi::Host;
use crate::engine::tls;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Hands the class that judges certificates by the rules of the application to the engine, the first time.
pub(super) fn offer_classes(host: &Host) {
    if !ASKED.swap(true, Ordering::Relaxed)
        && let Some(class) = host.java_class(tls::JUDGE)
    {
        tls::offer_judge(class);
    }
}
