//! The network between this machine and the server: a college's own certificate authority, and its proxy. What stands in
//! the environment is checked before the first call, so that a mistake in it can't send a call another way.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Certificate, ClientBuilder, Proxy, Url};
use rustls::CertificateError;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// What the environment says about the network.
#[derive(Clone, Debug, Default)]
pub struct NetworkVariables {
    /// The first of `HTTPS_PROXY`, `https_proxy`, `ALL_PROXY` and `all_proxy` that is set: its name and its value.
    pub proxy: Option<(&'static str, SecretString)>,
    /// `NO_PROXY`
    pub no_proxy: Option<String>,
    /// `SSL_CERT_FILE`
    pub cert_file: Option<PathBuf>,
    /// `SSL_CERT_DIR`: one folder or several, as `PATH` has them.
    pub cert_dir: Option<OsString>,
}

/// How to reach one server.
#[derive(Clone, Debug, Default)]
pub struct Network {
    proxy: Option<ProxyInUse>,
    roots: Vec<Certificate>,
}

#[derive(Clone, Debug)]
struct ProxyInUse {
    proxy: Proxy,
    /// The variable that names it.
    variable: &'static str,
    /// Its host and port, without a name and password.
    address: String,
}

/// Why a variable can't be used. No message holds its value, which may have a password in it.
#[derive(Debug, Error)]
pub enum NetworkSettingError {
    #[error(
        "{0} isn't the address of a proxy; write it as in http://proxy.example.ac.uk:8080 or http://NAME:PASSWORD@proxy.example.ac.uk:8080, and in a name or password write `@` as %40, `:` as %3A, `/` as %2F, `#` as %23 and `%` as %25"
    )]
    Proxy(&'static str),
    #[error("{variable} names {path}, which can't be read; correct it or unset {variable}")]
    Unreadable {
        variable: &'static str,
        path: String,
        #[source]
        source: io::Error,
    },
    #[error(
        "{variable} names {path}, which holds no certificate; it has to be a PEM file: text with a line `-----BEGIN CERTIFICATE-----`"
    )]
    NoCertificate {
        variable: &'static str,
        path: String,
    },
}

/// What is wrong between this machine and the server, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NetworkProblem {
    #[error(
        "this machine doesn't know who issued the server's certificate; if your network has a certificate authority of its own, set SSL_CERT_FILE to its certificate (a PEM file)"
    )]
    UnknownIssuer,
    #[error(
        "the server's certificate has expired; check the date and time of this machine, and report it to whoever runs the server or the proxy"
    )]
    Expired,
    #[error("the server's certificate isn't valid yet; check the date and time of this machine")]
    NotYetValid,
    #[error(
        "the server's certificate is for another host; check ONEFILE_BASE_URL, and whether HTTPS_PROXY has to be set"
    )]
    WrongHost,
    #[error(
        "the server's certificate can't be used; if your network has a certificate authority of its own, set SSL_CERT_FILE to its certificate (a PEM file)"
    )]
    BadCertificate,
    #[error(
        "the proxy of {0} ({1}) wants a name and a password, or refuses those that it got (407); set {0} to http://NAME:PASSWORD@{1}, and in a name or password write `@` as %40, `:` as %3A, `/` as %2F, `#` as %23 and `%` as %25"
    )]
    ProxyPassword(&'static str, String),
    #[error(
        "the proxy of {0} ({1}) can't be reached; check {0}, or set NO_PROXY to the server's host if it needs no proxy"
    )]
    ProxyAway(&'static str, String),
    #[error(
        "the proxy of {0} ({1}) opens no connection to the server; ask whoever runs the proxy to allow the server's host, port 443"
    )]
    ProxyRefuses(&'static str, String),
}

impl NetworkProblem {
    /// Whether the service may be away, too: a proxy answers alike if it can't reach the server and if it may not.
    pub(super) fn may_be_outage(&self) -> bool {
        match self {
            Self::ProxyRefuses(..) => true,
            Self::UnknownIssuer
            | Self::Expired
            | Self::NotYetValid
            | Self::WrongHost
            | Self::BadCertificate
            | Self::ProxyPassword(..)
            | Self::ProxyAway(..) => false,
        }
    }

    /// Whether it may pass while the client waits.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::ProxyAway(..) | Self::ProxyRefuses(..) => true,
            Self::UnknownIssuer
            | Self::Expired
            | Self::NotYetValid
            | Self::WrongHost
            | Self::BadCertificate
            | Self::ProxyPassword(..) => false,
        }
    }
}

