//! `DiagnosticsJSON`: what the component is, where it runs and what it takes when nothing is set, for a person who has
//! to find out why something does not work. Everything is asked at the moment of the call; nothing is loaded for it, and
//! no secret is in it.

use serde_json::{Value as Json, json};
use url::Url;

use crate::abi::{Application, AttachedType, Language, Value};
use crate::engine::proxy::{self, Origin};
use crate::engine::tls::{self, Provider, system_trust};
use crate::os;

use super::arguments::Call;
use super::fault::At;
use super::object::{Object, json as json_text};
use super::trouble::Outcome;

/// `DiagnosticsJSON`.
pub(super) fn diagnostics(_: &mut Object, call: &Call<'_>) -> Outcome<Value> {
    let at = &call.at;
    let platform = call.host.platform_info();
    let version = platform.as_ref().map(|platform| platform.version.as_str()).unwrap_or_default();
    let application = platform.as_ref().map_or(Application::Unknown, |platform| platform.application);
    let library = os::library_path().map(|path| path.display().to_string()).unwrap_or_default();
    let language = match call.host.interface_language() {
        Language::English => "en",
        Language::Russian => "ru",
    };
    let pairs = [
        (at.pick("Version", "Версия"), json!(env!("CARGO_PKG_VERSION"))),
        (at.pick("Library", "Библиотека"), json!(library)),
        (at.pick("OperatingSystem", "ОперационнаяСистема"), json!(std::env::consts::OS)),
        (at.pick("Architecture", "Архитектура"), json!(std::env::consts::ARCH)),
        (at.pick("Attached", "Подключение"), json!(attached(call.host.attached_type(), at))),
        (at.pick("PlatformVersion", "ВерсияПлатформы"), json!(version)),
        (at.pick("Application", "Приложение"), json!(named(application))),
        (at.pick("Language", "Язык"), json!(language)),
        (at.pick("TLSProviders", "ПровайдерыTLS"), providers(at)),
        (at.pick("RootCertificates", "КорневыеСертификаты"), json!(roots(at))),
        (at.pick("Proxy", "Прокси"), json!({"http": way_out("http", at), "https": way_out("https", at)})),
    ];
    Ok(json_text(&Json::Object(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())))
}

fn attached(kind: AttachedType, at: &At) -> &'static str {
    match kind {
        AttachedType::Isolated => at.pick("Isolated", "Изолированно"),
        AttachedType::InProcess => at.pick("NotIsolated", "НеИзолированно"),
        AttachedType::Unknown => "",
    }
}

fn named(application: Application) -> &'static str {
    match application {
        Application::Unknown => "",
        Application::ThinClient => "ThinClient",
        Application::ThickClient => "ThickClient",
        Application::WebClient => "WebClient",
        Application::Server => "Server",
        Application::ExternalConnection => "ExternalConnection",
        Application::MobileClient => "MobileClient",
        Application::MobileServer => "MobileServer",
    }
}

/// The values of `TLSProvider` and what implements each.
fn providers(at: &At) -> Json {
    json!({
        at.pick("Modern", "Современный"): Provider::Modern.implementation(),
        at.pick("Compatible", "Совместимый"): Provider::Compatible.implementation(),
    })
}

fn roots(at: &At) -> String {
    let trust = system_trust();
    let whose = match tls::roots() {
        "bundled" => at.pick("built-in", "встроенные"),
        _ => at.pick("system", "система"),
    };
    let source = trust.variable.unwrap_or_else(|| whose.to_owned());
    match trust.roots {
        Some(count) => format!("{source}: {count}"),
        None => source,
    }
}

/// Where requests to some public host go when no proxy is set.
fn way_out(scheme: &str, at: &At) -> String {
    let Ok(url) = Url::parse(&format!("{scheme}://example.com/")) else { return String::new() };
    match proxy::by_default(&url) {
        Ok(None) => at.pick("none", "нет").to_owned(),
        Ok(Some((origin, proxy))) => {
            let origin = match origin {
                Origin::Environment => at.pick("environment", "окружение"),
                Origin::System => at.pick("system", "система"),
            };
            format!("{} ({origin})", proxy.id())
        }
        Err(error) => super::fault::engine_sentence(&error, at.language),
    }
}
