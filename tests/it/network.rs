//! Networks as colleges have them: a certificate authority of their own, and a proxy. The server speaks TLS on this machine,
//! and the proxy is a small one that opens tunnels.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd,
};
use rosterctl::domain::clock::Clock;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use crate::harness::{project, rosterctl, transcript};

/// A certificate authority, which signs certificates of servers.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
    folder: TempDir,
}

/// What is odd about a server's certificate.
#[derive(Clone, Copy)]
enum Leaf {
    Good,
    Expired,
    NotYetValid,
    OtherHost,
}

impl Leaf {
    /// The host, and the years from which and until which it holds.
    fn details(self) -> (&'static str, i32, i32) {
        match self {
            Self::Good => ("localhost", 2020, 2099),
            Self::Expired => ("localhost", 2020, 2021),
            Self::NotYetValid => ("localhost", 2098, 2099),
            Self::OtherHost => ("other.example.ac.uk", 2020, 2099),
        }
    }
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "Example College CA");
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            certificate,
            folder,
        }
    }

    /// The PEM file of its own certificate.
    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A TLS configuration with a certificate that this authority signs.
    fn configuration(&self, leaf: Leaf) -> Arc<ServerConfig> {
        let (host, from, until) = leaf.details();
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions().unwrap();
        let builder = builder.with_no_client_auth();
        let chain = vec![certificate.der().clone()];
        Arc::new(builder.with_single_cert(chain, key).unwrap())
    }

    /// A college's server with one organisation and no accounts; its port.
    fn serve(&self, leaf: Leaf) -> u16 {
        let configuration = self.configuration(leaf);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        spawn(move || {
            for stream in listener.incoming().map(Result::unwrap) {
                let connection = ServerConnection::new(Arc::clone(&configuration)).unwrap();
                spawn(move || answer(StreamOwned::new(connection, stream)));
            }
        });
        port
    }
}

/// Answers requests until the other side closes.
fn answer(mut stream: StreamOwned<ServerConnection, TcpStream>) {
    while let Some(request) = head_of(&mut stream) {
        let path = request.split(' ').nth(1).unwrap_or_default();
        let body = match path {
            "/api/Authentication" => "key",
            "/api/Organisation/1" => r#"{"ID":1,"Name":"Example College"}"#,
            _ => "[]",
        };
        let length = body.len();
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The first lines of a request, whose body is read, too; `None` at the end.
fn head_of(stream: &mut impl Read) -> Option<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.parse().unwrap())
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some(head)
}

/// A proxy, and the first lines of what it was asked.
struct TunnelProxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl TunnelProxy {
    /// `answer` gets the request and returns a status other than 200 if no tunnel is opened.
    fn start(answer: fn(&str) -> u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let proxy = Self {
            address: listener.local_addr().unwrap(),
            asked: Arc::clone(&asked),
        };
        spawn(move || {
            for mut stream in listener.incoming().map(Result::unwrap) {
                let Some(request) = head_of(&mut stream) else {
                    continue;
                };
                let status = answer(&request);
                asked.lock().unwrap().push(request.clone());
                let _ = stream.write_all(format!("HTTP/1.1 {status} Said\r\n\r\n").as_bytes());
                let target = request.split(' ').nth(1).unwrap_or_default().to_owned();
                if status == 200 {
                    spawn(move || tunnel(&stream, &target));
                }
            }
        });
        proxy
    }

    fn requests(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn tunnel(client: &TcpStream, target: &str) {
    let server = TcpStream::connect(target.replace("localhost", "127.0.0.1")).unwrap();
    let copy = |from: &TcpStream, to: &TcpStream| {
        let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
        spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Both);
        })
    };
    let there = copy(client, &server);
    copy(&server, client).join().unwrap();
    there.join().unwrap();
}

