//! The way from a slot into an object: pointer checks, panic, language, report of a fault. Every slot is one call of
//! [`enter`], the destructors are [`destroy`].

use std::ffi::{c_long, c_void};

use super::component::{Fault, Language, Library};
use super::faults;
use super::guard::{Answer, caught, guarded};
use super::language::Member;
use super::object::{self, Visit};

pub(super) type This = *mut c_void;

/// A number of something. Nothing, when asked wrongly.
#[repr(transparent)]
pub(super) struct Count(pub(super) c_long);

impl Answer for Count {
    const ON_FAULT: Self = Count(0);
}

impl From<usize> for Count {
    fn from(count: usize) -> Self {
        Count(c_long::try_from(count).unwrap_or(0))
    }
}

/// The number of a member. -1: there is none.
#[repr(transparent)]
pub(super) struct Index(pub(super) c_long);

impl Answer for Index {
    const ON_FAULT: Self = Index(-1);
}

impl From<Option<usize>> for Index {
    fn from(index: Option<usize>) -> Self {
        Index(index.and_then(|index| c_long::try_from(index).ok()).unwrap_or(-1))
    }
}

/// Why a slot gives its fallback.
pub(super) enum Trouble {
    /// A question with a wrong index or a null pointer: answered by the fallback alone.
    Silent,
    /// The component's own fault.
    Seen(Fault),
    /// A fault found here, of which the component does not know yet.
    Unseen(Fault),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Trouble::Unseen(fault)
    }
}

/// Runs one slot of a living object. Faults and panics are raised in the script and remembered by the component; the
/// host gets the fallback of the return type. Null and destroyed objects get the fallback at once.
///
/// # Safety
/// `this` must be null or point to the base at offset `base` of an object of `L` that is not freed.
pub(super) unsafe fn enter<L: Library, R: Answer>(
    this: This,
    base: usize,
    member: Option<Member>,
    body: impl FnOnce(&Visit<L>, Language) -> Result<R, Trouble>,
) -> R {
    guarded(|| {
        // SAFETY: the caller's contract.
        let Some(visit) = (unsafe { Visit::<L>::enter(this, base) }) else { return R::ON_FAULT };
        let (language, _) = visit.languages().of(member);
        let trouble = match caught(|| body(&visit, language)) {
            Ok(Ok(answer)) => return answer,
            Ok(Err(trouble)) => trouble,
            Err(place) => Trouble::Unseen(faults::internal(language, place)),
        };
        match trouble {
            Trouble::Silent => {}
            Trouble::Seen(fault) => visit.report(&fault),
            Trouble::Unseen(fault) => {
                visit.report(&fault);
                visit.remember(&fault);
            }
        }
        R::ON_FAULT
    })
}

/// Destroys an object through any of its bases.
///
/// # Safety
/// As [`enter`]; after `free` the object is not used again.
pub(super) unsafe fn destroy<L: Library>(this: This, base: usize, free: bool) {
    guarded(|| {
        // SAFETY: the caller's contract.
        unsafe { object::destroy::<L>(this, base, free) }
    });
}
