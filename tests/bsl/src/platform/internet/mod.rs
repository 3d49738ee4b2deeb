//! What describes a connection, without making one: the proxy, certificates, the request. There is no `HTTPСоединение`:
//! nothing on this bench speaks HTTP but the component.

mod certificates;
mod proxy;
mod request;

pub use certificates::Opaque;
pub use proxy::InternetProxy;
pub use request::HttpRequest;

use crate::run::Registry;

pub(super) fn register(registry: &mut Registry) {
    certificates::register(registry);
    proxy::register(registry);
    request::register(registry);
}
