//! `docs/plan.svg`, the picture of the README: what a terminal shows of the plan of the example college, in light and dark.
//! `UPDATE=1 cargo test --test it picture` draws it again.

use crate::generated::fresh;
use crate::harness::{copy_of, root, rosterctl};

const COMMAND: &str = "$ rosterctl plan --sandbox -C examples/college";
/// How many lines of the beginning are shown.
const BEGINNING: usize = 22;
/// How wide a column and how high a line is, and the room round the text.
const COLUMN: usize = 8;
const LINE: usize = 19;
const MARGIN: usize = 16;
const STYLE: &str = "\
text { font: 13px ui-monospace, 'Cascadia Mono', Consolas, Menlo, 'DejaVu Sans Mono', monospace; white-space: pre; fill: #1f2328 }
.paper { fill: #f6f8fa; stroke: #d1d9e0 }
.bold { font-weight: bold } .dim { fill: #59636e }
.red { fill: #b3261e } .green { fill: #116329 } .yellow { fill: #7d4e00 } .blue { fill: #0550ae } .cyan { fill: #0b6671 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .paper { fill: #0d1117; stroke: #3d444d } .dim { fill: #9198a1 }
.red { fill: #ff938a } .green { fill: #6fdd8b } .yellow { fill: #e3b341 } .blue { fill: #79c0ff } .cyan { fill: #76e3ea }
}
";

/// The beginning of the plan, and its totals.
fn shown() -> Vec<String> {
    let college = copy_of(&root().join("examples/college"));
    let mut plan = rosterctl();
    plan.current_dir(college.path())
        .env_remove("NO_COLOR")
        .args([
            "plan",
            "--sandbox",
            "--reveal",
            "personal",
            "--color",
            "always",
        ]);
    let output = String::from_utf8(plan.output().unwrap().stdout).unwrap();
    let lines: Vec<&str> = output.lines().collect();
    let totals = lines
        .iter()
        .position(|line| plain(line).starts_with("+ create"))
        .expect("the signs are explained");
    let mut shown = vec![COMMAND.to_owned()];
    shown.extend(lines[..BEGINNING].iter().map(|line| (*line).to_owned()));
    shown.extend(["…".to_owned(), String::new()]);
    shown.extend(lines[totals..].iter().map(|line| (*line).to_owned()));
    shown
}

/// The text without what gives it colour.
fn plain(line: &str) -> String {
    parts(line).iter().map(|(_, text)| text.as_str()).collect()
}

/// Each part of a line with the classes of its style.
fn parts(line: &str) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    let mut classes: Vec<&str> = Vec::new();
    for (at, part) in line.split("\u{1b}[").enumerate() {
        let mut text = part;
        if at > 0 {
            let (codes, after) = part.split_once('m').expect("a style ends");
            text = after;
            for code in codes.split(';') {
                match class(code) {
                    Some(class) => classes.push(class),
                    None => classes.clear(),
                }
            }
        }
        if !text.is_empty() {
            parts.push((classes.join(" "), text.to_owned()));
        }
    }
    parts
}

/// `None` ends a style.
fn class(code: &str) -> Option<&'static str> {
    match code {
        "0" | "" => None,
        "1" => Some("bold"),
        "2" => Some("dim"),
        "31" | "91" => Some("red"),
        "32" | "92" => Some("green"),
        "33" | "93" => Some("yellow"),
        "34" | "94" => Some("blue"),
        "36" | "96" => Some("cyan"),
        other => panic!("nothing draws the style {other}"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn drawn(lines: &[String]) -> String {
    let (width, height) = (80 * COLUMN + 2 * MARGIN, lines.len() * LINE + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>A plan: what rosterctl would create and update</title>\n<style>\n{STYLE}</style>\n\
         <rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n",
        width - 1,
        height - 1
    );
    for (at, line) in lines.iter().enumerate() {
        let y = MARGIN + (at + 1) * LINE - 5;
        svg += &format!("<text x=\"{MARGIN}\" y=\"{y}\" xml:space=\"preserve\">");
        for (classes, text) in parts(line) {
            let text = escaped(&text);
            svg += &if classes.is_empty() {
                text
            } else {
                format!("<tspan class=\"{classes}\">{text}</tspan>")
            };
        }
        svg += "</text>\n";
    }
    svg + "</svg>\n"
}

#[test]
fn the_picture_of_a_plan_is_what_the_terminal_shows() {
    fresh(&root().join("docs/plan.svg"), &drawn(&shown()));
}

#[test]
fn a_style_ends_where_the_terminal_ends_it() {
    let found = parts("a\u{1b}[1mb\u{1b}[32mc\u{1b}[0md");
    let seen: Vec<(&str, &str)> = found
        .iter()
        .map(|(class, text)| (class.as_str(), text.as_str()))
        .collect();
    assert_eq!(
        seen,
        [("", "a"), ("bold", "b"), ("bold green", "c"), ("", "d")]
    );
}
