//! Figures that need no peer: memory, threads, a new object, size of the file.

use std::process::Command;
use std::time::{Duration, Instant};

use addin_host::{Addin, Object};

use crate::report::{Report, Target};
use crate::{Bench, Failure, LARGE};

pub(crate) fn memory(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    let body = u32::try_from(LARGE)?;
    let blob = child(bench, "blob")? - f64::from(body);
    let file = child(bench, "file")?;
    println!("  256 MiB into a BLOB: body {:+.1} MB; into a file: {:+.1} MB", blob / 1e6, file / 1e6);
    report.must("memory_blob_above_body", blob / 1e6, "MB", Target::AtMost(24.0));
    report.must("memory_file", file / 1e6, "MB", Target::AtMost(4.0));
    Ok(())
}

pub(crate) fn threads(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    let count = child(bench, "threads")?;
    println!("  {count} new threads");
    report.must("threads_in_3000_requests", count, "threads", Target::AtMost(4.0));
    Ok(())
}

pub(crate) fn object(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    const BATCH: u32 = 500;
    let addin = Addin::load(&bench.library)?;
    let mut worst = Duration::ZERO;
    for class in ["HTTPConnector", "HTTPSession"] {
        let mut best = Duration::MAX;
        for _ in 0..20 {
            let start = Instant::now();
            let objects: Result<Vec<Object>, _> = (0..BATCH).map(|_| addin.create(class)).collect();
            best = best.min(start.elapsed() / BATCH);
            drop(objects?);
        }
        println!("  {class:<18} {:>9.2} us", best.as_secs_f64() * 1e6);
        worst = worst.max(best);
    }
    report.must_in_time("new_object", worst.as_secs_f64() * 1e6, "us", Target::AtMost(20.0));
    Ok(())
}

pub(crate) fn size(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    let bytes = u32::try_from(std::fs::metadata(&bench.library)?.len())?;
    println!("  {bytes} bytes");
    report.must("library_size", f64::from(bytes) / 1e6, "MB", Target::AtMost(5.0));
    Ok(())
}

fn child(bench: &Bench, what: &str) -> Result<f64, Failure> {
    let file = bench.folder.path().join(what);
    let output = Command::new(std::env::current_exe()?)
        .args(["child".as_ref(), what.as_ref(), bench.library.as_os_str()])
        .args([bench.server.url("large").as_ref(), file.as_os_str()])
        .output()?;
    if !output.status.success() {
        return Err(format!("child {what}: {}", String::from_utf8_lossy(&output.stderr).trim()).into());
    }
    if what == "file" {
        let length = std::fs::metadata(&file)?.len();
        if length != u64::try_from(LARGE)? {
            return Err(format!("a file of {length} bytes").into());
        }
        std::fs::remove_file(&file)?;
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse()?)
}