impl Network {
    /// The way to the server with this base URL. Plain HTTP only goes to this machine, where no variable counts.
    pub fn of(variables: &NetworkVariables, base: &str) -> Result<Self, NetworkSettingError> {
        if !is_https(base) {
            return Ok(Self::default());
        }
        let mut roots = Vec::new();
        if let Some(file) = &variables.cert_file {
            roots.extend(certificates_of("SSL_CERT_FILE", file)?);
        }
        if let Some(folders) = &variables.cert_dir {
            for folder in std::env::split_paths(folders) {
                roots.extend(certificates_in("SSL_CERT_DIR", &folder)?);
            }
        }
        let proxy = match &variables.proxy {
            Some((variable, address)) => {
                let proxy = ProxyInUse::read(variable, address.expose_secret())?;
                let no_proxy = variables.no_proxy.as_deref().unwrap_or_default();
                Some(proxy).filter(|_| !is_exempt(base, no_proxy))
            }
            None => None,
        };
        Ok(Self { proxy, roots })
    }

    /// Sets up a client. Nothing else of the environment counts.
    pub(super) fn set_up(&self, builder: ClientBuilder, base: &str) -> ClientBuilder {
        let builder = builder.no_proxy();
        if !is_https(base) {
            return builder.tls_certs_only([]);
        }
        let builder = builder.tls_certs_merge(self.roots.iter().cloned());
        match &self.proxy {
            Some(in_use) => builder.proxy(in_use.proxy.clone()),
            None => builder,
        }
    }

    /// What is wrong with the network, if that is why a request failed. The request wasn't sent then.
    pub(super) fn problem(&self, error: &reqwest::Error) -> Option<NetworkProblem> {
        if !error.is_connect() {
            return None;
        }
        if let Some(certificate) = certificate_error(error) {
            return Some(certificate_problem(certificate));
        }
        let proxy = self.proxy.as_ref()?;
        let (variable, address) = (proxy.variable, proxy.address.clone());
        let words = words_of(error);
        // The types of these errors are private, so that their words have to do. Tests hold them.
        Some(if words.contains("proxy authorization required") {
            NetworkProblem::ProxyPassword(variable, address)
        } else if words.contains("tunnel error: unsuccessful") {
            NetworkProblem::ProxyRefuses(variable, address)
        } else {
            NetworkProblem::ProxyAway(variable, address)
        })
    }
}

impl ProxyInUse {
    fn read(variable: &'static str, text: &str) -> Result<Self, NetworkSettingError> {
        let malformed = || NetworkSettingError::Proxy(variable);
        // As in curl, an address without a scheme is that of an HTTP proxy.
        let text = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let url = Url::parse(&text).map_err(|_| malformed())?;
        let is_address = PROXY_SCHEMES.contains(&url.scheme())
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && !text.contains(char::REPLACEMENT_CHARACTER)
            && !text.contains(char::is_whitespace);
        let host = url.host_str().filter(|host| !host.is_empty() && is_address);
        let host = host.ok_or_else(malformed)?;
        let address = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Ok(Self {
            proxy: Proxy::https(url.as_str()).map_err(|_| malformed())?,
            variable,
            address,
        })
    }
}

const PROXY_SCHEMES: &[&str] = &["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

fn is_https(base: &str) -> bool {
    base.starts_with("https://")
}

/// Whether `NO_PROXY` lists the server's host. Other programs also take `*.example.ac.uk`, ports and blanks between hosts.
fn is_exempt(base: &str, no_proxy: &str) -> bool {
    let separators = |c: char| c == ',' || c.is_whitespace();
    let hosts: Vec<&str> = no_proxy
        .split(separators)
        .filter(|host| !host.is_empty())
        .map(plain_host)
        .collect();
    let Ok(uri) = base.parse::<hyper::Uri>() else {
        return false;
    };
    let matcher = Matcher::builder()
        .https("http://proxy")
        .no(hosts.join(","))
        .build();
    matcher.intercept(&uri).is_none()
}

/// A host of `NO_PROXY` without a star before its first dot, and without a port.
fn plain_host(host: &str) -> &str {
    let host = if host.starts_with("*.") {
        &host[1..]
    } else {
        host
    };
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.parse::<u16>().is_ok() => name,
        Some(_) | None => host,
    }
}

fn certificates_in(
    variable: &'static str,
    folder: &Path,
) -> Result<Vec<Certificate>, NetworkSettingError> {
    let unreadable = |source| NetworkSettingError::Unreadable {
        variable,
        path: folder.display().to_string(),
        source,
    };
    let mut certificates = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        // Such folders have links to certificates, and other files.
        if path.is_file() {
            certificates.extend(certificates_of(variable, &path).unwrap_or_default());
        }
    }
    if certificates.is_empty() {
        let path = folder.display().to_string();
        return Err(NetworkSettingError::NoCertificate { variable, path });
    }
    Ok(certificates)
}

/// The certificates of a file, which Windows may have written in binary form.
fn certificates_of(
    variable: &'static str,
    file: &Path,
) -> Result<Vec<Certificate>, NetworkSettingError> {
    let path = file.display().to_string();
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(source) => {
            return Err(NetworkSettingError::Unreadable {
                variable,
                path,
                source,
            });
        }
    };
    let certificates = Certificate::from_pem_bundle(&bytes).unwrap_or_default();
    if !certificates.is_empty() {
        return Ok(certificates);
    }
    // The binary form begins with a sequence of a two-byte length.
    match Certificate::from_der(&bytes) {
        Ok(certificate) if bytes.starts_with(&[0x30, 0x82]) => Ok(vec![certificate]),
        Ok(_) | Err(_) => Err(NetworkSettingError::NoCertificate { variable, path }),
    }
}

