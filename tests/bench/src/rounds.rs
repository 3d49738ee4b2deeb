//! Taking turns: every round runs every peer once, in a random order; of each peer the best round counts. Beside the
//! time on the clock goes the processor time of the measuring thread: it tells cost where others use the machine.

use std::time::{Duration, Instant, SystemTime};

use crate::{Failure, process};

/// What one turn took.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    /// On the clock.
    pub(crate) time: Duration,
    /// On the processor, this thread only.
    pub(crate) processor: Duration,
}

/// One peer's way of doing the work once.
pub(crate) type Turn<'a> = Box<dyn FnMut() -> Result<Cost, Failure> + 'a>;

/// Best of each peer, in the order given, clock and processor each by itself. A round before the first warms
/// everything up and does not count.
pub(crate) fn best(rounds: usize, peers: &mut [(&'static str, Turn<'_>)]) -> Result<Vec<Cost>, Failure> {
    let mut best = vec![Cost { time: Duration::MAX, processor: Duration::MAX }; peers.len()];
    let mut order: Vec<usize> = (0..peers.len()).collect();
    for round in 0..=rounds {
        shuffle(&mut order);
        for &index in &order {
            let (name, turn) = &mut peers[index];
            let cost = turn().map_err(|error| format!("{name}: {error}"))?;
            if round > 0 {
                best[index].time = best[index].time.min(cost.time);
                best[index].processor = best[index].processor.min(cost.processor);
            }
        }
    }
    Ok(best)
}

/// Cost of `work`, and what it gave, which is dropped only after the clock stopped.
pub(crate) fn timed<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<(Cost, T), Failure> {
    let before = process::processor_time();
    let start = Instant::now();
    let result = work()?;
    let time = start.elapsed();
    Ok((Cost { time, processor: process::processor_time() - before }, result))
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
