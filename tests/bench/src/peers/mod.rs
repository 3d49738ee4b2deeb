//! Who is measured: our library and its peers, each able to do the same work on one kept connection.

pub(crate) mod libcurl;
pub(crate) mod ours;
pub(crate) mod python;
pub(crate) mod raw;
pub(crate) mod stock_ureq;
pub(crate) mod system_curl;

#[cfg(test)]
mod tests {
    use crate::child::check;
    use crate::serve::{JSON, start};
    use crate::serve_tls::{FULL, RESUMED};

    use super::{libcurl::Libcurl, raw::Raw, stock_ureq::StockUreq, system_curl::SystemCurl};

    #[test]
    fn peers_get_the_same_bytes() -> Result<(), crate::Failure> {
        let port = start()?;
        let url = |path: &str| format!("http://127.0.0.1:{port}/{path}");
        let (mut libcurl, mut raw, ureq) = (Libcurl::new()?, Raw::new(port)?, StockUreq::new());
        for _ in 0..3 {
            assert_eq!(libcurl.get(&url("json"))?, JSON.as_bytes());
            assert_eq!(raw.get("json")?, JSON.as_bytes());
            assert_eq!(ureq.get(&url("json"))?, JSON.as_bytes());
            let bytes = vec![7; 3_000_001];
            libcurl.upload(&url("upload"), &bytes)?;
            raw.upload("upload", &bytes)?;
        }
        check(&libcurl.get(&url("large"))?)?;
        check(&raw.get("large")?)?;
        assert!(libcurl.get(&url("absent")).is_err());
        Ok(())
    }

    #[test]
    fn handshakes_are_full_and_resumed_as_the_server_says() -> Result<(), crate::Failure> {
        let tls = crate::serve_tls::start()?;
        let folder = tempfile::tempdir()?;
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, &tls.authority)?;
        let mut curl = SystemCurl::new(&authority)?;
        let url = |port: u16| format!("https://127.0.0.1:{port}/");
        for _ in 0..3 {
            assert_eq!(curl.get(&url(tls.full))?, FULL.as_bytes());
        }
        assert_eq!(curl.get(&url(tls.resumed))?, FULL.as_bytes(), "there is nothing to resume yet");
        for _ in 0..3 {
            assert_eq!(curl.get(&url(tls.resumed))?, RESUMED.as_bytes());
        }
        assert!(SystemCurl::new(&folder.path().join("absent.pem"))?.get(&url(tls.full)).is_err());
        Ok(())
    }
}