/// What a plan against the server of this port says, with these variables.
fn plan(port: u16, variables: &[(&str, &str)]) -> String {
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/a.yaml", "users:\n  - { id: 10, role: assessor }\n"),
    ]);
    let begun = Clock::REAL.moment();
    let said = transcript(
        rosterctl()
            .current_dir(folder.path())
            .args(["plan", "--wait", "0"])
            .env("ONEFILE_BASE_URL", format!("https://localhost:{port}/api"))
            .env("ONEFILE_CUSTOMER_TOKEN", "example")
            .envs(variables.iter().copied()),
    );
    assert!(!said.contains("come back after maintenance"), "{said}");
    assert!(
        !said.contains("s3cret") && !said.contains("czNjcmV0"),
        "{said}"
    );
    assert!(Clock::REAL.elapsed(begun).as_secs() < 20);
    said
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn is_planned(said: &str) -> bool {
    said.contains("Example College") && said.ends_with("exit 0\n")
}

#[test]
fn a_certificate_authority_of_the_college_is_known_by_a_file_or_a_folder() {
    let authority = Authority::new();
    let port = authority.serve(Leaf::Good);
    let unknown = plan(port, &[]);
    assert!(
        unknown.contains("this machine doesn't know who issued the server's certificate")
            && unknown.contains("set SSL_CERT_FILE")
            && unknown.ends_with("exit 1\n"),
        "{unknown}"
    );
    let file = authority.file();
    let by_file = plan(port, &[("SSL_CERT_FILE", text(&file))]);
    assert!(is_planned(&by_file), "{by_file}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(&file, folder.path().join("college.pem")).unwrap();
    std::fs::write(folder.path().join("README"), "not a certificate").unwrap();
    let by_folder = plan(port, &[("SSL_CERT_DIR", text(folder.path()))]);
    assert!(is_planned(&by_folder), "{by_folder}");
    let binary = folder.path().join("ca.cer");
    std::fs::write(&binary, authority.certificate.der()).unwrap();
    let by_binary = plan(port, &[("SSL_CERT_FILE", text(&binary))]);
    assert!(is_planned(&by_binary), "{by_binary}");
}

#[test]
fn a_certificate_file_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let words = folder.path().join("words.pem");
    std::fs::write(&words, "not a certificate").unwrap();
    let missing = folder.path().join("missing.pem");
    for (variable, path, why) in [
        ("SSL_CERT_FILE", &words, "which holds no certificate"),
        ("SSL_CERT_FILE", &missing, "which can't be read"),
        ("SSL_CERT_DIR", &missing, "which can't be read"),
        (
            "SSL_CERT_DIR",
            &folder.path().to_owned(),
            "which holds no certificate",
        ),
    ] {
        let said = plan(9, &[(variable, text(path))]);
        assert!(
            said.contains(&format!("{variable} names ")) && said.contains(why),
            "{said}"
        );
        assert!(said.ends_with("exit 64\n"), "{said}");
    }
}

#[test]
fn a_certificate_that_does_not_hold_says_what_to_check() {
    let authority = Authority::new();
    let file = authority.file();
    for (leaf, words) in [
        (
            Leaf::Expired,
            "the server's certificate has expired; check the date and time",
        ),
        (
            Leaf::NotYetValid,
            "the server's certificate isn't valid yet; check the date and time",
        ),
        (
            Leaf::OtherHost,
            "the server's certificate is for another host; check ONEFILE_BASE_URL",
        ),
    ] {
        let said = plan(authority.serve(leaf), &[("SSL_CERT_FILE", text(&file))]);
        assert!(said.contains(words) && said.ends_with("exit 1\n"), "{said}");
    }
}

/// `name:s3cret@1` in Basic authentication.
const CREDENTIALS: &str = "Basic bmFtZTpzM2NyZXRAMQ==";

fn wants_password(request: &str) -> u16 {
    let is_known = request.lines().any(|line| {
        let header = line.split_once(": ");
        header.is_some_and(|(name, value)| {
            name.eq_ignore_ascii_case("proxy-authorization") && value == CREDENTIALS
        })
    });
    if is_known { 200 } else { 407 }
}

