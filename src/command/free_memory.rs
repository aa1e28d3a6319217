//! How much memory this process may still take: the least of what the machine has free, its container (a control group of Linux) may
//! still take, and `ulimit` allows.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Address space that a thread reserves: its stack, and a part of its own of the allocator's memory.
const OF_A_THREAD: f64 = 66e6;

/// Memory that may still be taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Free {
    /// In bytes, 0 or more.
    pub bytes: f64,
    /// By what it is limited.
    pub limit: Limit,
}

/// What limits the memory of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// What other programs leave free.
    Machine,
    /// A control group.
    Container,
    /// A limit of the process itself.
    Ulimit,
}

impl Limit {
    /// In JSON: `machine`.
    pub fn name(self) -> &'static str {
        match self {
            Limit::Machine => "machine",
            Limit::Container => "container",
            Limit::Ulimit => "ulimit",
        }
    }

    /// What its owner can do.
    pub fn mend(self) -> &'static str {
        match self {
            Limit::Machine => "end other programs",
            Limit::Container => "give the container more memory",
            Limit::Ulimit => "raise the limit, as with `ulimit -v unlimited -d unlimited`",
        }
    }
}

/// As in: 512 MB are free …
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Limit::Machine => "on this machine",
            Limit::Container => "in this container (its control group has a limit)",
            Limit::Ulimit => "to this process (`ulimit` sets a limit)",
        })
    }
}

/// What is free for this process, which is about to start so many threads; `None` on systems other than Linux. Files that the
/// system keeps in memory to read them faster count as free: it gives them up first.
pub fn free(threads: usize) -> Option<Free> {
    free_below(Path::new("/"), threads)
}

/// The same, with the files of the system below this folder.
fn free_below(root: &Path, threads: usize) -> Option<Free> {
    let kinds =
        [(Limit::Machine, machine(root)), (Limit::Container, container(root)), (Limit::Ulimit, ulimit(root, threads))];
    let known = kinds.into_iter().filter_map(|(limit, bytes)| Some(Free { bytes: bytes?.max(0.0), limit }));
    known.min_by(|a, b| a.bytes.total_cmp(&b.bytes))
}

fn machine(root: &Path) -> Option<f64> {
    kilobytes(&read(root, "proc/meminfo")?, "MemAvailable:")
}

/// The limits of address space and of data, less what is in use.
fn ulimit(root: &Path, threads: usize) -> Option<f64> {
    let (limits, status) = (read(root, "proc/self/limits")?, read(root, "proc/self/status")?);
    let left = |name: &str, used: &str, overhead: f64| {
        let limit: f64 =
            limits.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()?;
        Some(limit - kilobytes(&status, used)? - overhead)
    };
    let space = left("Max address space", "VmSize:", OF_A_THREAD * threads as f64);
    let data = left("Max data size", "VmData:", 0.0);
    space.into_iter().chain(data).reduce(f64::min)
}

/// The least that the control groups of this process, of either version, may still take.
fn container(root: &Path) -> Option<f64> {
    let (groups, mounts) = (read(root, "proc/self/cgroup")?, read(root, "proc/self/mountinfo")?);
    let mounts: Vec<Mount> = mounts.lines().filter_map(Mount::of).collect();
    let left = groups.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, group) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let is_wanted = |mount: &&Mount| match controllers {
            "" => mount.version == Version::Two,
            names => mount.version == Version::One && names.split(',').any(|name| name == "memory"),
        };
        mounts.iter().filter(is_wanted).filter_map(|mount| mount.left(root, group)).collect::<Vec<_>>()
    });
    left.reduce(f64::min)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// Where control groups for memory are mounted.
struct Mount<'a> {
    version: Version,
    /// The group that is seen at `place`.
    group: &'a str,
    place: &'a str,
}

