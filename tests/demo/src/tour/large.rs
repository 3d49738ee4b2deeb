//! Bodies of a size that shows where the time goes.

use std::fs::File;
use std::io::Read;
use std::time::Instant;

use serde_json::json;

use super::{Outcome, Tour, at, same};
use crate::script::options;
use test_server::pattern;

const SIZE: u64 = 256 << 20;

pub(super) fn run(tour: &mut Tour<'_>) -> Result<(), String> {
    tour.table.heading("Large bodies");
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("large.bin");
    let url = tour.server.url(&format!("/large?bytes={SIZE}"));
    let http = &tour.http;
    tour.table.step("GET", &url, || {
        let begun = Instant::now();
        same("status", http.status("Get", &[&url])?, 200)?;
        let body = http.call("TakeBody", &[])?;
        let speed = speed(begun);
        let body = body.as_bytes().ok_or("no binary data")?;
        same("length", body.len() as u64, SIZE)?;
        same("first difference", pattern::first_difference(0, body), None)?;
        Outcome::of(http, format!("256 MiB into a BLOB, {speed}, every byte compared"))
    });
    tour.table.step("GET", &url, || {
        let begun = Instant::now();
        let request = json!({"OutputFile": file.to_string_lossy()});
        same("status", http.status("Get", &[&url, &options(&request)])?, 200)?;
        let speed = speed(begun);
        same("first difference", compare(&file)?, None)?;
        Outcome::of(http, format!("256 MiB into a file, {speed}, every byte compared"))
    });
    let sink = tour.server.url("/upload");
    tour.table.step("POST", &sink, || {
        let begun = Instant::now();
        let request = json!({"Data": {"File": file.to_string_lossy()}});
        same("status", http.status("Post", &[&sink, "", &options(&request)])?, 200)?;
        let speed = speed(begun);
        let answer = http.json("AsJson", &[])?;
        same("received", at(&answer, "/received"), &json!(SIZE))?;
        same("intact", at(&answer, "/pattern"), &json!(true))?;
        Outcome::of(http, format!("256 MiB sent from a file, {speed}, compared by the server"))
    });
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn speed(begun: Instant) -> String {
    format!("{:.0} MB/s", SIZE as f64 / 1e6 / begun.elapsed().as_secs_f64())
}

/// First offset at which the file differs from the pattern; its length counts.
fn compare(path: &std::path::Path) -> Result<Option<u64>, String> {
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    let mut piece = vec![0; pattern::BLOCK];
    let mut offset = 0;
    loop {
        let count = file.read(&mut piece).map_err(|error| error.to_string())?;
        if count == 0 {
            return Ok((offset != SIZE).then_some(offset));
        }
        if let Some(at) = pattern::first_difference(offset, &piece[..count]) {
            return Ok(Some(at));
        }
        offset += count as u64;
    }
}
