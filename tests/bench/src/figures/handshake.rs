//! TLS handshakes per second, full and resumed, against the system's libcurl. Each request opens a connection of its
//! own, and its answer says what the server made of it: a peer that does not do what is being measured fails.

use std::fs;

use super::json::ratio;
use crate::peers::ours::Ours;
use crate::peers::system_curl::SystemCurl;
use crate::report::{Report, Target};
use crate::rounds::{Turn, best, timed};
use crate::serve_tls::{FULL, RESUMED};
use crate::{Bench, Failure};

pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    let authority = bench.folder.path().join("authority.pem");
    fs::write(&authority, bench.server.authority())?;
    let ours = Ours::new(&bench.library)?;
    let pem = bench.server.authority().replace('\n', "\\n");
    ours.configure(&format!("{{\"VerifySSL\":\"{pem}\"}}"))?;
    let mut curl = SystemCurl::new(&authority)?;
    println!("  (system's {})", curl.version);

    for (resumed, wanted) in [(false, FULL), (true, RESUMED)] {
        let url = bench.server.tls_url(resumed);
        // The first ones have nothing to resume.
        ours.gives(&url, FULL)?;
        curl.get(&url)?;
        let (rounds, count) = if bench.quick { (5, 50) } else { (60, 100) };
        let mut peers: Vec<(&'static str, Turn<'_>)> = vec![
            ("ours", repeat(count, || ours.gives(&url, wanted))),
            ("libcurl easy", repeat(count, || Ok(curl.get(&url)? == wanted.as_bytes()))),
        ];
        let times = best(rounds, &mut peers)?;
        let requests = f64::from(u32::try_from(count)?);
        let kind = if resumed { "resumed" } else { "full" };
        for ((name, _), cost) in peers.iter().zip(&times) {
            let (time, processor) =
                (cost.time.as_secs_f64() / requests, cost.processor.as_secs_f64() / requests);
            println!(
                "  {kind:<8} {name:<14} {:>6.0} /s {:>7.1} us, processor {:>6.1} us",
                1.0 / time,
                time * 1e6,
                processor * 1e6
            );
        }
        let [ours, libcurl] = times.as_slice() else { return Err("a peer is missing".into()) };
        let rate = requests / ours.time.as_secs_f64();
        let (speed, processor) = (ratio(libcurl.time, ours.time), ratio(ours.processor, libcurl.processor));
        if resumed {
            report.note("resumed_handshakes_per_second", rate, "/s");
            report.must_in_time("resumed_handshakes_to_libcurl", speed, "x", Target::AtLeast(1.4));
            report.note("resumed_processor_to_libcurl", processor, "x");
        } else {
            report.note("full_handshakes_per_second", rate, "/s");
            report.must_in_time("full_handshakes_to_libcurl", speed, "x", Target::AtLeast(1.4));
            report.note("full_processor_to_libcurl", processor, "x");
        }
    }
    Ok(())
}

/// Each of `count` requests must be what is measured.
fn repeat<'a>(count: usize, mut once: impl FnMut() -> Result<bool, Failure> + 'a) -> Turn<'a> {
    Box::new(move || {
        let (cost, ()) = timed(|| {
            for _ in 0..count {
                if !once()? {
                    return Err("a handshake of another kind".into());
                }
            }
            Ok(())
        })?;
        Ok(cost)
    })
}
