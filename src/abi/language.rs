//! Which language a call is in. The host asks for a member by the name the script wrote and then calls it by number,
//! so the spelling last found for a member is the language of its calls. Where that tells nothing, the language of
//! the user interface counts.

use std::sync::atomic::{AtomicU8, Ordering};

use super::component::{Class, Language};
use super::utf16;

/// A method or a property, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    Method(usize),
    Property(usize),
}

pub(super) struct Languages {
    /// One byte per method, then one per property.
    spelled: Vec<AtomicU8>,
    methods: usize,
    /// From SetUserInterfaceLanguageCode.
    interface: AtomicU8,
    /// From SetLocale: the older way, counts only without the newer.
    locale: AtomicU8,
}

const UNKNOWN: u8 = 0;
const ENGLISH: u8 = 1;
const RUSSIAN: u8 = 2;

impl Languages {
    pub(super) fn new(class: &Class) -> Self {
        let members = class.methods.len() + class.properties.len();
        Languages {
            spelled: (0..members).map(|_| AtomicU8::new(UNKNOWN)).collect(),
            methods: class.methods.len(),
            interface: AtomicU8::new(UNKNOWN),
            locale: AtomicU8::new(UNKNOWN),
        }
    }

    /// The language of a call, and whether the script's spelling decided it.
    pub(super) fn of(&self, member: Option<Member>) -> (Language, bool) {
        let spelled = member.and_then(|member| self.cell(member)).and_then(decoded);
        let general = || decoded(&self.interface).or_else(|| decoded(&self.locale)).unwrap_or_default();
        spelled.map_or_else(|| (general(), false), |language| (language, true))
    }

    /// The number of the member with this name among `names` (English, Russian), if any. Remembers the spelling.
    pub(super) fn find(
        &self,
        theirs: &[u16],
        names: impl Iterator<Item = (&'static str, &'static str)>,
        member: fn(usize) -> Member,
    ) -> Option<usize> {
        for (index, (english, russian)) in names.enumerate() {
            let in_english = utf16::same_name(theirs, english);
            let in_russian = utf16::same_name(theirs, russian);
            if !in_english && !in_russian {
                continue;
            }
            if let Some(cell) = self.cell(member(index)) {
                let spelled = match (in_english, in_russian) {
                    (true, true) => UNKNOWN,
                    (_, true) => RUSSIAN,
                    _ => ENGLISH,
                };
                cell.store(spelled, Ordering::Relaxed);
            }
            return Some(index);
        }
        None
    }

    /// Language code of the user interface, as "ru" or "en".
    pub(super) fn set_interface(&self, code: &[u16]) {
        self.interface.store(coded(code), Ordering::Relaxed);
    }

    /// Locale name, as `ru_RU` or `rus_RUS`.
    pub(super) fn set_locale(&self, name: &[u16]) {
        self.locale.store(coded(name), Ordering::Relaxed);
    }

    fn cell(&self, member: Member) -> Option<&AtomicU8> {
        match member {
            Member::Method(index) => self.spelled.get(..self.methods)?.get(index),
            Member::Property(index) => self.spelled.get(self.methods..)?.get(index),
        }
    }
}

fn coded(code: &[u16]) -> u8 {
    match code {
        [] => UNKNOWN,
        code if utf16::is_russian(code) => RUSSIAN,
        _ => ENGLISH,
    }
}

fn decoded(cell: &AtomicU8) -> Option<Language> {
    match cell.load(Ordering::Relaxed) {
        ENGLISH => Some(Language::English),
        RUSSIAN => Some(Language::Russian),
        _ => None,
    }
}
