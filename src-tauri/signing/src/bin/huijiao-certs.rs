//! Writes the test certificates: `huijiao-certs --out certs/test`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use huijiao_signing::issue;
use jiff::Timestamp;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let out = match arguments.as_slice() {
        [option, folder] if option == "--out" => PathBuf::from(folder),
        _ => {
            let _ = writeln!(io::stderr(), "用法：huijiao-certs --out 文件夹");
            return ExitCode::from(2);
        }
    };
    match issue::write_test_certificates(&out, Timestamp::now()) {
        Ok(()) => {
            let _ = writeln!(io::stdout(), "测试证书已写入 {}，PIN {}", out.display(), issue::TEST_PIN);
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "没有写成：{error}");
            ExitCode::FAILURE
        }
    }
}
