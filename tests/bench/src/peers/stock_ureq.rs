//! ureq as it ships, with a time limit: for interest.

use std::time::Duration;

use crate::Failure;

pub(crate) struct StockUreq {
    agent: ureq::Agent,
}

impl StockUreq {
    pub(crate) fn new() -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(30))).proxy(None);
        Self { agent: config.build().new_agent() }
    }

    /// GET into a fresh vector.
    pub(crate) fn get(&self, url: &str) -> Result<Vec<u8>, Failure> {
        let mut response = self.agent.get(url).call()?;
        Ok(response.body_mut().with_config().limit(u64::MAX).read_to_vec()?)
    }
}
