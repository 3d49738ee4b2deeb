//! Which provider can do which setting: one table, asked before a connection is opened and shown in the README. A
//! setting a provider cannot do is an error here, never something left out in silence.

use url::Host;

use super::{Identity, Provider, TlsSettings, TlsVersion, Trust};
use crate::engine::error::{Error, ErrorKind, Phase, Result};

/// The system verifies certificates itself there: its roots cannot be listed, the path it found is not told.
pub(super) const SYSTEM_VERIFIES: bool = cfg!(any(windows, target_vendor = "apple", java));

/// Whether a provider can do a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Can {
    /// Everywhere.
    Yes,
    /// Nowhere.
    No,
    /// With own certificates everywhere; with the system's where its roots can be listed (not on Windows, macOS and
    /// Android, where the system verifies itself and looks revocations up itself).
    UnlessSystemVerifies,
}

/// One setting and who can do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Word of the setting, as in [`ErrorKind::Unsupported`].
    pub setting: &'static str,
    /// rustls.
    pub modern: Can,
    /// The compatible provider where OpenSSL is it.
    pub openssl: Can,
    /// The compatible provider on Windows.
    pub schannel: Can,
}

/// The combinations. `version` stands for limits within what the provider speaks: TLS 1.2 and 1.3 for the modern one,
/// TLS 1.0 to 1.3 for the compatible ones.
pub const TABLE: [Row; 7] = [
    row("pins", Can::Yes, Can::Yes, Can::Yes),
    row("revocations", Can::UnlessSystemVerifies, Can::Yes, Can::No),
    row("server-name", Can::Yes, Can::Yes, Can::Yes),
    row("system-and-own", Can::Yes, Can::Yes, Can::Yes),
    row("client-key", Can::Yes, Can::Yes, Can::No),
    row("client-store", Can::No, Can::No, Can::Yes),
    row("version", Can::Yes, Can::Yes, Can::Yes),
];

const fn row(setting: &'static str, modern: Can, openssl: Can, schannel: Can) -> Row {
    Row { setting, modern, openssl, schannel }
}

impl TlsSettings {
    /// Whether these settings can be used together, on this system. Opens nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] for what the provider cannot do, [`ErrorKind::InvalidRequest`] with the part
    /// `server-name` for a name that is none.
    pub fn check(&self) -> Result<()> {
        if let Some(setting) = self.used().find(|setting| !self.can(setting)) {
            let kind = ErrorKind::Unsupported { setting, by: self.by() };
            return Err(Error::new(kind, Phase::Prepare));
        }
        match &self.server_name {
            Some(name) if host_of(name).is_none() => {
                let name = name.chars().take(100).collect();
                let kind = ErrorKind::InvalidRequest { part: "server-name", name, problem: "value" };
                Err(Error::new(kind, Phase::Prepare))
            }
            _ => Ok(()),
        }
    }

    /// The settings that are not at their defaults.
    fn used(&self) -> impl Iterator<Item = &'static str> {
        let (key, store) = match self.identity.as_deref() {
            Some(Identity::Key { .. }) => (true, false),
            Some(Identity::Store(_)) => (false, true),
            None => (false, false),
        };
        [
            ("pins", !self.pins.is_empty()),
            ("revocations", !self.revocations.is_empty()),
            ("server-name", self.server_name.is_some()),
            ("system-and-own", matches!(self.trust, Trust::SystemAnd(_))),
            ("client-key", key),
            ("client-store", store),
            ("version", self.minimum.is_some() || self.maximum.is_some()),
        ]
        .into_iter()
        .filter_map(|(setting, used)| used.then_some(setting))
    }

    fn can(&self, setting: &str) -> bool {
        let Some(row) = TABLE.iter().find(|row| row.setting == setting) else { return false };
        let can = match self.by() {
            "modern" => row.modern,
            "openssl" => row.openssl,
            _ => row.schannel,
        };
        let can = match can {
            Can::Yes => true,
            Can::No => false,
            Can::UnlessSystemVerifies => {
                !SYSTEM_VERIFIES || matches!(self.trust, Trust::Own(_) | Trust::None)
            }
        };
        can && (setting != "version" || self.versions_meet())
    }

    /// Whether there is a version between the limits that the provider speaks.
    fn versions_meet(&self) -> bool {
        let oldest = match self.provider {
            Provider::Modern => TlsVersion::V1_2,
            Provider::Compatible => TlsVersion::V1_0,
        };
        let newest = TlsVersion::V1_3;
        self.minimum.unwrap_or(oldest).max(oldest) <= self.maximum.unwrap_or(newest).min(newest)
    }

    fn by(&self) -> &'static str {
        match self.provider {
            Provider::Modern => "modern",
            Provider::Compatible if cfg!(windows) => "schannel",
            Provider::Compatible => "openssl",
        }
    }
}

