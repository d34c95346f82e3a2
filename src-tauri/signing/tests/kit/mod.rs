//! What a computer may be without.

/// Whether `HUIJIAO_WITHOUT_OPENSSL` says that this computer has no OpenSSL, or none that knows what is asked of it. A
/// test that goes without it says so.
pub(crate) fn without_openssl() -> bool {
    let without = std::env::var_os("HUIJIAO_WITHOUT_OPENSSL").is_some();
    if without {
        eprintln!("not held against OpenSSL: HUIJIAO_WITHOUT_OPENSSL is set");
    }
    without
}
