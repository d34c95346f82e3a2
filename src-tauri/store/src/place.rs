//! Where the data may lie. A database on a network share is not safe: the share's locks are not those that SQLite needs,
//! and two computers could write it at once.

use std::path::Path;

use crate::StoreError;

/// Refuses a folder on a network share, as far as the system says that it is on one.
pub(crate) fn refuse_share(folder: &Path) -> Result<(), StoreError> {
    let whole = folder.canonicalize()?;
    let shared = if cfg!(windows) {
        is_unc(&whole)
    } else {
        // Only Linux has this list; elsewhere nothing is known.
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        kind(&mounts, &whole).is_some_and(is_share)
    };
    if shared { Err(StoreError::Share) } else { Ok(()) }
}

/// A share by its name, or a drive letter that leads to one: the canonical path says so.
fn is_unc(path: &Path) -> bool {
    use std::path::{Component, Prefix};
    let Some(Component::Prefix(prefix)) = path.components().next() else { return false };
    matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..))
}

fn is_share(kind: &str) -> bool {
    const SHARES: [&str; 12] = [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "davfs",
        "fuse.sshfs",
        "fuse.rclone",
        "fuse.davfs2",
        "fuse.gvfsd-fuse",
    ];
    SHARES.contains(&kind)
}

/// The kind of file system that a path lies on, out of Linux's list of mounts.
fn kind<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let mounted = mounts.lines().filter_map(|line| {
        let (before, after) = line.split_once(" - ")?;
        // Spaces and the like are written as octal numbers.
        let point = before.split(' ').nth(4)?.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
        let deep = path.starts_with(&point).then(|| Path::new(&point).components().count())?;
        Some((deep, after.split(' ').next()?))
    });
    // The deepest, and of two at one place the later one, which lies over the other.
    mounted.max_by_key(|(deep, _)| *deep).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f47_a_folder_on_a_network_share_is_told_from_others() {
        let mounts = "22 28 0:20 / /proc rw,nosuid - proc proc rw\n\
                      28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n\
                      40 28 0:35 / /home rw - nfs4 server:/home rw,vers=4.2\n\
                      41 40 0:36 / /home/wang/local rw - ext4 /dev/vdb1 rw\n\
                      42 28 0:37 / /mnt/人事\\040共享 rw - cifs //server/hr rw\n\
                      43 28 0:38 / /mnt/over rw - nfs server:/x rw\n\
                      44 28 0:39 / /mnt/over rw - tmpfs tmpfs rw";
        for (path, shared) in [
            ("/var/lib/huijiao", false),
            ("/home/wang/.local/share/huijiao", true),
            ("/home/wang/local/huijiao", false),
            ("/homely", false),
            ("/mnt/人事 共享/汇缴通", true),
            ("/mnt/over/data", false),
        ] {
            assert_eq!(kind(mounts, Path::new(path)).is_some_and(is_share), shared, "{path}");
        }
        assert_eq!(kind("", Path::new("/anything")), None, "nothing is known where there is no list");
    }
}