fn certificate_problem(error: &CertificateError) -> NetworkProblem {
    match error {
        CertificateError::UnknownIssuer => NetworkProblem::UnknownIssuer,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            NetworkProblem::Expired
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            NetworkProblem::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            NetworkProblem::WrongHost
        }
        // A library's enum: what it says else, or will say, comes to the same.
        _ => NetworkProblem::BadCertificate,
    }
}

fn certificate_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e CertificateError> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(rustls::Error::InvalidCertificate(certificate)) = error.downcast_ref() {
            return Some(certificate);
        }
        // An I/O error hides the error inside it from `source`.
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        cause = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn words_of(error: &dyn Error) -> String {
    let mut words = String::new();
    let mut cause = Some(error);
    while let Some(error) = cause {
        words += &error.to_string();
        words.push('\n');
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Network, NetworkSettingError, NetworkVariables, is_exempt};

    const BASE: &str = "https://wsapi.example.ac.uk/api/v2.1";

    fn with_proxy(value: &str) -> Result<Network, NetworkSettingError> {
        let variables = NetworkVariables {
            proxy: Some(("HTTPS_PROXY", value.into())),
            ..NetworkVariables::default()
        };
        Network::of(&variables, BASE)
    }

    #[test]
    fn an_address_of_a_proxy_is_read_as_people_write_it() {
        for (text, address) in [
            (
                "http://proxy.example.ac.uk:8080",
                "proxy.example.ac.uk:8080",
            ),
            (
                "http://proxy.example.ac.uk:8080/",
                "proxy.example.ac.uk:8080",
            ),
            ("proxy.example.ac.uk:8080", "proxy.example.ac.uk:8080"),
            (
                "http://n:p%40ss@proxy.example.ac.uk:8080",
                "proxy.example.ac.uk:8080",
            ),
            (
                "http://n:p@ss@proxy.example.ac.uk:8080",
                "proxy.example.ac.uk:8080",
            ),
            ("n:p@10.0.0.1:3128", "10.0.0.1:3128"),
            ("http://[::1]:3128", "[::1]:3128"),
            ("socks5h://10.0.0.1:1080", "10.0.0.1:1080"),
            ("https://proxy.example.ac.uk", "proxy.example.ac.uk"),
        ] {
            let network = with_proxy(text).unwrap();
            assert_eq!(network.proxy.unwrap().address, address, "{text}");
        }
    }

    #[test]
    fn a_malformed_address_of_a_proxy_is_refused_without_its_password() {
        for text in [
            "http://",
            "http://:8080",
            "http://proxy:port",
            "http://proxy:99999",
            "http://n:se#cret@proxy:8080",
            "http://n:12#secret@proxy:8080",
            "http://n:sec/ret@proxy:8080",
            "http://n:12/secret@proxy:8080",
            "http://n:12?secret@proxy:8080",
            "ftp://n:secret@proxy:8080",
            "http//n:secret@proxy:8080",
            "http://n:sec ret@proxy:8080",
            "http://pro xy:8080",
            "://proxy:8080",
            "file:///etc/proxy",
            "http://proxy:8080/path",
        ] {
            let refused = with_proxy(text).err().map(|error| error.to_string());
            let refused = refused.unwrap_or_else(|| panic!("{text}"));
            assert!(
                refused.starts_with("HTTPS_PROXY isn't the address"),
                "{refused}"
            );
            assert!(!refused.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn no_proxy_lists_hosts_as_people_write_them() {
        for no_proxy in [
            "*",
            "wsapi.example.ac.uk",
            "WSAPI.example.ac.uk",
            "example.ac.uk",
            ".example.ac.uk",
            "*.example.ac.uk",
            "localhost, 127.0.0.1,wsapi.example.ac.uk",
            "localhost wsapi.example.ac.uk:443",
        ] {
            assert!(is_exempt(BASE, no_proxy), "{no_proxy}");
        }
        for no_proxy in [
            "",
            "localhost",
            "ample.ac.uk",
            "api.example.ac.uk",
            ",",
            "10.0.0.0/8",
        ] {
            assert!(!is_exempt(BASE, no_proxy), "{no_proxy}");
        }
        assert!(is_exempt("https://10.1.2.3/api", "10.0.0.0/8"));
        assert!(is_exempt("https://[::1]:8443/api", "::1"));
    }

    #[test]
    fn no_variable_counts_on_the_way_to_this_machine() {
        let variables = NetworkVariables {
            proxy: Some(("HTTPS_PROXY", "http://".into())),
            cert_file: Some("/nowhere".into()),
            ..NetworkVariables::default()
        };
        assert!(Network::of(&variables, "http://127.0.0.1:8400/api/v2.1").is_ok());
    }
}
