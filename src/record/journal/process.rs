//! Who writes a journal, for file systems on which files cannot be locked.

use nix::sys::signal;
use nix::unistd::{self, Pid};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::{Duration, SystemTime};

/// A writer that has not touched its file for so long is dead. It touches it [every second](super::disk).
pub const SILENCE: Duration = Duration::from_secs(60);

/// A process that writes a journal, as the first line of its file names it. Files before format 2.3 do not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Name of the machine; empty if it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    host: String,
    /// Number of the process on that machine; 0 if it is not known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pid: u32,
}

impl Process {
    /// This process.
    pub fn this() -> Process {
        let host = unistd::gethostname().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Process { host, pid: std::process::id() }
    }

    /// Whether it may still write a file that was last written at this time: not if it has been silent for long, nor if it ran on
    /// this machine and has ended.
    pub fn may_live(&self, last_written: SystemTime) -> bool {
        // Elapsed fails for a time in the future, which another machine's clock may have set.
        let silent = last_written.elapsed().is_ok_and(|silence| silence > SILENCE);
        !silent && (self.host != Process::this().host || self.is_running())
    }

    fn is_running(&self) -> bool {
        let Some(pid) = i32::try_from(self.pid).ok().filter(|&pid| pid > 0) else { return false };
        // Without permission to send a signal, there is somebody to send it to.
        !matches!(signal::kill(Pid::from_raw(pid), None), Err(nix::errno::Errno::ESRCH))
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.pid {
            0 => f.write_str("an unknown process"),
            pid => write!(f, "process {pid} on {}", crate::printable::line(&self.host)),
        }
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dead_are_seen_to_be_dead() {
        let (now, this) = (SystemTime::now(), Process::this());
        assert!(this.may_live(now) && this.may_live(now + SILENCE));
        assert!(!this.may_live(now - SILENCE - Duration::from_secs(1)));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let ended = Process { pid: child.id(), ..this.clone() };
        child.wait().unwrap();
        assert!(!ended.may_live(now));
        // Of a process on another machine, only its last word is known.
        let elsewhere = Process { host: "elsewhere".into(), ..ended };
        assert!(elsewhere.may_live(now) && !elsewhere.may_live(now - 2 * SILENCE));
    }
}
