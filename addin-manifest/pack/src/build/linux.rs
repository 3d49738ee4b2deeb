//! What a build for Linux needs.

use super::{Place, Recipe};
use crate::targets::Target;

pub(super) fn recipe(_target: &Target, _place: &Place) -> Result<Recipe, String> {
    Ok(Recipe::default())
}