#[test]
fn a_proxy_is_used_with_and_without_a_password_under_every_name() {
    let authority = Authority::new();
    let (port, file) = (authority.serve(Leaf::Good), authority.file());
    let open = TunnelProxy::start(|_| 200);
    let guarded = TunnelProxy::start(wants_password);
    let plain = format!("http://{}", open.address);
    let with_password = format!("http://name:s3cret%401@{}", guarded.address);
    let as_typed = format!("name:s3cret@1@{}", guarded.address);
    for (variable, proxy) in [
        ("HTTPS_PROXY", &plain),
        ("ALL_PROXY", &plain),
        ("https_proxy", &with_password),
        ("all_proxy", &as_typed),
    ] {
        let said = plan(port, &[("SSL_CERT_FILE", text(&file)), (variable, proxy)]);
        assert!(is_planned(&said), "{variable}: {said}");
    }
    let tunnels = [open.requests(), guarded.requests()].concat();
    assert!(
        tunnels
            .iter()
            .all(|request| request.starts_with(&format!("CONNECT localhost:{port} "))),
        "{tunnels:?}"
    );
    assert!(open.requests().len() >= 2 && guarded.requests().len() >= 2);
}

#[test]
fn no_proxy_lets_a_call_go_straight_to_the_server() {
    let authority = Authority::new();
    let (port, file) = (authority.serve(Leaf::Good), authority.file());
    let proxy = TunnelProxy::start(|_| 403);
    let address = format!("http://{}", proxy.address);
    for (variable, hosts) in [
        ("NO_PROXY", "localhost"),
        ("no_proxy", "10.0.0.1, .localhost"),
        ("NO_PROXY", "*"),
    ] {
        let said = plan(
            port,
            &[
                ("SSL_CERT_FILE", text(&file)),
                ("HTTPS_PROXY", &address),
                (variable, hosts),
            ],
        );
        assert!(is_planned(&said), "{hosts}: {said}");
    }
    assert!(proxy.requests().is_empty());
}

#[test]
fn a_proxy_that_refuses_says_what_to_set() {
    let guarded = TunnelProxy::start(wants_password);
    for login in ["", "name:s3cretly-wrong@", "name@"] {
        let proxy = format!("http://{login}{}", guarded.address);
        let said = plan(9, &[("HTTPS_PROXY", &proxy)]);
        assert!(
            said.contains("wants a name and a password, or refuses those that it got (407); set HTTPS_PROXY to")
                && said.ends_with("exit 1\n"),
            "{said}"
        );
    }
    assert_eq!(
        guarded.requests().len(),
        3,
        "a wrong password isn't tried again"
    );
    let filter = TunnelProxy::start(|_| 403);
    let said = plan(
        9,
        &[(
            "https_proxy",
            &format!("http://name:s3cret@{}", filter.address),
        )],
    );
    assert!(
        said.contains("opens no connection to the server; ask whoever runs the proxy"),
        "{said}"
    );
}

#[test]
fn a_proxy_that_cannot_be_reached_or_read_is_no_outage_and_no_way_round() {
    let authority = Authority::new();
    let (port, file) = (authority.serve(Leaf::Good), authority.file());
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    for (proxy, words, exit) in [
        (
            format!("http://name:s3cret@{closed}"),
            "can't be reached; check HTTPS_PROXY",
            "exit 1\n",
        ),
        (
            "http://proxy.invalid:8080".to_owned(),
            "can't be reached; check HTTPS_PROXY",
            "exit 1\n",
        ),
        (
            "http://name:s3#cret@proxy:8080".to_owned(),
            "isn't the address of a proxy",
            "exit 64\n",
        ),
        (
            "http//name:s3cret@proxy:8080".to_owned(),
            "isn't the address of a proxy",
            "exit 64\n",
        ),
        (
            ":8080".to_owned(),
            "isn't the address of a proxy",
            "exit 64\n",
        ),
    ] {
        let said = plan(
            port,
            &[("SSL_CERT_FILE", text(&file)), ("HTTPS_PROXY", &proxy)],
        );
        assert!(
            said.contains(words) && said.ends_with(exit),
            "{proxy}: {said}"
        );
        assert!(!said.contains("Example College"), "{said}");
    }
}
