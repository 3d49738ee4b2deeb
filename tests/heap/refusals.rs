//! Large blocks refused, one after the other, while the library works on large arguments and bodies: every refusal is
//! an error the script can read, never the end of the process, and the object stays usable.
//!
//! The slot is called here and not through the host's own code, which allocates on the way.

use std::ffi::{c_long, c_void};

use addin_host::{Object, Val};

use crate::support::{Scripted, call, connector, ok, property_json, session};
use crate::watch::{LARGE, with_large_blocks};

const SIZE: usize = 4 * LARGE;

/// tVariant where pointers have 64 bits and `struct tm` 56 bytes.
#[repr(C)]
struct Variant {
    value: [usize; 7],
    elements: u32,
    tag: u16,
}

const EMPTY: u16 = 0;
const PWSTR: u16 = 22;
const BLOB: u16 = 23;
/// Slot of the second vtable, after two destructors.
const CALL_AS_FUNCTION: usize = 17;

enum Given {
    Text(Vec<u16>),
    Data(Vec<u8>),
}

fn text(text: &str) -> Given {
    Given::Text(text.encode_utf16().collect())
}

/// `before`, many letters, `after`.
fn long(before: &str, after: &str) -> Given {
    text(&format!("{before}{}{after}", "x".repeat(SIZE)))
}

/// Bytes that do not compress.
fn noise() -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(SIZE).collect()
}

impl Given {
    fn variant(&self) -> Variant {
        let (start, length, tag) = match self {
            Self::Text(units) => (units.as_ptr().addr(), units.len(), PWSTR),
            Self::Data(bytes) => (bytes.as_ptr().addr(), bytes.len(), BLOB),
        };
        let mut value = [0; 7];
        value[..2].copy_from_slice(&[start, length]);
        Variant { value, elements: 0, tag }
    }
}

fn slot(object: &Object, index: usize) -> (*mut c_void, *const c_void) {
    let this = object.pointer().wrapping_byte_add(size_of::<usize>());
    // SAFETY: the object is alive; its second word is the address of a vtable with 18 slots.
    let slot = unsafe { this.cast::<*const *const c_void>().read().add(index).read() };
    (this, slot)
}

fn invoke(object: &Object, method: c_long, given: &mut [Variant]) -> bool {
    type Slot = unsafe extern "C" fn(*mut c_void, c_long, *mut Variant, *mut Variant, c_long) -> bool;
    let mut result = Variant { value: [0; 7], elements: 0, tag: EMPTY };
    let count = c_long::try_from(given.len()).unwrap();
    let (this, slot) = slot(object, CALL_AS_FUNCTION);
    // SAFETY: CallAsFunc has this signature.
    let slot: Slot = unsafe { std::mem::transmute(slot) };
    // SAFETY: the object is alive, the variants are the test's. A result stays in the host's memory until the end.
    let good = unsafe { slot(this, method, &raw mut result, given.as_mut_ptr(), count) };
    assert!(good || result.tag == EMPTY);
    good
}

/// Runs `act` with none, one, two... large blocks, until it has all it asks for. Returns how it then went, and how
/// many blocks it needed.
fn with_fewer_and_fewer(what: &str, object: &Object, mut act: impl FnMut() -> bool) -> (bool, usize) {
    for count in 0.. {
        let (refused, good) = with_large_blocks(count, &mut act);
        if refused == 0 {
            return (good, count);
        }
        let details = property_json(object, "LastErrorDetails");
        assert!(!good, "{what} went well with {count} large blocks and {refused} refused");
        assert_eq!(details["code"], "out-of-memory", "{what} with {count} large blocks: {details}");
        assert!(object.get("Version").is_ok(), "the object is usable");
    }
    unreachable!()
}

/// One method with arguments; how it goes when there is memory.
fn method(object: &Object, name: &str, given: &[Given]) -> (bool, usize) {
    let index = object.find_method(name);
    assert_ne!(index, -1, "{name}");
    // Parameters left out at the end have defaults, which the library fills in itself.
    let variants = || given.iter().map(Given::variant).collect::<Vec<_>>();
    let mut prepared: Vec<Vec<Variant>> = (0..64).map(|_| variants()).collect();
    with_fewer_and_fewer(name, object, || invoke(object, index, &mut prepared.pop().unwrap()))
}

fn server() -> Scripted {
    Scripted::new(std::iter::repeat_with(|| ok(&[], b"{}")).take(40))
}

