//! libcurl's easy interface, one handle reused.

use curl::easy::Easy;

use crate::Failure;

pub(crate) struct Libcurl {
    easy: Easy,
}

impl Libcurl {
    pub(crate) fn new() -> Result<Self, Failure> {
        let mut easy = Easy::new();
        easy.proxy("")?;
        easy.timeout(std::time::Duration::from_secs(30))?;
        easy.tcp_nodelay(true)?;
        easy.buffer_size(512 << 10)?;
        Ok(Self { easy })
    }

    /// GET into a fresh vector.
    pub(crate) fn get(&mut self, url: &str) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        self.easy.get(true)?;
        self.easy.url(url)?;
        {
            let mut transfer = self.easy.transfer();
            transfer.write_function(|data| {
                body.extend_from_slice(data);
                Ok(data.len())
            })?;
            transfer.perform()?;
        }
        if self.easy.response_code()? == 200 { Ok(body) } else { Err("status is not 200".into()) }
    }

    /// POST of bytes given by a callback.
    pub(crate) fn upload(&mut self, url: &str, bytes: &[u8]) -> Result<(), Failure> {
        let mut rest = bytes;
        self.easy.post(true)?;
        self.easy.post_field_size(u64::try_from(bytes.len())?)?;
        self.easy.url(url)?;
        let mut headers = curl::easy::List::new();
        headers.append("Expect:")?;
        self.easy.http_headers(headers)?;
        let mut transfer = self.easy.transfer();
        transfer.read_function(|into| {
            let count = rest.len().min(into.len());
            let (now, later) = rest.split_at(count);
            into[..count].copy_from_slice(now);
            rest = later;
            Ok(count)
        })?;
        transfer.write_function(|data| Ok(data.len()))?;
        transfer.perform()?;
        Ok(())
    }
}
