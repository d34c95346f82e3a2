//! The files of certificates in backups: sealed as the rest of the data, and laid back where they are missing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use huijiao_store::{Store, StoreError};

use crate::Desk;
use crate::error::DeskError;

const SETTING: &str = "key-files";
const FOLDER: &str = "certificates";
const PRACTICE: &str = "practice";
const UNITS: &str = "units";
/// No key file is as large as this.
const LARGEST: u64 = 1 << 20;

/// By their paths under the data folder, with slashes; what is in them as Base64.
type KeyFiles = BTreeMap<String, String>;

impl Desk {
    /// Takes the key files of this computer into the data, where a backup finds them.
    pub(crate) fn take_key_files(&self, store: &mut Store) -> Result<(), DeskError> {
        let here = self.key_files()?;
        if store.setting::<KeyFiles>(SETTING)?.unwrap_or_default() != here {
            store.set_setting(SETTING, &here)?;
        }
        Ok(())
    }

    /// Lays the key files of restored data where there are none of these names: what is here is newer. The practice center
    /// of another computer is another one, and knows none of them.
    pub(crate) fn lay_key_files(&self, store: &Store) -> Result<(), DeskError> {
        let practice = self.practice_folder().join("center").exists();
        for (name, content) in store.setting::<KeyFiles>(SETTING)?.unwrap_or_default() {
            let parts: Vec<&str> = name.split('/').collect();
            let place = match parts.as_slice() {
                [PRACTICE, FOLDER, _] => practice,
                [UNITS, _, FOLDER, _] => true,
                _ => false,
            };
            let path = self.config.folder.join(parts.iter().collect::<PathBuf>());
            if !place || !parts.iter().all(|part| is_plain(part)) || path.exists() {
                continue;
            }
            let content = STANDARD.decode(content).map_err(|e| DeskError::Internal(e.to_string()))?;
            huijiao_files::replace(&path, &content).map_err(StoreError::from)?;
        }
        Ok(())
    }

    fn key_files(&self) -> Result<KeyFiles, DeskError> {
        let units = names(&self.config.folder.join(UNITS)).map_err(StoreError::from)?;
        let folders =
            units.into_iter().map(|unit| [UNITS, &unit, FOLDER].join("/")).chain([[PRACTICE, FOLDER].join("/")]);
        let mut files = KeyFiles::new();
        for folder in folders {
            let place = self.config.folder.join(&folder);
            for name in names(&place).map_err(StoreError::from)? {
                let path = place.join(&name);
                let file = std::fs::metadata(&path).map_err(StoreError::from)?;
                if file.is_file() && file.len() <= LARGEST {
                    let content = std::fs::read(path).map_err(StoreError::from)?;
                    files.insert(format!("{folder}/{name}"), STANDARD.encode(content));
                }
            }
        }
        Ok(files)
    }
}

/// One name, nothing that leads elsewhere.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['\\', ':', '\0'])
}

/// What lies in a folder; nothing where there is none.
fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let names = entries.map(|entry| Ok(entry?.file_name().into_string().unwrap_or_default()));
    names.filter(|name: &std::io::Result<String>| name.as_ref().map_or(true, |name| is_plain(name))).collect()
}
