//! Two folders take each other's place.

use std::fs;
use std::io;
use std::path::Path;

/// Gives each of two folders, which are beside each other, the name of the other. Where the system can, both at once: whenever
/// the power is cut, each name leads to one of them.
pub fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use nix::errno::Errno;
        use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
        match renameat2(AT_FDCWD, one, AT_FDCWD, other, RenameFlags::RENAME_EXCHANGE) {
            // Not every file system can.
            Err(Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP) => {}
            done => return Ok(done?),
        }
    }
    one_by_one(one, other)
}

fn one_by_one(one: &Path, other: &Path) -> io::Result<()> {
    let mut between = one.file_name().unwrap_or_default().to_owned();
    between.push(".between");
    let between = one.with_file_name(between);
    fs::rename(one, &between)?;
    fs::rename(other, one).or_else(|error| fs::rename(&between, one).and(Err(error)))?;
    fs::rename(&between, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_has_the_name_of_the_other() {
        let place = tempfile::tempdir().unwrap();
        let paths = ["small", "small.old-1"].map(|name| place.path().join(name));
        for exchange in [exchange, one_by_one] {
            for path in &paths {
                fs::create_dir_all(path).unwrap();
                fs::write(path.join("name"), path.file_name().unwrap().to_str().unwrap()).unwrap();
            }
            exchange(&paths[0], &paths[1]).unwrap();
            assert_eq!(fs::read_to_string(paths[0].join("name")).unwrap(), "small.old-1");
            assert_eq!(fs::read_to_string(paths[1].join("name")).unwrap(), "small");
            assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
        }
        // If the second is not there, the first keeps its name.
        fs::remove_dir_all(&paths[1]).unwrap();
        for exchange in [exchange, one_by_one] {
            assert!(exchange(&paths[0], &paths[1]).is_err() && paths[0].is_dir());
        }
    }
}
