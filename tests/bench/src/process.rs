//! What a process can tell about itself, and where it runs.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

/// Processor of the measuring process.
pub(crate) const CLIENT_PROCESSOR: usize = 0;
/// Processor of the server.
pub(crate) const SERVER_PROCESSOR: usize = 1;

/// Ties this process (and what it starts) to one processor; to none if the machine has no such.
pub(crate) fn pin(processor: usize) {
    let mut set = rustix::thread::CpuSet::new();
    set.set(processor);
    if rustix::thread::sched_setaffinity(None, &set).is_err() {
        eprintln!("bench: processor {processor} cannot be had, running anywhere");
    }
}

/// Name of the processor.
pub(crate) fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or("unknown", |(_, name)| name).to_owned()
}

/// Peak of resident memory in bytes.
pub(crate) fn peak() -> u64 {
    status("VmHWM:")
}

/// Resident memory in bytes.
pub(crate) fn resident() -> u64 {
    status("VmRSS:")
}

/// Starts the peak anew.
pub(crate) fn reset_peak() -> std::io::Result<()> {
    fs::write("/proc/self/clear_refs", "5")
}

/// Identities of the threads of this process.
pub(crate) fn threads() -> BTreeSet<String> {
    let entries = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Processor time of this thread so far. Unlike the clock it does not run while others have the processor.
pub(crate) fn processor_time() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or(0))
}

fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()).unwrap_or(0) * 1024
}
