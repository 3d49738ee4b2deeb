//! Small JSON on a kept connection: requests per second against the peers.

use std::time::Duration;

use crate::peers::libcurl::Libcurl;
use crate::peers::ours::Ours;
use crate::peers::python::Python;
use crate::peers::raw::Raw;
use crate::peers::stock_ureq::StockUreq;
use crate::report::{Report, Target};
use crate::rounds::{Cost, Turn, best, timed};
use crate::serve::JSON;
use crate::{Bench, Failure};

pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    // Short rounds: on a shared machine some of many fall into a quiet moment.
    let (rounds, count) = if bench.quick { (5, 300) } else { (80, 500) };
    let url = bench.server.url("json");
    let ours = Ours::new(&bench.library)?;
    let mut libcurl = Libcurl::new()?;
    let mut raw = Raw::new(bench.server.port())?;
    let stock = StockUreq::new();
    let mut python = Python::start();
    let versions = python.as_ref().map(|python| python.version.clone());

    let mut peers: Vec<(&'static str, Turn<'_>)> = vec![
        ("ours", repeat(count, || ours.json(&url))),
        ("raw socket", repeat(count, || Ok(raw.get("json")?.len()))),
        ("libcurl easy", repeat(count, || Ok(libcurl.get(&url)?.len()))),
        ("ureq as shipped", repeat(count, || Ok(stock.get(&url)?.len()))),
    ];
    let url = &url;
    // Ten times slower: a tenth of the requests says as much.
    let fewer = count / 10;
    if let Some(python) = &mut python {
        // Its processor time is another process's.
        let turn = move || Ok(Cost { time: python.get(url, fewer)? * 10, processor: Duration::ZERO });
        peers.push(("requests", Box::new(turn)));
    }
    let times = best(rounds, &mut peers)?;

    let requests = f64::from(u32::try_from(count)?);
    for ((name, _), cost) in peers.iter().zip(&times) {
        let (time, processor) = (cost.time.as_secs_f64() / requests, cost.processor.as_secs_f64() / requests);
        println!(
            "  {name:<18} {:>9.0} req/s {:>7.1} us, processor {:>6.1} us",
            1.0 / time,
            time * 1e6,
            processor * 1e6
        );
    }
    match versions {
        Some(version) => println!("  (requests {version})"),
        None => println!("  requests is absent: name an interpreter that has it in BENCH_PYTHON"),
    }
    let [ours, raw, libcurl, ..] = times.as_slice() else { return Err("a peer is missing".into()) };
    report.note("json_requests_per_second", requests / ours.time.as_secs_f64(), "req/s");
    report.must_in_time("json_speed_to_libcurl", ratio(libcurl.time, ours.time), "x", Target::AtLeast(1.0));
    report.must_in_time("json_time_to_raw_socket", ratio(ours.time, raw.time), "x", Target::AtMost(1.3));
    report.note("json_processor_to_libcurl", ratio(ours.processor, libcurl.processor), "x");
    report.note("json_processor_to_raw_socket", ratio(ours.processor, raw.processor), "x");
    if let Some(python) = times.get(4) {
        report.note("json_speed_to_requests", ratio(python.time, ours.time), "x");
    }
    Ok(())
}

fn repeat<'a>(count: usize, mut once: impl FnMut() -> Result<usize, Failure> + 'a) -> Turn<'a> {
    Box::new(move || {
        let (cost, ()) = timed(|| {
            for _ in 0..count {
                let length = once()?;
                if length != JSON.len() {
                    return Err(format!("{length} bytes").into());
                }
            }
            Ok(())
        })?;
        Ok(cost)
    })
}

/// `a` in units of `b`.
pub(crate) fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
