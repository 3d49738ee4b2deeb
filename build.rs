//! Build script: version constants, the C header of the exports, the version resource on Windows. Everything comes
//! from Cargo.toml and `src/abi/exports.rs`; everything goes to OUT_DIR.
//!
//! No linker script: rustc exports exactly the `no_mangle` functions of a cdylib, and `tests/loading` proves it.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

const EXPORTS: &str = "src/abi/exports.rs";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={EXPORTS}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let number =
        |part| env::var(format!("CARGO_PKG_VERSION_{part}"))?.parse().map_err(Box::<dyn Error>::from);
    let version: [u16; 3] = [number("MAJOR")?, number("MINOR")?, number("PATCH")?];
    // GetInfo: 2000 and more means that several objects may exist.
    let info = version.iter().fold(0, |sum, part| sum * 10 + u32::from(*part)) + 2000;
    println!("cargo:rustc-env=HTTPCONNECTOR_INFO={info}");
    println!("cargo:rustc-check-cfg=cfg(java)");
    if env::var("CARGO_CFG_TARGET_OS")? == "android" || env::var_os("CARGO_FEATURE_JVM").is_some() {
        println!("cargo:rustc-cfg=java");
    }
    header(&out.join("httpconnector.h"))?;
    println!("cargo:rerun-if-env-changed=HTTPCONNECTOR_LINKER");
    let own_linker = env::var_os("HTTPCONNECTOR_LINKER").is_none();
    if env::var("TARGET")? == "x86_64-unknown-linux-gnu" && own_linker {
        // Equal functions become one (5 % of the library). The linker of this target is lld since Rust 1.90; others of
        // the table may lack the option, and so does the zig of `cargo pack`.
        println!("cargo:rustc-cdylib-link-arg=-Wl,--icf=all");
    }
    if env::var("CARGO_CFG_TARGET_OS")? == "windows" {
        resource(&out, version)?;
    }
    Ok(())
}

/// The C header, for foreign programs and the check in `tests/native`; its path is the environment variable
/// HTTPCONNECTOR_HEADER of this package's tests.
fn header(path: &Path) -> Result<(), Box<dyn Error>> {
    cbindgen::Builder::new()
        .with_language(cbindgen::Language::C)
        .with_cpp_compat(true)
        .with_pragma_once(true)
        .with_header("/* Exports of httpconnector. Strings are UTF-16 in 16-bit units. */")
        .with_src(EXPORTS)
        .generate()?
        .write_to_file(path);
    println!("cargo:rustc-env=HTTPCONNECTOR_HEADER={}", path.display());
    Ok(())
}

/// The version resource in Russian and English: what the properties of the DLL show.
fn resource(out: &Path, version: [u16; 3]) -> Result<(), Box<dyn Error>> {
    let [major, minor, patch] = version;
    let text = env::var("CARGO_PKG_VERSION")?;
    let block = |language: &str, description: &str| {
        format!(
            "BLOCK \"{language}04b0\" {{\n\
             VALUE \"FileDescription\", \"{description}\"\n\
             VALUE \"FileVersion\", \"{text}\"\n\
             VALUE \"InternalName\", \"httpconnector\"\n\
             VALUE \"LegalCopyright\", \"MIT OR Apache-2.0\"\n\
             VALUE \"OriginalFilename\", \"httpconnector.dll\"\n\
             VALUE \"ProductName\", \"HTTPConnector\"\n\
             VALUE \"ProductVersion\", \"{text}\"\n}}\n"
        )
    };
    let russian = block("0419", "HTTP-клиент для 1С:Предприятия (внешняя компонента)");
    let english = block("0409", "HTTP client for 1C:Enterprise (external component)");
    let source = format!(
        "#pragma code_page(65001)\n1 VERSIONINFO\nFILEVERSION {major},{minor},{patch},0\n\
         PRODUCTVERSION {major},{minor},{patch},0\nFILEOS 0x40004\nFILETYPE 2\n{{\n\
         BLOCK \"StringFileInfo\" {{\n{russian}{english}}}\n\
         BLOCK \"VarFileInfo\" {{ VALUE \"Translation\", 0x419, 0x4b0, 0x409, 0x4b0 }}\n}}\n"
    );
    let file = out.join("httpconnector.rc");
    fs::write(&file, source)?;
    let compiled =
        winresource::WindowsResource::new().set_resource_file(&file.display().to_string()).compile();
    match compiled {
        // Checking for Windows on another system must not need a resource compiler; shipping does.
        Err(error) if env::var("PROFILE")? != "release" => {
            println!("cargo:warning=no version resource: {error}")
        }
        other => other?,
    }
    Ok(())
}
