//! The figures found, for people and for programs.

/// A figure that has a target.
struct Figure {
    name: &'static str,
    value: f64,
    unit: &'static str,
    target: Option<Target>,
    /// Whether it hangs on the clock, so that a busy machine can spoil it.
    timed: bool,
}

/// What a figure must be.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    fn met(self, value: f64) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::AtLeast(limit) => value >= limit,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtMost(limit) => write!(f, "<= {limit}"),
            Self::AtLeast(limit) => write!(f, ">= {limit}"),
        }
    }
}

/// All figures of a run.
#[derive(Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
}

impl Report {
    /// Adds a figure that must meet a target whatever else the machine does.
    pub(crate) fn must(&mut self, name: &'static str, value: f64, unit: &'static str, target: Target) {
        self.figures.push(Figure { name, value, unit, target: Some(target), timed: false });
    }

    /// Adds a figure that must meet a target on a quiet machine.
    pub(crate) fn must_in_time(
        &mut self,
        name: &'static str,
        value: f64,
        unit: &'static str,
        target: Target,
    ) {
        self.figures.push(Figure { name, value, unit, target: Some(target), timed: true });
    }

    /// Adds a figure of interest.
    pub(crate) fn note(&mut self, name: &'static str, value: f64, unit: &'static str) {
        self.figures.push(Figure { name, value, unit, target: None, timed: false });
    }

    /// Whether every target is met; those of the clock count only when asked for.
    pub(crate) fn all_met(&self, with_clock: bool) -> bool {
        let counted = self.figures.iter().filter(|figure| with_clock || !figure.timed);
        counted.into_iter().all(|figure| figure.target.is_none_or(|target| target.met(figure.value)))
    }

    /// The table, then one line per figure for programs.
    pub(crate) fn print(&self) {
        println!("\n{:<34} {:>12} {:<8} {:<10}", "figure", "value", "unit", "target");
        for Figure { name, value, unit, target, .. } in &self.figures {
            let (wanted, verdict) = match target {
                None => (String::new(), ""),
                Some(target) => (target.to_string(), if target.met(*value) { "met" } else { "MISSED" }),
            };
            println!("{name:<34} {value:>12.2} {unit:<8} {wanted:<10} {verdict}");
        }
        println!();
        for Figure { name, value, unit, target, .. } in &self.figures {
            let verdict = target.map_or("none", |target| if target.met(*value) { "met" } else { "missed" });
            println!("FIGURE name={name} value={value:.3} unit={unit} target={verdict}");
        }
    }
}