#[test]
fn bodies_of_requests() {
    let (server, object) = (server(), connector());
    let url = || text(&server.url("/"));
    assert_eq!(method(&object, "Post", &[url(), long("", "")]), (true, 1), "a text, as UTF-8");
    assert_eq!(method(&object, "PostJson", &[url(), long("{\"a\":\"", "\"}")]), (true, 1));
    assert_eq!(
        method(&object, "Post", &[url(), Given::Data(noise())]),
        (true, 0),
        "binary data, as they are"
    );
    let packed = text(r#"{"Headers": {"Content-Encoding": "gzip"}}"#);
    method(&object, "Post", &[url(), Given::Data(noise()), packed]);
    assert_eq!(method(&object, "AddBlob", &[text("name"), Given::Data(noise())]), (true, 1));
    let staged = text(r#"{"Data": {"Blob": "name"}}"#);
    assert_eq!(method(&object, "Post", &[url(), text(""), staged]), (true, 0));
}

#[test]
fn arguments_of_utilities() {
    let object = connector();
    let name = || text("SHA256");
    assert_eq!(method(&object, "HMAC", &[long("", ""), long("", ""), name()]), (true, 2), "both as UTF-8");
    assert_eq!(method(&object, "HMAC", &[Given::Data(noise()), Given::Data(noise()), name()]), (true, 0));
    assert!(!method(&object, "HMAC", &[text("k"), text("d"), long("", "")]).0, "no such algorithm");
    assert!(method(&object, "WriteGZip", &[long("", "")]).0);
    assert!(method(&object, "WriteGZip", &[Given::Data(noise())]).0);
    assert!(method(&object, "ReadGZip", &[Given::Data(packed(&noise()))]).0);
    // A character of it takes two bytes here, in the host's memory alone.
    let data = || Given::Data(vec![0xC0; SIZE]);
    assert_eq!(method(&object, "DecodeText", &[data(), text("windows-1251")]), (true, 1));
    assert!(!method(&object, "DecodeText", &[data(), long("", "")]).0, "no such encoding");
    assert!(!method(&object, "ParseURL", &[long("http://h/", "")]).0, "too long");
    assert!(!method(&object, "HTTPStatusCodePresentation", &[long("", "")]).0);
}

#[test]
fn arguments_of_requests_that_are_not_sent() {
    let object = connector();
    assert!(!method(&object, "Get", &[long("http://h/", "")]).0, "too long");
    assert!(!method(&object, "CallMethod", &[long("", ""), text("http://h/")]).0, "too long");
    assert!(!method(&object, "Get", &[text("http://h/"), Given::Data(noise())]).0, "options are a text");
}

#[test]
fn bodies_of_responses() {
    let json = format!("\"{}\"", "ж".repeat(SIZE / 2)).into_bytes();
    let chunked = {
        let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        answer.extend_from_slice(format!("{:x}\r\n", json.len()).as_bytes());
        answer.extend_from_slice(&json);
        answer.extend_from_slice(b"\r\n0\r\n\r\n");
        answer
    };
    let coded = ok(&["Content-Encoding: gzip"], &packed(&noise()));
    let type_of_json = &["Content-Type: application/json"];
    for (answer, known, readers) in [
        (ok(type_of_json, &json), true, &["AsText", "AsJson", "Body", "AsBinaryData"][..]),
        (chunked, false, &["AsText", "AsJson", "Body", "AsBinaryData"]),
        (coded, true, &["AsText", "Body", "AsBinaryData"]),
    ] {
        let server = Scripted::new(std::iter::repeat_with(move || answer.clone()).take(40));
        let object = session();
        let (good, blocks) = method(&object, "Get", &[text(&server.url("/"))]);
        assert!(good && (blocks == 1 || !known), "{blocks} large blocks");
        for reader in readers {
            assert!(method(&object, reader, &[]).0, "{reader}");
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("body");
        assert!(method(&object, "SaveBody", &[text(file.to_str().unwrap())]).0);
        assert!(!method(&object, "SaveBody", &[long("", "")]).0, "no such folder");
        assert!(method(&object, "Header", &[long("", "")]).0, "no such header");
        let (good, blocks) = method(&object, "TakeBody", &[]);
        assert!(good && (blocks == 0 || !known), "{blocks} large blocks");
    }
}

/// As gzip, by the component itself.
fn packed(bytes: &[u8]) -> Vec<u8> {
    call(&connector(), "WriteGZip", &[Val::BlobRef(bytes)]).as_bytes().unwrap().to_vec()
}
