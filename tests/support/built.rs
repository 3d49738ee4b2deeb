//! The built library, opened once for all tests of a program.

use std::sync::OnceLock;

use addin_host::Addin;

/// The library cargo built together with the running test.
pub(crate) fn addin() -> &'static Addin {
    static ADDIN: OnceLock<Addin> = OnceLock::new();
    ADDIN.get_or_init(|| {
        let path =
            addin_host::find::beside_test("httpconnector").expect("cargo builds the library with its tests");
        Addin::load(path).expect("the library opens")
    })
}