/// The host a written server name stands for: a DNS name (also one in another script) or an address, also in brackets.
pub(super) fn host_of(name: &str) -> Option<Host> {
    let name = name.trim();
    let name = name.strip_suffix('.').unwrap_or(name);
    match name.parse::<std::net::Ipv6Addr>() {
        Ok(address) => Some(Host::Ipv6(address)),
        Err(_) => Host::parse(name).ok(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::tls::StoreSearch;

    fn unsupported(settings: &TlsSettings) -> Option<(&'static str, &'static str)> {
        match settings.check().map_err(|error| error.kind) {
            Err(ErrorKind::Unsupported { setting, by }) => Some((setting, by)),
            Err(other) => panic!("{other:?}"),
            Ok(()) => None,
        }
    }

    #[test]
    fn limits_of_versions_that_leave_none_are_refused() {
        use TlsVersion::{V1_0, V1_1, V1_2, V1_3};
        let limits = |provider, minimum, maximum| {
            unsupported(&TlsSettings { provider, minimum, maximum, ..TlsSettings::default() })
        };
        let modern = |minimum, maximum| limits(Provider::Modern, minimum, maximum);
        for (minimum, maximum) in [
            (None, None),
            (Some(V1_0), None),
            (Some(V1_0), Some(V1_2)),
            (Some(V1_2), Some(V1_2)),
            (Some(V1_3), Some(V1_3)),
            (None, Some(V1_2)),
        ] {
            assert_eq!(modern(minimum, maximum), None, "{minimum:?} {maximum:?}");
        }
        for (minimum, maximum) in [(None, Some(V1_1)), (Some(V1_3), Some(V1_2)), (Some(V1_0), Some(V1_0))] {
            assert_eq!(modern(minimum, maximum), Some(("version", "modern")), "{minimum:?} {maximum:?}");
        }
        assert_eq!(limits(Provider::Compatible, Some(V1_0), Some(V1_0)), None);
        assert!(limits(Provider::Compatible, Some(V1_1), Some(V1_0)).is_some());
    }

    #[test]
    fn certificates_of_the_store_are_for_the_systems_provider_on_windows() {
        let identity = Some(Arc::new(Identity::Store(StoreSearch::Subject("me".into()))));
        let of = |provider| TlsSettings { provider, identity: identity.clone(), ..TlsSettings::default() };
        assert_eq!(unsupported(&of(Provider::Modern)), Some(("client-store", "modern")));
        assert_eq!(unsupported(&of(Provider::Compatible)).is_none(), cfg!(windows));
    }

    #[test]
    fn revocations_need_roots_that_can_be_listed() {
        let given = |trust| TlsSettings { trust, revocations: vec![vec![0]], ..TlsSettings::default() };
        assert_eq!(unsupported(&given(Trust::Own(Vec::new()))), None);
        assert_eq!(unsupported(&given(Trust::System)).is_some(), SYSTEM_VERIFIES);
    }

    #[test]
    fn server_names_are_names_or_addresses() {
        let shown = |name: &str| host_of(name).map(|host| host.to_string());
        assert_eq!(shown("example.test."), Some("example.test".into()));
        assert_eq!(shown("Пример.рф"), Some("xn--e1afmkfd.xn--p1ai".into()));
        assert_eq!(shown("10.0.0.1"), Some("10.0.0.1".into()));
        assert_eq!(shown("::1"), Some("[::1]".into()));
        assert_eq!(shown("[::1]"), Some("[::1]".into()));
        for bad in ["", ".", "a b", "a/b", "host:443", "https://host"] {
            assert_eq!(shown(bad), None, "{bad}");
            let settings = TlsSettings { server_name: Some(bad.into()), ..TlsSettings::default() };
            let error = settings.check().unwrap_err();
            assert!(matches!(error.kind, ErrorKind::InvalidRequest { part: "server-name", .. }), "{error:?}");
        }
    }
}