impl<'a> Mount<'a> {
    /// From a line of `mountinfo`: `35 31 0:32 /group /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory`.
    fn of(line: &'a str) -> Option<Mount<'a>> {
        let (about, kind) = line.split_once(" - ")?;
        let mut about = about.split(' ').skip(3);
        let (group, place) = (about.next()?, about.next()?);
        let mut kind = kind.split(' ');
        let version = match (kind.next()?, kind.nth(1)?) {
            ("cgroup2", _) => Version::Two,
            ("cgroup", options) if options.split(',').any(|option| option == "memory") => Version::One,
            _ => return None,
        };
        Some(Mount { version, group, place })
    }

    /// What this group and all groups that it is in may still take; `None` if none of them has a limit.
    fn left(&self, root: &Path, group: &str) -> Option<f64> {
        let place = root.join(self.place.trim_start_matches('/'));
        let below = group.strip_prefix(self.group.trim_end_matches('/')).unwrap_or(group).trim_start_matches('/');
        let folder = place.join(below);
        // In a container, its own group may be seen where all groups are mounted.
        let folder = if folder.is_dir() { folder } else { place.clone() };
        let groups = folder.ancestors().take_while(|folder| folder.starts_with(&place));
        groups.filter_map(|folder| self.version.left(folder)).reduce(f64::min)
    }
}

impl Version {
    /// What a group may still take; `None` if it has no limit. Version 1 says a number beyond all memory where there is none.
    fn left(self, group: &Path) -> Option<f64> {
        let [limit, usage] = match self {
            Version::One => ["memory.limit_in_bytes", "memory.usage_in_bytes"],
            Version::Two => ["memory.max", "memory.current"],
        };
        let number = |name: &str| read(group, name)?.trim().parse::<f64>().ok();
        let (limit, usage) = (number(limit).filter(|limit| *limit < 9e18)?, number(usage)?);
        let counts = read(group, "memory.stat").unwrap_or_default();
        // Only in version 1, the groups within are counted under names of their own.
        let prefix = if self == Version::One { "total_" } else { "" };
        let files = ["inactive_file", "active_file"].map(|kind| {
            let count = |line: &str| line.strip_prefix(prefix)?.strip_prefix(kind)?.trim().parse::<f64>().ok();
            counts.lines().find_map(count).unwrap_or(0.0)
        });
        Some(limit - usage + files.iter().sum::<f64>())
    }
}

/// A number of a line such as `MemAvailable:  23529 kB`, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1024.0)
}

