//! nginx with one file, as quick as it can be made: what the first page is measured against.

use std::{
    fmt::Write,
    fs, io,
    process::{Command, Stdio},
};

use tempfile::TempDir;

use super::{
    child::{Child, SERVER_CORE},
    fault::Fault,
    newcomers::Page,
    target::{START_LIMIT, free_port, last_words, listens},
};

/// Headers that nginx writes by itself.
const ITS_OWN: [&str; 8] =
    ["server", "date", "content-type", "content-length", "last-modified", "etag", "accept-ranges", "connection"];

/// A running nginx; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Nginx {
    pub(crate) child: Child,
    pub(crate) port: u16,
    /// Its file, configuration and log.
    _home: TempDir,
}

/// Whether this machine has one.
pub(crate) fn is_there() -> bool {
    Command::new("nginx").arg("-v").stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

impl Nginx {
    /// Starts one process that answers every address with the body and the headers of `page`.
    pub(crate) fn start(page: &Page) -> Result<Self, Fault> {
        let port = free_port()?;
        let home = TempDir::new()?;
        fs::write(home.path().join("page"), &page.body)?;
        let configuration = home.path().join("nginx.conf");
        fs::write(&configuration, configure(home.path().display(), port, page)?)?;
        let log = home.path().join("error.log");
        let args = ["-c".as_ref(), configuration.as_os_str()];
        let mut child =
            Child::start("nginx", SERVER_CORE, "nginx".as_ref(), args, Stdio::null(), fs::File::create(&log)?.into())?;
        if !listens(&mut child, port) {
            let words = last_words(&log);
            return Err(Fault::NotListening { what: "nginx", port, seconds: START_LIMIT.as_secs(), words });
        }
        Ok(Self { child, port, _home: home })
    }
}

/// One process without a master, no log, the file kept open, and the page's own headers.
fn configure(home: impl std::fmt::Display, port: u16, page: &Page) -> io::Result<String> {
    let mut headers = String::new();
    for (name, value) in &page.headers {
        if ITS_OWN.contains(&name.to_ascii_lowercase().as_str()) {
            continue;
        }
        // A dollar sign would begin a variable; none of ours has one.
        if value.contains(['$', '\\']) {
            return Err(io::Error::other(format!("the header {name} cannot be written into nginx.conf: {value}")));
        }
        writeln!(headers, "      add_header {name} \"{}\";", value.replace('"', "\\\"")).map_err(io::Error::other)?;
    }
    Ok(format!(
        r#"daemon off;
master_process off;
pid {home}/pid;
error_log stderr error;
worker_rlimit_nofile 20000;
events {{ worker_connections 16384; multi_accept on; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  open_file_cache max=10 inactive=1h;
  open_file_cache_valid 1h;
  client_body_temp_path {home};
  proxy_temp_path {home};
  fastcgi_temp_path {home};
  uwsgi_temp_path {home};
  scgi_temp_path {home};
  types {{ }}
  default_type "text/html; charset=utf-8";
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      root {home};
      try_files /page =404;
{headers}    }}
  }}
}}
"#
    ))
}
