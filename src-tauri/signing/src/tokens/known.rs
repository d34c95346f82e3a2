//! Where the drivers of tokens put their modules.

use std::path::PathBuf;

/// A driver that is known by the file names of its module.
pub(super) struct Product {
    /// As its users call it.
    pub(super) name: &'static str,
    files: &'static [&'static str],
}

/// The names that drivers install under; new ones come in here. A module under another name is given by its path.
#[cfg(windows)]
const PRODUCTS: &[Product] = &[
    Product {
        name: "飞天诚信 ePass",
        files: &["eps2003csp11.dll", "eps2003csp11v2.dll", "ShuttleCsp11_3003.dll", "ngp11v211.dll"],
    },
    Product { name: "握奇 WatchKey", files: &["WDPKCS.dll"] },
    Product { name: "龙脉 mToken", files: &["gm3000_pkcs11.dll"] },
    Product { name: "SafeNet eToken", files: &["eTPKCS11.dll"] },
    Product { name: "OpenSC", files: &["opensc-pkcs11.dll"] },
    Product { name: "SoftHSM", files: &["softhsm2-x64.dll", "softhsm2.dll"] },
];

/// The names that drivers install under; new ones come in here. A module under another name is given by its path.
#[cfg(target_os = "macos")]
const PRODUCTS: &[Product] = &[
    Product { name: "飞天诚信 ePass", files: &["libcastle.1.0.0.dylib", "libeps2003csp11.dylib"] },
    Product { name: "握奇 WatchKey", files: &["libwdpkcs.dylib"] },
    Product { name: "SafeNet eToken", files: &["libeTPkcs11.dylib"] },
    Product { name: "OpenSC", files: &["opensc-pkcs11.so"] },
    Product { name: "SoftHSM", files: &["libsofthsm2.so"] },
];

/// The names that drivers install under; new ones come in here. A module under another name is given by its path.
#[cfg(not(any(windows, target_os = "macos")))]
const PRODUCTS: &[Product] = &[
    Product {
        name: "飞天诚信 ePass",
        files: &[
            "libcastle.so",
            "libcastle.so.1.0.0",
            "libcastle_v2.so.1.0.0",
            "libeps2003csp11.so",
            "libshuttle_p11v220.so",
        ],
    },
    Product { name: "握奇 WatchKey", files: &["libwdpkcs.so"] },
    Product { name: "龙脉 mToken", files: &["libgm3000_pkcs11.so"] },
    Product { name: "SafeNet eToken", files: &["libeTPkcs11.so"] },
    Product { name: "OpenSC", files: &["opensc-pkcs11.so"] },
    Product { name: "SoftHSM", files: &["libsofthsm2.so"] },
];

/// Those that speak SKF.
#[cfg(all(feature = "skf", windows))]
const SKF_PRODUCTS: &[Product] = &[
    Product { name: "龙脉 mToken（SKF）", files: &["mtoken_gm3000.dll"] },
    Product { name: "赢达信 UKey（SKF）", files: &["WTSKFInterface.dll"] },
];
#[cfg(all(feature = "skf", target_os = "macos"))]
const SKF_PRODUCTS: &[Product] = &[Product { name: "龙脉 mToken（SKF）", files: &["libgm3000.1.0.dylib"] }];
#[cfg(all(feature = "skf", not(any(windows, target_os = "macos"))))]
const SKF_PRODUCTS: &[Product] = &[Product { name: "龙脉 mToken（SKF）", files: &["libgm3000.1.0.so"] }];
#[cfg(not(feature = "skf"))]
const SKF_PRODUCTS: &[Product] = &[];

/// All that are looked for.
pub(super) fn products() -> impl Iterator<Item = &'static Product> {
    PRODUCTS.iter().chain(SKF_PRODUCTS)
}

/// Folders of the system's only: what lies where any user can write is loaded by nobody who did not choose it.
#[cfg(windows)]
pub(super) fn folders() -> Vec<PathBuf> {
    let root = std::env::var_os("SystemRoot").map_or_else(|| PathBuf::from(r"C:\Windows"), PathBuf::from);
    let programs = std::env::var_os("ProgramFiles").map_or_else(|| PathBuf::from(r"C:\Program Files"), PathBuf::from);
    vec![root.join("System32"), programs.join(r"OpenSC Project\OpenSC\pkcs11"), programs.join(r"SoftHSM2\lib")]
}

/// Folders of the system's only: what lies where any user can write is loaded by nobody who did not choose it.
#[cfg(target_os = "macos")]
pub(super) fn folders() -> Vec<PathBuf> {
    ["/usr/local/lib", "/Library/OpenSC/lib", "/usr/local/lib/softhsm", "/opt/homebrew/lib/softhsm"]
        .map(PathBuf::from)
        .into()
}

/// Folders of the system's only: what lies where any user can write is loaded by nobody who did not choose it.
#[cfg(not(any(windows, target_os = "macos")))]
pub(super) fn folders() -> Vec<PathBuf> {
    [
        "/usr/lib",
        "/usr/lib64",
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib/loongarch64-linux-gnu",
        "/usr/lib/pkcs11",
        "/usr/lib64/pkcs11",
        "/usr/lib/x86_64-linux-gnu/pkcs11",
        "/usr/lib/softhsm",
        "/usr/local/lib",
        "/usr/local/lib/softhsm",
        "/usr/lib/WatchData/ProxKey/lib",
    ]
    .map(PathBuf::from)
    .into()
}

/// The modules that are here, each once whatever links lead to it, with the product's name.
pub(super) fn present() -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for product in products() {
        for folder in folders() {
            for file in product.files {
                let Ok(path) = folder.join(file).canonicalize() else { continue };
                if !found.iter().any(|(_, known)| *known == path) {
                    found.push((product.name.to_owned(), path));
                }
            }
        }
    }
    found
}
