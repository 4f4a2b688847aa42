//! An editor, as far as `rosterctl lsp` can tell: it speaks the language server protocol over stdin and stdout.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

/// A server that says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_mins(2);
/// Where the cursor stands in a text.
pub const CURSOR: char = '¦';

pub struct EditorClient {
    child: Child,
    stdin: Option<ChildStdin>,
    heard: Receiver<Value>,
    asked: i64,
    /// What the server said of itself.
    pub introduced: Value,
    /// The last diagnostics of each file, by its address.
    pub published: BTreeMap<String, Value>,
    /// What the server asked, and what it wrote to the log.
    pub requests: Vec<Value>,
    pub log: Vec<String>,
    open: BTreeMap<PathBuf, OpenText>,
}

struct OpenText {
    version: i64,
    text: String,
}

/// A position of the protocol, in UTF-16.
pub fn position(text: &str, byte: usize) -> Value {
    let before = &text[..byte];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    json!({ "line": before.matches('\n').count(), "character": before[start..].encode_utf16().count() })
}

/// The byte of a position of the protocol, in UTF-16.
pub fn byte(text: &str, position: &Value) -> usize {
    let line = usize::try_from(position["line"].as_u64().unwrap()).unwrap();
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut left = usize::try_from(position["character"].as_u64().unwrap()).unwrap();
    for (at, letter) in text[start..].char_indices() {
        if left == 0 || letter == '\n' {
            return start + at;
        }
        left -= letter.len_utf16();
    }
    text.len()
}

/// The part of a text that a range of the protocol names.
pub fn part<'t>(text: &'t str, range: &Value) -> &'t str {
    &text[byte(text, &range["start"])..byte(text, &range["end"])]
}

pub fn uri(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for byte in path.to_str().unwrap().bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").unwrap();
        }
    }
    uri
}

impl EditorClient {
    /// An editor with these folders open.
    pub fn start(folders: &[&Path]) -> Self {
        Self::start_with(folders, json!({}))
    }

    /// The same with other parameters of `initialize`.
    pub fn start_with(folders: &[&Path], mut parameters: Value) -> Self {
        let mut client = Self::spawn();
        let mut open = Vec::new();
        for folder in folders {
            open.push(json!({ "uri": uri(folder), "name": "x" }));
        }
        parameters["workspaceFolders"] = open.into();
        if parameters.get("processId").is_none() {
            parameters["processId"] = std::process::id().into();
        }
        if parameters.get("capabilities").is_none() {
            parameters["capabilities"] = json!({});
        }
        client.introduced = client.ask("initialize", &parameters);
        client.tell("initialized", &json!({}));
        client
    }

