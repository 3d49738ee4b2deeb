//! How often a body is copied: what the component and the engine take from the heap, and what they take from the
//! host's memory manager (which takes it from the heap too).

use addin_host::{MemoryReport, Object, Val};

use crate::support::{Scripted, answer, call, connector, ok};
use crate::watch::peak;

const BODY: usize = 24 << 20;
/// What a request may take besides its body: head buffers, settings, texts.
const BESIDES: usize = 512 << 10;

fn bytes() -> Vec<u8> {
    (0..BODY).map(|index| u8::try_from(index % 251).unwrap()).collect()
}

/// What is live in the manager: blocks, and their bytes without the NUL behind each.
fn live(object: &Object) -> (usize, usize) {
    let MemoryReport { live_blocks, live_bytes, .. } = object.memory().report();
    (live_blocks, live_bytes - 2 * live_blocks)
}

#[test]
fn binary_argument_is_sent_from_the_callers_memory() {
    let redirect = answer("307 Elsewhere", &["Location: /again"], b"");
    let server = Scripted::new([ok(&[], b""), redirect, ok(&[], b"")]);
    let (object, data) = (connector(), bytes());
    for path in ["/once", "/moved"] {
        let arguments = [server.url(path).into(), Val::BlobRef(&data)];
        let (peak, status) = peak(|| call(&object, "Post", &arguments));
        assert_eq!(status.as_int(), Some(200));
        assert!(server.last().body == data, "{path}");
        assert!(peak < BESIDES, "{path}: {peak} bytes beside the caller's");
    }
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn text_argument_is_converted_once_and_not_copied_again() {
    let server = Scripted::new([ok(&[], b"{}"), ok(&[], b"{}")]);
    let object = connector();
    let units = vec![u16::from(b'x'); BODY / 4];
    for method in ["Post", "PostJson"] {
        let arguments = [server.url("/").into(), Val::Utf16(units.clone())];
        let (peak, _) = peak(|| call(&object, method, &arguments[..]).as_int());
        assert_eq!(server.last().body.len(), units.len());
        let (host, text) = (2 * units.len(), units.len());
        assert!(
            peak < host + text + BESIDES,
            "{method}: {peak} bytes for {text} of text and {host} of argument"
        );
    }
}

#[test]
fn staged_data_are_sent_from_where_they_were_staged() {
    let server = Scripted::new([ok(&[], b"")]);
    let (object, data) = (connector(), bytes());
    let (staging, _) = peak(|| call(&object, "AddBlob", &["scan".into(), Val::BlobRef(&data)]));
    assert!(
        (BODY..BODY + BESIDES).contains(&staging),
        "one copy, since the caller's ends with the call: {staging}"
    );
    let options = r#"{"Files": [{"Name": "f", "FileName": "s.bin", "Data": {"Blob": "scan"}}]}"#;
    let arguments = [server.url("/").into(), "".into(), options.into()];
    let (peak, _) = peak(|| call(&object, "Post", &arguments));
    assert!(server.last().body.windows(1000).any(|window| window == &data[..1000]));
    assert!(peak < BESIDES, "{peak} bytes beside the staged ones");
}

#[test]
fn body_of_known_length_lands_in_one_block_of_the_host_which_take_body_hands_over() {
    let data = bytes();
    let server = Scripted::new([ok(&[], &data)]);
    let object = connector();
    let arguments = [server.url("/").into()];
    let (receiving, _) = peak(|| call(&object, "Get", &arguments));
    assert_eq!(live(&object), (1, BODY), "the host's memory holds the body and nothing else");
    assert!(receiving < BODY + BESIDES, "{receiving} bytes for a body of {BODY}");
    let given = object.memory().report().total_blocks;
    let (taking, body) = peak(|| call(&object, "TakeBody", &[]));
    assert_eq!(object.memory().report().total_blocks, given, "handing over allocates nothing in the host");
    assert!(taking < 4096, "nor here: {taking}");
    assert_eq!(live(&object), (1, BODY));
    assert!(body.as_bytes() == Some(&data));
    drop(body);
    assert_eq!(live(&object), (0, 0), "the script's value was the only owner");
}

#[test]
fn body_read_without_taking_it_costs_one_copy_in_the_host() {
    let data = bytes();
    let server = Scripted::new([ok(&[], &data)]);
    let object = connector();
    call(&object, "Get", &[server.url("/").into()]);
    for method in ["Body", "AsBinaryData"] {
        let (peak, body) = peak(|| call(&object, method, &[]));
        assert_eq!(live(&object), (2, 2 * BODY), "{method}");
        assert!((BODY..BODY + BESIDES).contains(&peak), "{method}: {peak} bytes for one copy of {BODY}");
        assert!(body.as_bytes() == Some(&data));
    }
    call(&object, "ReleaseBody", &[]);
    assert_eq!(live(&object), (0, 0));
}

#[test]
fn body_of_unknown_length_is_joined_once_when_it_is_taken() {
    let data = bytes();
    let mut chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in data.chunks(100_000) {
        chunked.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        chunked.extend_from_slice(chunk);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let server = Scripted::new([chunked]);
    let object = connector();
    let arguments = [server.url("/").into()];
    let (receiving, _) = peak(|| call(&object, "Get", &arguments));
    let (blocks, held) = live(&object);
    assert!(held <= BODY + (4 << 20), "at most the last buffer is not full: {held} in {blocks}");
    assert!(receiving < held + BESIDES, "{receiving}");
    let body = call(&object, "TakeBody", &[]);
    assert_eq!(live(&object), (1, BODY));
    assert!(object.memory().report().peak_bytes < held + BODY + BESIDES);
    assert!(body.as_bytes() == Some(&data));
}

#[test]
fn text_of_a_body_is_decoded_straight_into_the_hosts_memory() {
    let data = "Жук ".repeat(BODY / 28).into_bytes();
    let server = Scripted::new([ok(&["Content-Type: text/plain; charset=utf-8"], &data)]);
    let object = connector();
    call(&object, "Get", &[server.url("/").into()]);
    object.memory().reset_peak();
    let before = object.memory().report();
    let text = call(&object, "AsText", &["".into()]);
    let after = object.memory().report();
    let units = text.as_str().unwrap().encode_utf16().count();
    assert!(text.as_str().unwrap().as_bytes() == data);
    // The argument and its default, and the text.
    assert!(after.total_blocks - before.total_blocks <= 3, "{before:?} {after:?}");
    assert!(after.peak_bytes < before.live_bytes + 2 * units + 64, "{before:?} {after:?} {units}");
}
