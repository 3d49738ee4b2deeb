//! Work done in a fresh process of its own, so that its memory and threads are those of our library alone. Prints
//! one number.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::peers::ours::Ours;
use crate::{Failure, LARGE, process, serve};

pub(crate) fn run(what: &str, library: &Path, url: &str, file: &str) -> Result<(), Failure> {
    process::pin(process::CLIENT_PROCESSOR);
    let ours = Ours::new(library)?;
    let small = url.replace("/large", "/json");
    for _ in 0..10 {
        ours.json(&small)?;
    }
    let number = match what {
        "blob" => growth(|| {
            let body = ours.blob(url)?;
            check(&body)
        })?,
        "file" => growth(|| ours.file(url, file))?,
        "threads" => new_threads(|| (0..3000).try_for_each(|_| ours.json(&small).map(drop)))?,
        other => return Err(format!("no child work {other}").into()),
    };
    println!("{number}");
    Ok(())
}

/// How far the peak of resident memory rises above what is resident before.
fn growth(work: impl FnOnce() -> Result<(), Failure>) -> Result<u64, Failure> {
    process::reset_peak()?;
    let before = process::resident();
    work()?;
    Ok(process::peak().saturating_sub(before))
}

/// Length, and every 4096th byte.
pub(crate) fn check(body: &[u8]) -> Result<(), Failure> {
    let right = body.len() == LARGE && (0..LARGE).step_by(4096 - 1).all(|at| body[at] == serve::byte_at(at));
    if right { Ok(()) } else { Err(format!("wrong body of {} bytes", body.len()).into()) }
}

/// Threads seen during the work that were not there before. A thread per request may live too shortly to be seen
/// each time, but not three thousand times.
fn new_threads(work: impl FnOnce() -> Result<(), Failure>) -> Result<u64, Failure> {
    let over = AtomicBool::new(false);
    let (watching, started) = std::sync::mpsc::channel();
    let seen = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            process::pin(process::SERVER_PROCESSOR);
            let before = process::threads();
            let mut seen = before.clone();
            // The receiver waits for exactly this.
            let _sent = watching.send(());
            while !over.load(Ordering::Relaxed) {
                seen.extend(process::threads());
            }
            seen.len() - before.len()
        });
        started.recv()?;
        let outcome = work();
        over.store(true, Ordering::Relaxed);
        let seen = watcher.join().map_err(|_| "the watching thread failed")?;
        outcome.map(|()| seen)
    })?;
    Ok(u64::try_from(seen)?)
}
