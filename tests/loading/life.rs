//! Life cycle: load, names, create, end, unload, load again.

use std::collections::BTreeSet;
use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use addin_host::{Addin, Destruction, ErrorKind, Settings};

use crate::{CLASSES, library};

/// A copy of the library under its own path: the loader takes it for another library, so that unloading it is
/// unloading, whatever the tests beside it have open.
struct Copy {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Copy {
    fn new() -> Self {
        let original = library();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(original.file_name().unwrap());
        std::fs::copy(original, &path).unwrap();
        Self { _folder: folder, path }
    }
}

fn load(path: &Path) -> Addin {
    Addin::load(path).unwrap()
}

#[test]
fn announcements_are_those_of_a_current_component() {
    let addin = load(&library());
    assert_eq!(addin.class_names(), CLASSES);
    assert_eq!(addin.attach_type(), Some(3));
    assert_eq!(addin.capabilities(), Addin::CAPABILITIES);
    assert_eq!(Addin::load_for(library(), Some(1)).unwrap().capabilities(), 1);
}

#[test]
fn unknown_class_is_refused() {
    let addin = load(&library());
    for class in ["", "HTTPConnecto", "HTTPConnector2", "HTTPConnector|HTTPSession", "ЧтоТоЕще"] {
        assert_eq!(addin.create(class).unwrap_err().kind, ErrorKind::NoSuchClass, "{class}");
    }
}

#[test]
fn every_member_has_two_names_and_is_found_by_both_in_any_case() {
    let addin = load(&library());
    for class in CLASSES {
        let object = addin.create(class).unwrap();
        assert_eq!(object.extension_name().as_deref(), Some(class));
        let version =
            env!("CARGO_PKG_VERSION").split('.').map(|part| part.parse::<std::ffi::c_long>().unwrap());
        assert_eq!(object.info(), 2000 + version.fold(0, |sum, part| sum * 10 + part));
        assert!(object.method_count() > 0);
        assert!(object.property_count() > 0);
        let mut seen = BTreeSet::new();
        for method in 0..object.method_count() {
            for alias in [0, 1] {
                let name = object.method_name(method, alias).unwrap();
                seen.insert((name.to_lowercase(), method));
                for spelling in [name.to_lowercase(), name.to_uppercase(), name.clone()] {
                    assert_eq!(object.find_method(&spelling), method, "{spelling}");
                }
            }
            for parameter in 0..object.parameter_count(method) {
                drop(object.default_value(method, parameter));
            }
        }
        for property in 0..object.property_count() {
            for alias in [0, 1] {
                let name = object.property_name(property, alias).unwrap();
                seen.insert((name.to_lowercase(), property + 1_000_000));
                for spelling in [name.to_lowercase(), name.to_uppercase(), name.clone()] {
                    assert_eq!(object.find_property(&spelling), property, "{spelling}");
                }
            }
        }
        let names: BTreeSet<_> = seen.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), seen.len(), "a name of {class} means two members");
        assert_eq!(object.memory().report().live_blocks, 0);
    }
}

#[test]
fn objects_end_by_export_and_by_delete_through_every_base() {
    let addin = load(&library());
    for class in CLASSES {
        let ways = [0, 1, 2, 3].map(Destruction::Delete).into_iter().chain([Destruction::Export]);
        for destruction in ways {
            let object = addin.create_with(class, Settings { destruction, ..Settings::default() }).unwrap();
            object.set("ThrowExceptions", false).unwrap();
            let (memory, connection) = (object.memory(), object.connection());
            drop(object);
            assert!(memory.report().is_clean(), "{class} {destruction:?}: {memory:?}");
            assert_eq!(connection.late_calls(), 0, "{class} {destruction:?}");
        }
    }
}

#[test]
fn objects_stand_any_order_of_beginning_and_a_second_done() {
    let addin = load(&library());
    for class in CLASSES {
        for settings in [
            Settings { init_first: true, ..Settings::default() },
            Settings { connection: false, ..Settings::default() },
            Settings { locale: None, language: None, ..Settings::default() },
            Settings { memory: false, ..Settings::default() },
        ] {
            let object = addin.create_with(class, settings).unwrap();
            assert!(object.method_count() > 0);
            object.done();
            object.done();
        }
    }
}

#[test]
fn thousand_rounds_of_create_and_destroy_keep_no_memory() {
    let addin = load(&library());
    let round = |class: &str, destruction| {
        let object = addin.create_with(class, Settings { destruction, ..Settings::default() }).unwrap();
        object.set("ThrowExceptions", false).unwrap();
        assert!(object.get("Version").unwrap().as_str().is_some());
        let memory = object.memory();
        drop(object);
        assert!(memory.report().is_clean(), "{memory:?}");
    };
    let rounds = |count: usize| {
        for number in 0..count {
            let way = if number % 2 == 0 { Destruction::Export } else { Destruction::Delete(0) };
            CLASSES.iter().for_each(|class| round(class, way));
        }
    };
    rounds(100);
    let before = resident();
    rounds(1000);
    let grown = resident().saturating_sub(before);
    assert!(grown < 2048, "1000 rounds of two objects grew the process by {grown} KiB");
}

#[test]
fn library_unloads_and_loads_again() {
    let copy = Copy::new();
    for _ in 0..20 {
        let addin = load(&copy.path);
        let objects: Vec<_> = CLASSES.iter().map(|class| addin.create(class).unwrap()).collect();
        let addin = addin.unload().unwrap_err();
        drop(objects);
        addin.unload().unwrap();
    }
}

#[test]
fn request_under_way_outlives_its_object_and_the_host_unloading_the_library() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    for class in CLASSES {
        let copy = Copy::new();
        let addin = load(&copy.path);
        let object = addin.create(class).unwrap();
        let begun = ["GET".into(), url.as_str().into(), "".into(), "".into(), 0.into()];
        assert_eq!(object.call("StartRequest", &begun).unwrap().as_bool(), Some(false));
        let (mut stream, _) = listener.accept().unwrap();
        drop(object);
        addin.unload().unwrap();
        // The request, then the end the cancelled thread makes.
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut asked = Vec::new();
        stream.read_to_end(&mut asked).unwrap();
        assert!(asked.is_empty() || asked.starts_with(b"GET / HTTP/1.1"));
    }
}

#[test]
fn object_moves_between_threads_and_values_outlive_it() {
    let copy = Copy::new();
    let addin = load(&copy.path);
    let object = addin.create("HTTPConnector").unwrap();
    let version = object.get("Version").unwrap();
    let packed = std::thread::spawn(move || {
        let packed = object.call("WriteGZip", &[vec![7_u8; 10_000].into()]).unwrap();
        drop(object);
        packed
    })
    .join()
    .unwrap();
    addin.unload().unwrap();
    assert_eq!(version.as_str(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(packed.as_bytes().map(|bytes| &bytes[..2]), Some(&[0x1F, 0x8B][..]));
}

/// Resident memory of this process in KiB; 0 where the system does not tell.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}
