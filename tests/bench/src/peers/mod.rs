//! Who is measured: our library and its peers, each able to do the same work on one kept connection.

pub(crate) mod libcurl;
pub(crate) mod ours;
pub(crate) mod python;
pub(crate) mod raw;
pub(crate) mod stock_ureq;

#[cfg(test)]
mod tests {
    use crate::child::check;
    use crate::serve::{JSON, start};

    use super::{libcurl::Libcurl, raw::Raw, stock_ureq::StockUreq};

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
}
