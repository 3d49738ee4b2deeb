//! Files under names Windows is known to stumble over: longer than 260 letters, Cyrillic, verbatim (`\\?\`), open or
//! protected ones in the way.

use std::fs::{self, File};
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;
use test_server::Server;

use crate::script::{CONNECTOR, Script};
use crate::support;

/// A folder whose path has more than 300 letters, some of them Cyrillic.
fn deep() -> (TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let mut folder = root.path().to_owned();
    for _ in 0..4 {
        folder.push("Очень длинное имя папки с файлами обмена ".repeat(2).trim_end());
    }
    fs::create_dir_all(&folder).unwrap();
    assert!(folder.as_os_str().len() > 300);
    (root, folder)
}

fn script() -> Script {
    Script::new(support::addin(), CONNECTOR).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn bodies_go_to_and_come_from_long_cyrillic_paths() {
    let server = Server::start().unwrap();
    let (root, folder) = deep();
    // Made by hand: Wine 8 cannot tell the canonical form of a path that long.
    let verbatim = PathBuf::from(format!(r"\\?\{}", folder.display()));
    let short = root.path().join("Короткое имя ё.bin");
    for file in [short, folder.join("Выгрузка.bin"), verbatim.join("Дословно.bin")] {
        let script = script();
        let get = json!({"OutputFile": file.to_string_lossy(), "Proxy": false}).to_string();
        // Twice: the second time there is a file to replace.
        for bytes in [100_000, 70_000] {
            let url = server.url(&format!("/large?bytes={bytes}"));
            assert_eq!(script.status("Get", &[&url, &get]), Ok(200), "{}", file.display());
            assert_eq!(fs::metadata(&file).unwrap().len(), bytes);
        }
        let post = json!({"Data": {"File": file.to_string_lossy()}, "Proxy": false}).to_string();
        assert_eq!(script.status("Post", &[&server.url("/upload"), "", &post]), Ok(200));
        let answer = script.json("AsJson", &[]).unwrap();
        assert_eq!((&answer["received"], &answer["pattern"]), (&json!(70_000), &json!(true)));
    }
    assert_eq!(names(&folder).len(), 2, "no part is left");
}

#[test]
fn forward_slashes_are_taken() {
    let server = Server::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.bin").to_string_lossy().replace('\\', "/");
    let get = json!({"OutputFile": file, "Proxy": false}).to_string();
    assert_eq!(script().status("Get", &[&server.url("/large?bytes=10"), &get]), Ok(200));
    assert_eq!(names(folder.path()), ["a.bin"]);
}

#[test]
fn file_somebody_holds_open_is_an_error_and_stays_as_it_is() {
    let server = Server::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Занят.bin");
    fs::write(&path, "old").unwrap();
    // Shared with nobody, as most programs open what they write.
    let held = File::options().read(true).share_mode(0).open(&path).unwrap();
    let get = json!({"OutputFile": path.to_string_lossy(), "Proxy": false}).to_string();
    let script = script();
    let text = script.failure("Get", &[&server.url("/large?bytes=10"), &get]).unwrap();
    assert!(text.contains("Занят.bin"), "{text}");
    assert_eq!(script.get_json("LastErrorDetails").unwrap()["code"], "file");
    drop(held);
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["Занят.bin"]);
}

#[test]
fn protected_file_is_an_error_and_stays_as_it_is() {
    let server = Server::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("protected.bin");
    fs::write(&path, "old").unwrap();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions.clone()).unwrap();
    let get = json!({"OutputFile": path.to_string_lossy(), "Proxy": false}).to_string();
    let text = script().failure("Get", &[&server.url("/large?bytes=10"), &get]).unwrap();
    assert!(text.contains("protected.bin"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["protected.bin"]);
    #[allow(clippy::permissions_set_readonly_false, reason = "the folder is to be removed")]
    permissions.set_readonly(false);
    fs::set_permissions(&path, permissions).unwrap();
}

#[test]
fn client_certificate_is_read_from_a_long_cyrillic_path() {
    let (_root, folder) = deep();
    let file = folder.join("Сертификат.pem");
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["client.test".to_owned()]).unwrap();
    let pem = certificate.self_signed(&key).unwrap().pem() + &key.serialize_pem();
    fs::write(&file, pem).unwrap();
    let server = Server::start().unwrap();
    let options = json!({
        "ClientSSLCertificate": {"File": file.to_string_lossy()}, "VerifySSL": server.ca_pem(), "Proxy": false,
    });
    let url = server.secure_url("/get");
    assert_eq!(script().status("Get", &[&url, &options.to_string()]), Ok(200));
    fs::remove_file(&file).unwrap();
    let text = script().failure("Get", &[&url, &options.to_string()]).unwrap();
    assert!(text.contains("Сертификат.pem"), "{text}");
}
