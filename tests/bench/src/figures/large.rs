//! 256 MiB into memory and out of it, against the peers.

use std::time::Duration;

use super::json::ratio;
use crate::child::check;
use crate::peers::libcurl::Libcurl;
use crate::peers::ours::Ours;
use crate::peers::python::Python;
use crate::peers::raw::Raw;
use crate::report::{Report, Target};
use crate::rounds::{Cost, Turn, best, timed};
use crate::{Bench, Failure, LARGE};

pub(crate) fn download(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    let url = bench.server.url("large");
    let ours = Ours::new(&bench.library)?;
    let mut raw = Raw::new(bench.server.port())?;
    let mut libcurl = Libcurl::new()?;
    let mut python = Python::start();
    // Bodies are checked and dropped after the clock stopped.
    let mut peers: Vec<(&'static str, Turn<'_>)> = vec![
        ("ours, BLOB", Box::new(|| checked(timed(|| ours.blob(&url))?))),
        ("raw socket", Box::new(|| checked(timed(|| raw.get("large"))?))),
        ("libcurl easy", Box::new(|| checked(timed(|| libcurl.get(&url))?))),
    ];
    let url = &url;
    if let Some(python) = &mut python {
        peers.push((
            "requests",
            Box::new(move || Ok(Cost { time: python.get(url, 1)?, processor: Duration::ZERO })),
        ));
    }
    let times = best(rounds(bench), &mut peers)?;
    print(&peers, &times);
    let [ours, raw, ..] = times.as_slice() else { return Err("a peer is missing".into()) };
    report.note("download_speed", speed(ours.time), "MB/s");
    report.note("download_processor_to_raw_socket", ratio(ours.processor, raw.processor), "x");
    report.must_in_time("download_time_to_raw_socket", ratio(ours.time, raw.time), "x", Target::AtMost(1.3));
    Ok(())
}

pub(crate) fn upload(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    let url = bench.server.url("upload");
    let bytes: Vec<u8> = (0..LARGE).map(crate::serve::byte_at).collect();
    let ours = Ours::new(&bench.library)?;
    let mut raw = Raw::new(bench.server.port())?;
    let mut libcurl = Libcurl::new()?;
    let mut peers: Vec<(&'static str, Turn<'_>)> = vec![
        ("ours, BLOB", Box::new(|| Ok(timed(|| ours.upload(&url, &bytes))?.0))),
        ("raw socket", Box::new(|| Ok(timed(|| raw.upload("upload", &bytes))?.0))),
        ("libcurl easy", Box::new(|| Ok(timed(|| libcurl.upload(&url, &bytes))?.0))),
    ];
    let times = best(rounds(bench), &mut peers)?;
    print(&peers, &times);
    let [ours, raw, ..] = times.as_slice() else { return Err("a peer is missing".into()) };
    report.note("upload_speed", speed(ours.time), "MB/s");
    report.note("upload_time_to_raw_socket", ratio(ours.time, raw.time), "x");
    Ok(())
}

fn rounds(bench: &Bench) -> usize {
    if bench.quick { 2 } else { 7 }
}

fn checked((cost, body): (Cost, impl std::ops::Deref<Target = [u8]>)) -> Result<Cost, Failure> {
    check(&body)?;
    Ok(cost)
}

fn print(peers: &[(&'static str, Turn<'_>)], times: &[Cost]) {
    for ((name, _), cost) in peers.iter().zip(times) {
        let (time, processor) = (cost.time.as_secs_f64() * 1e3, cost.processor.as_secs_f64() * 1e3);
        println!("  {name:<18} {:>9.0} MB/s {time:>7.1} ms, processor {processor:>6.1} ms", speed(cost.time));
    }
}

fn speed(time: Duration) -> f64 {
    f64::from(u32::try_from(LARGE).unwrap_or(0)) / 1e6 / time.as_secs_f64()
}
