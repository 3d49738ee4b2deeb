//! Taking turns: every round runs every peer once, in a random order; of each peer the best round counts.

use std::time::{Duration, Instant, SystemTime};

use crate::Failure;

/// One peer's way of doing the work once; gives the time it took.
pub(crate) type Turn<'a> = Box<dyn FnMut() -> Result<Duration, Failure> + 'a>;

/// Best time of each peer, in the order given. A round before the first warms everything up and does not count.
pub(crate) fn best(rounds: usize, peers: &mut [(&'static str, Turn<'_>)]) -> Result<Vec<Duration>, Failure> {
    let mut best = vec![Duration::MAX; peers.len()];
    let mut order: Vec<usize> = (0..peers.len()).collect();
    for round in 0..=rounds {
        shuffle(&mut order);
        for &index in &order {
            let (name, turn) = &mut peers[index];
            let time = turn().map_err(|error| format!("{name}: {error}"))?;
            if round > 0 {
                best[index] = best[index].min(time);
            }
        }
    }
    Ok(best)
}

/// Time of `work`, and what it gave, which is dropped only after the clock stopped.
pub(crate) fn timed<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<(Duration, T), Failure> {
    let start = Instant::now();
    let result = work()?;
    Ok((start.elapsed(), result))
}

/// Fisher and Yates with a small generator: the order need not be secret, only not always the same.
fn shuffle(order: &mut [usize]) {
    let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mut state = u64::from(clock.subsec_nanos()) | 1;
    for last in (1..order.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let bound = u64::try_from(last + 1).unwrap_or(1);
        order.swap(last, usize::try_from(state % bound).unwrap_or(0));
    }
}