    /// An editor that hasn't introduced itself.
    pub fn spawn() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rosterctl"))
            .arg("lsp")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, heard) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read_message(&mut stdout) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        Self {
            stdin: child.stdin.take(),
            child,
            heard,
            asked: 0,
            introduced: Value::Null,
            published: BTreeMap::new(),
            requests: Vec::new(),
            log: Vec::new(),
            open: BTreeMap::new(),
        }
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    pub fn tell(&mut self, method: &str, parameters: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }));
    }

    /// Asks, and returns the result, or the error.
    pub fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }));
        loop {
            let message = self.hear();
            if message.get("method").is_none() && message["id"] == id {
                let error = message.get("error").cloned();
                return error.unwrap_or_else(|| message["result"].clone());
            }
        }
    }

    /// Opens a text, whatever is on disk.
    pub fn open(&mut self, path: &Path, text: &str) {
        let document =
            json!({ "uri": uri(path), "languageId": "yaml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
        let text = text.to_owned();
        self.open
            .insert(path.to_owned(), OpenText { version: 1, text });
    }

    pub fn open_saved(&mut self, path: &Path) {
        let text = std::fs::read_to_string(path).unwrap();
        self.open(path, &text);
    }

    pub fn close(&mut self, path: &Path) {
        self.open.remove(path);
        let document = json!({ "textDocument": { "uri": uri(path) } });
        self.tell("textDocument/didClose", &document);
    }

    /// Puts another text in the place of an open one.
    pub fn retype(&mut self, path: &Path, text: &str) {
        self.change(path, text.to_owned(), &json!({ "text": text }));
    }

    /// Puts a text in the place of some bytes of an open one.
    pub fn replace(&mut self, path: &Path, range: std::ops::Range<usize>, new: &str) {
        let text = &self.open[path].text;
        let places =
            json!({ "start": position(text, range.start), "end": position(text, range.end) });
        let mut text = text.clone();
        text.replace_range(range, new);
        self.change(path, text, &json!({ "range": places, "text": new }));
    }

    fn change(&mut self, path: &Path, text: String, change: &Value) {
        let open = self.open.get_mut(path).unwrap();
        open.version += 1;
        open.text = text;
        let document = json!({ "uri": uri(path), "version": open.version });
        self.tell(
            "textDocument/didChange",
            &json!({ "textDocument": document, "contentChanges": [change] }),
        );
    }

    pub fn text(&self, path: &Path) -> &str {
        &self.open[path].text
    }

    /// What is shown of a file once everything is looked at. A question makes the server look.
    pub fn found(&mut self, path: &Path) -> Vec<Value> {
        self.ask_at("textDocument/hover", path, 0);
        let found = self.published.get(&uri(path));
        found.map_or_else(Vec::new, |found| found.as_array().unwrap().clone())
    }

    /// What is shown of a file next, without being asked.
    pub fn hear_of(&mut self, path: &Path) -> Vec<Value> {
        loop {
            let message = self.hear();
            let is_shown = message["method"] == "textDocument/publishDiagnostics";
            if is_shown && message["params"]["uri"] == uri(path) {
                return message["params"]["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    /// The codes of what is shown of a file.
    pub fn codes(&mut self, path: &Path) -> Vec<String> {
        let found = self.found(path).into_iter();
        found
            .map(|one| one["code"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Asks about a byte of an open text.
    pub fn ask_at(&mut self, method: &str, path: &Path, byte: usize) -> Value {
        let text = self.open.get(path).map_or("", |open| &open.text);
        let place = position(text, byte.min(text.len()));
        let context = json!({ "includeDeclaration": true });
        let parameters =
            json!({ "textDocument": { "uri": uri(path) }, "position": place, "context": context });
        self.ask(method, &parameters)
    }

    /// Asks about the cursor, which is the first `¦` of a text that is put in the place of the open one.
    pub fn ask_at_cursor(&mut self, method: &str, path: &Path, text: &str) -> Value {
        let byte = text.find(CURSOR).unwrap();
        let text = text.replacen(CURSOR, "", 1);
        if self.open.contains_key(path) {
            self.retype(path, &text);
        } else {
            self.open(path, &text);
        }
        self.ask_at(method, path, byte)
    }

    /// The quick fixes at a byte of an open text.
    pub fn fixes(&mut self, path: &Path, byte: usize) -> Vec<Value> {
        let place = position(self.text(path), byte);
        let fixes = self.ask(
            "textDocument/codeAction",
            &json!({
                "textDocument": { "uri": uri(path) },
                "range": { "start": place, "end": place },
                "context": { "diagnostics": [] },
            }),
        );
        fixes.as_array().cloned().unwrap_or_default()
    }

    /// The open text after a quick fix.
    pub fn fixed(&self, path: &Path, fix: &Value) -> String {
        let mut text = self.text(path).to_owned();
        let edits = fix["edit"]["changes"][uri(path)].as_array().unwrap();
        let mut edits: Vec<(usize, usize, &str)> = edits
            .iter()
            .map(|edit| {
                let range = &edit["range"];
                let (start, end) = (byte(&text, &range["start"]), byte(&text, &range["end"]));
                (start, end, edit["newText"].as_str().unwrap())
            })
            .collect();
        edits.sort_unstable();
        for (start, end, new) in edits.into_iter().rev() {
            text.replace_range(start..end, new);
        }
        text
    }

    /// Ends as an editor does, and returns the exit code of the server.
    pub fn stop(mut self) -> Option<i32> {
        assert_eq!(self.ask("shutdown", &Value::Null), Value::Null);
        self.tell("exit", &Value::Null);
        self.ended()
    }

    /// Closes the stream to the server, as an editor that crashes.
    pub fn crash(mut self) -> Option<i32> {
        self.stdin = None;
        self.ended()
    }

    /// Waits for the server's end.
    pub fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Sends bytes as they are.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.send_bytes(frame.as_bytes());
    }

    /// The next message.
    pub fn hear(&mut self) -> Value {
        let message = self
            .heard
            .recv_timeout(PATIENCE)
            .expect("the server answers");
        let parameters = &message["params"];
        match message["method"].as_str() {
            Some("textDocument/publishDiagnostics") => {
                let uri = parameters["uri"].as_str().unwrap().to_owned();
                self.published
                    .insert(uri, parameters["diagnostics"].clone());
            }
            Some("window/logMessage") => {
                self.log
                    .push(parameters["message"].as_str().unwrap().to_owned());
            }
            Some(_) if message.get("id").is_some() => {
                self.requests.push(message.clone());
                let id = &message["id"];
                self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
            }
            Some(_) | None => {}
        }
        message
    }
}

impl Drop for EditorClient {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_message(stdout: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stdout.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            header => {
                if let Some(value) = header.strip_prefix("Content-Length: ") {
                    length = value.parse().ok()?;
                }
            }
        }
    }
    let mut body = vec![0; length];
    stdout.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
