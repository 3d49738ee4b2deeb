//! Libraries of Windows.

use object::read::{File, Object as _};

use super::Facts;
use crate::targets::Target;

pub(super) fn check(
    _target: &Target,
    file: &File<'_>,
    facts: &mut Facts,
    _complaints: &mut Vec<String>,
) -> object::Result<()> {
    facts.imports = file.imports()?.count();
    Ok(())
}
