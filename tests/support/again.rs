//! The running test program once more, for what needs a process of its own: through the emulator that runs this one,
//! if the environment names one (a program of another architecture cannot be started by its name alone).

use std::process::Command;

pub(crate) fn again() -> Command {
    let program = std::env::current_exe().expect("its own path");
    match std::env::var("CONNECTOR_RUNNER") {
        Ok(words) if !words.is_empty() => {
            let mut words = words.split(' ');
            let mut command = Command::new(words.next().expect("the first word"));
            command.args(words).arg(program);
            command
        }
        _ => Command::new(program),
    }
}