fn read(folder: &Path, name: &str) -> Option<String> {
    fs::read_to_string::<PathBuf>(folder.join(name)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
    const V2: &str = "41 31 0:38 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

    /// A system of which these files are known, with 8 GB free and without limits of the process.
    struct System(tempfile::TempDir);

    impl System {
        fn with(mounts: &str, groups: &str) -> System {
            let system = System(tempfile::tempdir().unwrap());
            system.write("proc/meminfo", "MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n");
            system.write("proc/self/status", "VmSize:\t  100000 kB\nVmData:\t   50000 kB\n");
            system.limit("unlimited", "unlimited");
            let mounts = format!("23 27 0:22 / /sys rw,relatime - sysfs sysfs rw\n{mounts}");
            system.write("proc/self/mountinfo", &mounts);
            system.write("proc/self/cgroup", groups);
            system
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn limit(&self, data: &str, space: &str) {
            let limits = format!(
                "Limit                     Soft Limit           Hard Limit           Units\n\
                 Max data size             {data}              unlimited            bytes\n\
                 Max address space         {space}            unlimited            bytes\n"
            );
            self.write("proc/self/limits", &limits);
        }

        /// A group with a limit, of which so much is in use, and so much of that by two kinds of files.
        fn group(&self, version: Version, path: &str, limit: &str, usage: u64, files: [u64; 2]) {
            let (names, prefix) = match version {
                Version::One => (["memory.limit_in_bytes", "memory.usage_in_bytes"], "total_"),
                Version::Two => (["memory.max", "memory.current"], ""),
            };
            self.write(&format!("{path}/{}", names[0]), &format!("{limit}\n"));
            self.write(&format!("{path}/{}", names[1]), &format!("{usage}\n"));
            let own = if prefix.is_empty() { "" } else { "inactive_file 7\nactive_file 7\n" };
            let [inactive, active] = files;
            let stat = format!("anon 1\n{own}{prefix}inactive_file {inactive}\n{prefix}active_file {active}\nslab 3\n");
            self.write(&format!("{path}/memory.stat"), &stat);
        }

        fn free(&self) -> (Limit, f64) {
            let free = free_below(self.0.path(), 2).unwrap();
            (free.limit, free.bytes)
        }
    }

    #[test]
    fn the_least_limit_along_the_path_of_groups_counts_and_cached_files_are_free() {
        let system = System::with(V2, "0::/slice/job\n");
        assert_eq!(system.free(), (Limit::Machine, 8_192e6));
        system.group(Version::Two, "sys/fs/cgroup/slice/job", "max", 300, [0, 0]);
        assert_eq!(system.free(), (Limit::Machine, 8_192e6));
        system.group(Version::Two, "sys/fs/cgroup/slice", "1000000", 900_000, [200_000, 100_000]);
        assert_eq!(system.free(), (Limit::Container, 400_000.0));
        system.group(Version::Two, "sys/fs/cgroup/slice/job", "500000", 300_000, [0, 1000]);
        assert_eq!(system.free(), (Limit::Container, 201_000.0));
        // More is in use than it may take by now.
        system.group(Version::Two, "sys/fs/cgroup/slice/job", "500000", 600_000, [0, 0]);
        assert_eq!(system.free(), (Limit::Container, 0.0));
    }

    #[test]
    fn a_container_sees_its_own_group_where_groups_are_mounted() {
        for (mounts, groups) in [
            // The group is named as the machine names it, and is what is mounted.
            (V1.replace(" / ", " /docker/1f "), "4:cpu,memory:/docker/1f\n2:cpu:/\n0::/\n"),
            // Only the machine knows the path of the name.
            (V1.to_owned(), "4:memory:/docker/1f\n"),
            // Within its own name space.
            (V1.to_owned(), "4:memory:/\n"),
        ] {
            let system = System::with(&mounts, groups);
            system.group(Version::One, "sys/fs/cgroup/memory", "600000", 300_000, [50_000, 50_000]);
            assert_eq!(system.free(), (Limit::Container, 400_000.0), "{mounts}{groups}");
            // This is how version 1 says that there is no limit.
            system.group(Version::One, "sys/fs/cgroup/memory", "9223372036854771712", 0, [0, 0]);
            assert_eq!(system.free().0, Limit::Machine);
        }
        // A mounted part of the groups, with this one in it.
        let system = System::with(&V1.replace(" / ", " /docker "), "4:memory:/docker/1f/job\n");
        system.group(Version::One, "sys/fs/cgroup/memory/1f/job", "5000", 1000, [0, 0]);
        assert_eq!(system.free(), (Limit::Container, 4000.0));
    }

    #[test]
    fn limits_of_the_process_leave_what_it_has_not_taken() {
        let system = System::with(V2, "0::/\n");
        system.limit("unlimited", "1000000000");
        // 100,000 kB are in use, and two threads are about to take some.
        assert_eq!(system.free(), (Limit::Ulimit, 1e9 - 102.4e6 - 132e6));
        system.limit("151200000", "1000000000");
        assert_eq!(system.free(), (Limit::Ulimit, 100e6));
        system.limit("1", "1");
        assert_eq!(system.free(), (Limit::Ulimit, 0.0));
    }

    #[test]
    fn nothing_is_known_without_the_files_of_the_system() {
        assert_eq!(free_below(tempfile::tempdir().unwrap().path(), 1), None);
    }
}
