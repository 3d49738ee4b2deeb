//! Foreign programs: compiled by this test from `tests/native` against the vendor's headers (carried by the crate
//! `addin1c-test`, of which nothing else is used) and against our generated header, run against the built library.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::peer::{HangUp, answering, hanging_up};

const BODY: &str = "Привет from the peer";

#[test]
fn program_with_the_vendors_headers_uses_both_classes() {
    let program = Program::compile("vendor.cpp", &[]);
    let url = format!("http://{}/hello", answering(BODY));
    let output = program.run(&[url.as_str()]);
    assert_eq!(output.matches(BODY).count(), 2, "{output}");
}

#[test]
fn peer_that_hangs_up_during_an_upload_raises_no_signal() {
    let program = Program::compile("sigpipe.cpp", &[]);
    for how in [HangUp::Drop, HangUp::FinishAndDrop, HangUp::AnswerAndDrop] {
        let peer = hanging_up(how);
        let output = program.run(&[format!("http://{peer}/").as_str(), "30"]);
        assert!(output.contains("survived"), "{how:?}: {output}");
    }
}

#[test]
fn hang_up_test_would_notice_the_signal() {
    let program = Program::compile("sigpipe.cpp", &[]);
    let peer = hanging_up(HangUp::FinishAndDrop);
    let (host, port) = (peer.ip().to_string(), peer.port().to_string());
    let output = program.start(&["--careless", &host, &port]);
    let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
    assert_eq!(signal, Some(libc::SIGPIPE), "{}", told(&output));
}

#[test]
fn library_unloads_during_a_slow_lookup_and_loads_again() {
    // The program's own getaddrinfo must win over libc's when the library looks the name up.
    let program = Program::compile("unload.cpp", &["-rdynamic", "-pthread"]);
    let url = format!("http://{}/hello", answering(BODY));
    let output = program.run(&[url.as_str()]);
    assert!(output.contains("unloaded during the lookup"), "{output}");
    assert!(output.contains("loaded again"), "{output}");
}

#[test]
fn ten_rounds_of_loading_and_unloading_leave_nothing_behind() {
    let program = Program::compile("reload.cpp", &["-pthread"]);
    let url = format!("http://{}/", answering(BODY));
    let output = program.run(&[url.as_str()]);
    assert!(output.contains("all right"), "{output}");
}

#[test]
fn requests_start_no_thread_of_their_own() {
    let program = Program::compile("threads.cpp", &["-rdynamic", "-pthread"]);
    let address = answering(BODY);
    let (by_address, by_name) =
        (format!("http://{address}/"), format!("http://localhost:{}/", address.port()));
    let output = program.run(&[by_address.as_str(), &by_name]);
    assert!(output.contains("all right"), "{output}");
}

/// `CONNECTOR_SOAK_SECONDS` makes it as long as one likes; 3 seconds otherwise.
#[test]
fn sixteen_threads_with_own_objects_show_no_fault() {
    let seconds = std::env::var("CONNECTOR_SOAK_SECONDS").unwrap_or_else(|_| "3".to_owned());
    let program = Program::compile("soak.cpp", &["-pthread"]);
    let url = format!("http://{}/", answering(BODY));
    println!("{}", program.run(&[&url, "16", "5", &seconds]));
}

/// With valgrind only where it is installed; `CI=true` demands it.
#[test]
fn thousand_rounds_of_create_request_destroy_leak_nothing() {
    let program = Program::compile("soak.cpp", &["-pthread"]);
    let url = format!("http://{}/", answering(BODY));
    let library = crate::library();
    let checker = ["--quiet", "--leak-check=full", "--show-leak-kinds=definite,indirect"];
    let output = Command::new("valgrind")
        .args(checker)
        .args(["--errors-for-leak-kinds=definite,indirect", "--error-exitcode=9"])
        .args([program.file.as_os_str(), library.as_os_str()])
        .args([url.as_str(), "1", "500", "0"])
        .output();
    match output {
        Ok(output) => {
            assert!(output.status.success(), "{}\n{}", output.status, told(&output));
            assert!(told(&output).contains("1000 objects lived and died"), "{}", told(&output));
        }
        Err(error) if std::env::var("CI").is_ok_and(|ci| ci == "true") => panic!("valgrind: {error}"),
        Err(error) => println!("SKIPPED, no valgrind: {error}"),
    }
}

struct Program {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

impl Program {
    fn compile(source: &str, flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(source.replace('.', "_"));
        let header = Path::new(env!("HTTPCONNECTOR_HEADER"));
        let output = Command::new("c++")
            .args(["-std=c++17", "-O1", "-g", "-Wall", "-Wextra", "-Werror"])
            .args(["-isystem".as_ref(), vendor_headers().as_os_str()])
            .args(["-I".as_ref(), header.parent().unwrap().as_os_str()])
            .arg("-o")
            .args([file.as_os_str(), Path::new("tests/native").join(source).as_os_str()])
            .args(flags)
            .arg("-ldl")
            .output()
            .expect("the C++ compiler `c++` starts");
        assert!(output.status.success(), "{source} does not compile:\n{}", told(&output));
        Self { _folder: folder, file }
    }

    /// Runs with the library and `arguments`; what it printed. Fails unless the program ends with 0.
    fn run(&self, arguments: &[&str]) -> String {
        let library = crate::library();
        let mut all = vec![library.as_os_str()];
        all.extend(arguments.iter().map(OsStr::new));
        let output = self.start(&all);
        assert!(output.status.success(), "{}: {}\n{}", self.file.display(), output.status, told(&output));
        told(&output)
    }

    fn start<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Output {
        // A proxy of the environment must not get between the program and the peer.
        Command::new(&self.file).args(arguments).env_remove("http_proxy").output().unwrap()
    }
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Folder of the vendor's headers.
fn vendor_headers() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["metadata", "--format-version=1", "--offline", "--locked"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", told(&output));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let carrier = packages.iter().find(|package| package["name"] == "addin1c-test").unwrap();
    Path::new(carrier["manifest_path"].as_str().unwrap()).parent().unwrap().join("include")
}
