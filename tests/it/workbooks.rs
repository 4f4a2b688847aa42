//! Workbooks as rows of users: the same rows as those of a CSV, and findings that name sheet and cell.

use std::path::Path;
use std::process::Stdio;
use std::slice;

use rosterctl::findings::source::Sources;
use rosterctl::manifest::{self, CsvTable, TableFormat, csv_sources};
use rosterctl::render::cell_words;

use crate::change::{commit, git};
use crate::harness::{project, rosterctl, transcript, unwrapped};
#[cfg(target_os = "linux")]
use crate::terminal::session;
use crate::workbook_files::{
    WrittenCell, WrittenSheet, address, day_of, ods, ods_of, sheet, text, xlsx, xlsx_of,
    xlsx_since, zip,
};

/// A table that was read, or why its file wasn't.
struct ReadTable {
    table: CsvTable,
    sources: Sources,
}

fn read(name: &str, keys: &str, bytes: &[u8]) -> Result<ReadTable, String> {
    let mut sources = Sources::default();
    let manifest = format!("fromTable: {{ path: {name}{keys} }}\n");
    let file = sources.add("users.yaml", manifest.clone());
    let (documents, findings) = manifest::parse(file, &manifest);
    assert!(findings.is_empty(), "{findings:?}");
    let source = csv_sources(&documents).remove(0);
    let read = TableFormat::of(&source, None)
        .read(bytes.to_vec())
        .map_err(|error| format!("{}; {}", error.why, error.help))?;
    let file = sources.add(name, read.text);
    let shown = sources.file(file).text.clone();
    let mut table = manifest::table(file, &shown, &read.form, &source);
    sources.set_grid(file, std::mem::take(&mut table.grid));
    Ok(ReadTable { table, sources })
}

impl ReadTable {
    /// `key=value` of every row.
    fn rows(&self) -> Vec<String> {
        let value = |node: &manifest::tree::node::Node| {
            let flag = || node.flag().map(|flag| flag.to_string());
            let number = || node.integer().map(|number| number.to_string());
            node.text().map(str::to_owned).or_else(flag).or_else(number)
        };
        let cells = |row: &manifest::tree::node::Node| {
            let cells = row.entries().iter().map(|entry| {
                let value = value(&entry.value).unwrap_or_default();
                format!("{}={value}", entry.key.value)
            });
            cells.collect::<Vec<_>>().join(" ")
        };
        self.table.rows.iter().map(cells).collect()
    }

    /// Where each finding is, what it says and what helps.
    fn findings(&self) -> Vec<String> {
        let said = |finding: &rosterctl::findings::Finding| {
            let cell = cell_words(&self.sources, finding.span()).unwrap_or_default();
            format!("{cell}: {}; {}", finding.message, finding.help)
        };
        self.table.findings.iter().map(said).collect()
    }
}

/// The sheets as an Excel workbook and as one of `LibreOffice`.
fn both(sheets: &[WrittenSheet]) -> [(&'static str, Vec<u8>); 2] {
    [("x.xlsx", xlsx(sheets)), ("x.ods", ods(sheets))]
}

fn rows(sheets: &[WrittenSheet], keys: &str) -> Vec<String> {
    let [excel, libre] = both(sheets).map(|(name, bytes)| {
        let read = read(name, keys, &bytes).unwrap();
        assert!(
            read.table.findings.is_empty(),
            "{name}: {:?}",
            read.findings()
        );
        read.rows()
    });
    assert_eq!(excel, libre);
    excel
}

fn findings(sheets: &[WrittenSheet], keys: &str) -> Vec<String> {
    let [excel, libre] = both(sheets).map(|(name, bytes)| match read(name, keys, &bytes) {
        Ok(read) => read.findings(),
        Err(why) => vec![why],
    });
    assert_eq!(excel, libre);
    excel
}

/// A sheet with a header and one row of these cells.
fn one_row(header: &[&str], cells: &[WrittenCell]) -> WrittenSheet {
    let mut written = sheet("Learners", &[header]);
    written.rows.push(cells.to_vec());
    written
}

const HEADER: &[&str] = &["misId", "dob", "uln", "supportFunding", "website"];

#[test]
fn cells_are_read_as_a_csv_would_have_them() {
    let row = |mis_id: WrittenCell, cells: &[WrittenCell]| {
        let mut row = vec![mis_id];
        row.extend_from_slice(cells);
        row
    };
    let mut written = sheet("Learners", &[HEADER]);
    written.rows.push(row(
        text("L-1"),
        &[
            WrittenCell::Day(39_247.0),
            WrittenCell::Number(9_999_999_999.0),
            WrittenCell::Flag(true),
            text("Zoë & <Ann>\r\nsecond line"),
        ],
    ));
    written.rows.push(vec![]);
    written.rows.push(row(
        WrittenCell::Formula(Some("L-2")),
        &[
            text("2007-06-14"),
            text("0999999999"),
            WrittenCell::Flag(false),
            text("'=1+1"),
        ],
    ));
    written.rows.push(vec![text(" "), text("")]);
    assert_eq!(
        rows(&[written], ""),
        [
            "misId=L-1 dob=2007-06-14 uln=9999999999 supportFunding=true website=Zoë & <Ann>\nsecond line",
            "misId=L-2 dob=2007-06-14 uln=0999999999 supportFunding=false website==1+1",
        ]
    );
}

#[test]
fn days_count_from_1900_or_from_1904() {
    let day = |serial: f64| one_row(&["misId", "dob"], &[text("L-1"), WrittenCell::Day(serial)]);
    for (since, serial) in [
        ("", 39_247.0),
        (r#"date1904="0""#, 39_247.0),
        (r#"date1904="1""#, 37_785.0),
        (r#"date1904="true""#, 37_785.0),
    ] {
        let read = read("x.xlsx", "", &xlsx_since(&[day(serial)], since)).unwrap();
        assert_eq!(read.rows(), ["misId=L-1 dob=2007-06-14"], "{since}");
    }
}

#[test]
fn a_day_with_a_time_and_a_number_in_the_place_of_a_day_are_found() {
    for (cell, help) in [
        (WrittenCell::Day(39_247.5), "write it as in"),
        (
            WrittenCell::Number(39_247.0),
            "spreadsheet's number for a day",
        ),
        (text("14/06/2007"), "dateFormat: DD/MM/YYYY"),
    ] {
        let said = findings(&[one_row(&["misId", "dob"], &[text("L-1"), cell])], "");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with("sheet \"Learners\", cell B2, column \"dob\": "),
            "{said:?}"
        );
        assert!(said[0].contains(help), "{said:?}");
    }
}

#[test]
fn a_number_where_text_is_due_keeps_its_digits_or_is_refused() {
    let uln = |cell: WrittenCell| one_row(&["misId", "uln"], &[text("L-1"), cell]);
    for (cell, digits) in [
        (WrittenCell::Number(9_999_999_999.0), "9999999999"),
        (
            WrittenCell::Number(999_999_999_999_999.0),
            "999999999999999",
        ),
        (WrittenCell::Padded(102.0), "00000102"),
    ] {
        assert_eq!(rows(&[uln(cell)], ""), [format!("misId=L-1 uln={digits}")]);
    }
    for (cell, what) in [
        (WrittenCell::Number(1e15), "more than 15 digits"),
        (
            WrittenCell::Number(1_234_567.5),
            "decimals in the place of text",
        ),
        (
            WrittenCell::Prefixed(102.0),
            "shows in another way than it is",
        ),
        (WrittenCell::Day(39_247.0), "a day in the place of text"),
        (
            WrittenCell::Error("#N/A"),
            "an error of a spreadsheet's formula",
        ),
        (
            WrittenCell::Formula(None),
            "a formula that was never calculated",
        ),
    ] {
        let said = findings(&[uln(cell.clone())], "");
        assert_eq!(said.len(), 1, "{cell:?} {said:?}");
        assert!(said[0].contains(what), "{cell:?} {said:?}");
    }
}

#[test]
fn numbers_that_may_have_lost_their_zeros_are_found_in_columns_of_mis_values() {
    let column = |cells: &[WrittenCell]| {
        let mut written = sheet("Learners", &[&["misId", "website"]]);
        for cell in cells {
            written.rows.push(vec![cell.clone(), text("x")]);
        }
        [written]
    };
    let number = WrittenCell::Number;
    for (cells, place) in [
        (vec![number(1005.0), number(98.0)], "A3"),
        (vec![text("00102"), number(23_005.0)], "A3"),
        (vec![number(1005.0), text("0098")], "A2"),
    ] {
        let said = findings(&column(&cells), "");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains(&format!("cell {place}, ")), "{said:?}");
        assert!(said[0].contains("may have lost zeros"), "{said:?}");
    }
    for cells in [
        vec![number(1005.0), number(1098.0)],
        vec![number(1005.0), text("L-98")],
        vec![WrittenCell::Padded(5.0), WrittenCell::Padded(1005.0)],
        vec![text("00102"), text("98")],
    ] {
        assert_eq!(rows(&column(&cells), "").len(), 2, "{cells:?}");
    }
}

#[test]
fn a_title_above_the_header_is_found_with_the_row_to_name() {
    let titled = [sheet(
        "Learners",
        &[
            &["Starters of September"],
            &[""],
            &["Ref", "Born", "Notes"],
            &["L-1", "2007-06-14", "new"],
        ],
    )];
    let columns = ", columns: { misId: Ref, dob: Born }";
    let said = findings(&titled, columns);
    assert_eq!(
        said,
        [
            "sheet \"Learners\", cell A1: the first row isn't the header; row 3 looks like it; write `headerRow: 3`"
        ]
    );
    assert_eq!(
        rows(
            &titled,
            ", headerRow: 3, columns: { misId: Ref, dob: Born }"
        ),
        ["misId=L-1 dob=2007-06-14"]
    );
    let after = findings(
        &titled,
        ", headerRow: 2, columns: { misId: Ref, dob: Born }",
    );
    assert!(
        after[0].contains("row 2, which is said to name the columns, is blank"),
        "{after:?}"
    );
    let csv = "Starters of September,,\n\nRef,Born,Notes\nL-1,2007-06-14,new\n";
    let said = read("x.csv", columns, csv.as_bytes()).unwrap().findings();
    assert!(said[0].contains("write `headerRow: 3`"), "{said:?}");
    let keyed = read("x.csv", &format!(", headerRow: 3{columns}"), csv.as_bytes()).unwrap();
    assert_eq!(keyed.rows(), ["misId=L-1 dob=2007-06-14"]);
}

#[test]
fn of_several_sheets_one_must_be_named_unless_only_one_holds_something() {
    let filled = sheet("Learners", &[&["misId"], &["L-1"]]);
    let other = sheet("Staff & co", &[&["misId"], &["A-1"]]);
    let empty = sheet("Sheet3", &[]);
    let hidden = WrittenSheet {
        is_hidden: true,
        ..other.clone()
    };
    assert_eq!(rows(&[empty.clone(), filled.clone()], ""), ["misId=L-1"]);
    assert_eq!(rows(&[hidden.clone(), filled.clone()], ""), ["misId=L-1"]);
    assert_eq!(
        rows(&[filled.clone(), hidden], ", sheet: Staff & co"),
        ["misId=A-1"]
    );
    let both = [filled, other, empty];
    assert_eq!(rows(&both, ", sheet: Learners"), ["misId=L-1"]);
    assert_eq!(
        findings(&both, ""),
        [
            "has several sheets that hold something: \"Learners\", \"Staff & co\", \"Sheet3\"; write `sheet: Learners`"
        ]
    );
    assert_eq!(
        findings(&both, ", sheet: Learner"),
        [
            "has no sheet \"Learner\"; its sheets are \"Learners\", \"Staff & co\", \"Sheet3\"; write `sheet: Learners`"
        ]
    );
    assert_eq!(
        findings(&both, ", sheet: Sheet3"),
        ["has nothing in its sheet \"Sheet3\"; look whether another sheet is meant"]
    );
}

#[test]
fn merged_cells_below_the_header_are_found() {
    let mut written = sheet(
        "Learners",
        &[
            &["misId", "website", "Notes"],
            &["L-1", "x", "n"],
            &["L-2", "", ""],
        ],
    );
    written.merged = vec!["B2:B3"];
    let columns = ", columns: { misId: misId, website: website }";
    let said = findings(slice::from_ref(&written), columns);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with(
            "sheet \"Learners\", cell B2, column \"website\": the cells B2:B3 are merged"
        ),
        "{said:?}"
    );
    for unread in ["C2:C3", "A1:C1"] {
        written.merged = vec![unread];
        assert_eq!(
            rows(slice::from_ref(&written), columns).len(),
            2,
            "{unread}"
        );
    }
}

#[test]
fn what_stands_beside_the_table_is_in_no_column() {
    let mut written = sheet(
        "Learners",
        &[&["misId", "website"], &["L-1", "x"], &["L-2"]],
    );
    written.rows[1].extend([WrittenCell::Empty, text("a note")]);
    assert_eq!(rows(&[written], ""), ["misId=L-1 website=x", "misId=L-2"]);
}

#[test]
fn files_that_are_no_workbooks_say_what_they_are() {
    let compound = |rest: &str| {
        let utf16 = rest.encode_utf16().flat_map(u16::to_le_bytes);
        [b"\xd0\xcf\x11\xe0".to_vec(), utf16.collect()].concat()
    };
    let filled = [sheet("Learners", &[&["misId"], &["L-1"]])];
    let types = ("[Content_Types].xml", b"<Types/>".to_vec());
    let locked = br"<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    for (name, bytes, why) in [
        (
            "x.xlsx",
            compound("EncryptedPackage"),
            "protected by a password",
        ),
        (
            "x.xlsx",
            compound("Workbook"),
            "is an old Excel workbook (.xls)",
        ),
        (
            "x.ods",
            compound("Workbook"),
            "is an old Excel workbook (.xls)",
        ),
        ("x.xlsx", b"misId\nL-1\n".to_vec(), "is no workbook"),
        ("x.ods", Vec::new(), "is empty"),
        (
            "x.xlsx",
            zip(&[("x.txt", Vec::new())]),
            "zip file without a workbook",
        ),
        ("x.xlsx", xlsx(&filled)[..200].to_vec(), "is damaged"),
        (
            "x.xlsx",
            zip(&[types.clone(), ("xl/workbook.bin", Vec::new())]),
            "is a binary workbook",
        ),
        ("x.xlsx", zip(&[types]), "damaged"),
        (
            "x.ods",
            zip(&[
                ("content.xml", b"<x/>".to_vec()),
                ("META-INF/manifest.xml", locked.to_vec()),
            ]),
            "protected by a password",
        ),
        ("x.csv", xlsx(&filled), "end its name with .xlsx"),
        ("x.csv", compound("Workbook"), "is an old Excel workbook"),
        ("x.xlsx", xlsx(&[sheet("Learners", &[])]), "holds nothing"),
    ] {
        let said = read(name, "", &bytes).err().expect(why);
        assert!(said.contains(why), "{said}");
    }
    let said = read("x.csv", ", sheet: Learners", b"misId\nL-1\n");
    assert!(said.err().unwrap().contains("a CSV has no sheets"));
    // Either format is known by what it holds.
    assert!(read("x.ods", "", &xlsx(&filled)).is_ok());
    assert!(read("x.XLSX", "", &ods(&filled)).is_ok());
}

/// What a file is, its name, and what it holds.
type Bomb = (&'static str, &'static str, Vec<u8>);

/// Files that would take hours or gigabytes if they were believed.
fn bombs() -> Vec<Bomb> {
    let mut bombs = excel_bombs();
    bombs.extend(ods_bombs());
    bombs
}

fn excel_bombs() -> Vec<Bomb> {
    let body = |rows: &str| format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let list = r#"<workbook xmlns:r="r"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let excel = |rows: &str| xlsx_of(list, &[body(rows)]);
    let strings = |text: String| {
        zip(&[
            ("[Content_Types].xml", b"<Types/>".to_vec()),
            ("xl/sharedStrings.xml", text.into_bytes()),
        ])
    };
    let styles = |text: &str| {
        zip(&[
            ("[Content_Types].xml", b"<Types/>".to_vec()),
            ("xl/styles.xml", text.as_bytes().to_vec()),
        ])
    };
    let text = format!(
        r#"<c t="inlineStr"><is><t>{}</t></is></c>"#,
        "x".repeat(40_000)
    );
    vec![
        ("a part of spaces", "x.xlsx", styles(&" ".repeat(65 << 20))),
        (
            "a lie about a size",
            "x.xlsx",
            with_size(styles(&" ".repeat(65 << 20)), 10),
        ),
        (
            "one long text",
            "x.xlsx",
            excel(&format!("<row><c><v>{}</v></c></row>", "1".repeat(2 << 20))),
        ),
        (
            "many long texts",
            "x.xlsx",
            excel(&format!("<row>{}</row>", text.repeat(1000))),
        ),
        ("many tags", "x.xlsx", excel(&"<c/>".repeat(21_000_000))),
        (
            "a million columns",
            "x.xlsx",
            excel(&format!(
                "<row>{}</row>",
                "<c><v>1</v></c>".repeat(1_000_000)
            )),
        ),
        ("rows as wide as they may be", "x.xlsx", {
            let rows: String = (1..=400)
                .map(|row| {
                    format!(r#"<row><c r="A{row}"><v>1</v></c><c r="XFD{row}"><v>1</v></c></row>"#)
                })
                .collect();
            excel(&rows)
        }),
        (
            "a promise of texts",
            "x.xlsx",
            strings(r#"<sst uniqueCount="99999999999999"></sst>"#.to_owned()),
        ),
        (
            "texts without end",
            "x.xlsx",
            strings(format!("<sst>{}</sst>", "<si/>".repeat(5_000_000))),
        ),
        ("many entries", "x.xlsx", {
            let names: Vec<String> = (0..11_000).map(|number| number.to_string()).collect();
            let parts: Vec<(&str, Vec<u8>)> = names
                .iter()
                .map(|name| (name.as_str(), Vec::new()))
                .collect();
            zip(&parts)
        }),
        (
            "a column beyond the last",
            "x.xlsx",
            excel(r#"<row><c r="AAAAAAAAAA1"><v>1</v></c></row>"#),
        ),
        (
            "a row beyond the last",
            "x.xlsx",
            excel("<row r='42949672980'><c><v>1</v></c></row>"),
        ),
        (
            "an area beyond the last cell",
            "x.xlsx",
            excel(
                r#"<row><c><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:ZZZZZZZZ9"/></mergeCells><sheetData>"#,
            ),
        ),
    ]
}

fn ods_bombs() -> Vec<Bomb> {
    let table = |rows: &str| {
        ods_of(&format!(
            r#"<table:table table:name="A">{rows}</table:table>"#
        ))
    };
    let filled = r#"office:value-type="string"><text:p>x</text:p></table:table-cell>"#;
    vec![
        ("texts in texts", "x.ods", {
            let entities = r#"<!DOCTYPE x [<!ENTITY a "&b;&b;&b;"><!ENTITY b "xxxxx">]>"#;
            zip(&[
                ("mimetype", Vec::new()),
                ("content.xml", format!("{entities}<a>&a;</a>").into_bytes()),
            ])
        }),
        (
            "repeated columns",
            "x.ods",
            table(&format!(
                r#"<table:table-row><table:table-cell table:number-columns-repeated="4000000000" {filled}</table:table-row>"#
            )),
        ),
        (
            "repeated rows",
            "x.ods",
            table(&format!(
                r#"<table:table-row table:number-rows-repeated="4000000000"><table:table-cell {filled}</table:table-row>"#
            )),
        ),
        (
            "repeated cells",
            "x.ods",
            table(&format!(
                r#"<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16000" {filled}</table:table-row>"#
            )),
        ),
        (
            "repeated blanks",
            "x.ods",
            table(
                r#"<table:table-row><table:table-cell office:value-type="string"><text:p><text:s text:c="4000000000"/></text:p></table:table-cell></table:table-row>"#,
            ),
        ),
    ]
}

/// A zip file that says that its last part has this size.
fn with_size(mut bytes: Vec<u8>, size: u32) -> Vec<u8> {
    for (mark, offset) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        let at = bytes.windows(4).rposition(|window| window == mark).unwrap();
        bytes[at + offset..at + offset + 4].copy_from_slice(&size.to_le_bytes());
    }
    bytes
}

pub fn a_bomb_ends_in_a_finding_within_200_mebibytes() {
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        ("users/a.yaml", "fromTable: { path: x.xlsx }\n"),
        ("users/b.yaml", "fromTable: { path: x.ods }\n"),
    ]);
    for (what, name, bytes) in bombs() {
        assert!(bytes.len() < 2 << 20, "{what}: {} bytes", bytes.len());
        std::fs::write(folder.path().join("users").join(name), &bytes).unwrap();
        let other = if name == "x.ods" { "x.xlsx" } else { "x.ods" };
        let _ = std::fs::remove_file(folder.path().join("users").join(other));
        let (said, memory) = validated(folder.path());
        assert!(
            said.contains("holds far more than a list of users") || said.contains("is damaged"),
            "{what}: {said}"
        );
        assert!(memory < 200 << 10, "{what}: {memory} KiB");
    }
}

/// What `validate` says, and the most memory that it had, in KiB.
fn validated(folder: &Path) -> (String, u64) {
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("rosterctl"))
        .env_clear()
        .current_dir(folder)
        .arg("validate")
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        most = most.max(number.unwrap_or(0));
        std::thread::yield_now();
    }
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (String::from_utf8_lossy(&said).into_owned(), most)
}

#[test]
fn a_finding_in_a_workbook_names_file_sheet_cell_and_header() {
    let folder = project(&[
        ("rosterctl.yaml", "organisation: 5740\n"),
        (
            "users/a.yaml",
            "defaults: { role: observer, placement: BT01 }\nfromTable:\n  path: starters.xlsx\n  columns: { misId: Ref, firstName: Forename, lastName: Surname, email: Mail, startOn: Start }\n",
        ),
    ]);
    let mut written = sheet(
        "September",
        &[&["Ref", "Forename", "Surname", "Mail", "Start"]],
    );
    let row = |start: WrittenCell| {
        let mut cells = vec![
            text("O-1"),
            text("Ann"),
            text("Abbotsley"),
            text("ann@example.ac.uk"),
        ];
        cells.push(start);
        cells
    };
    written.rows.push(row(WrittenCell::Error("#REF!")));
    written.rows.push(row(text("soon")));
    std::fs::write(folder.path().join("users/starters.xlsx"), xlsx(&[written])).unwrap();
    let mut command = rosterctl();
    let said = transcript(command.current_dir(folder.path()).args(["validate"]));
    insta::assert_snapshot!(said);
    let mut command = rosterctl();
    let said = transcript(
        command
            .current_dir(folder.path())
            .args(["validate", "--format", "json"]),
    );
    for part in [
        "\"file\": \"users/starters.xlsx\"",
        "\"sheet\": \"September\"",
        "\"cell\": \"E2\"",
        "\"header\": \"Start\"",
        "\"line\": 2",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("Abbotsley"), "{said}");
}

#[test]
fn an_address_has_the_letters_of_its_column() {
    assert_eq!(address(0, 0), "A1");
    for (columns, last) in [(1, "A1"), (26, "Z1"), (28, "AB1"), (703, "AAA1")] {
        let header: Vec<String> = (0..columns).map(|number| format!("c{number}")).collect();
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        let bytes = ods(&[wide(&header)]);
        let read = read("x.ods", "", &bytes).unwrap();
        let said = read.findings();
        assert!(
            said.iter()
                .any(|said| said.contains(&format!("cell {last}"))),
            "{last}: {said:?}"
        );
    }
}

/// A header of columns that no field is named after.
fn wide(header: &[&str]) -> WrittenSheet {
    sheet("Wide", &[header])
}

const COLLEGE: &[(&str, &str)] = &[
    (
        "rosterctl.yaml",
        "organisation: 5740\ntarget: sandbox\npolicy: { maxCreates: 5000 }\n",
    ),
    (
        "sandbox.yaml",
        r"organisations:
  - { ID: 5740, Name: Example College }
classrooms:
  - { ID: 1, OrganisationID: 5740, Name: Room }
placements:
  - { ID: 1, OrganisationID: 5740, Name: Firm }
users:
  - { ID: 1, OrganisationID: 5740, Role: 5, FirstName: Ann, LastName: Abbotsley, Email: ann@example.ac.uk, MISID: A-1 }
  - { ID: 2, OrganisationID: 5740, Role: 1, FirstName: Old, LastName: Name, Email: learner7@example.ac.uk, MISID: L-0007, ClassroomID: 1, PlacementID: 1, DefaultAssessorID: 1 }
",
    ),
];

/// The learners of a college. Their days are days and their ULNs numbers, if the file can tell.
fn learners(number: usize) -> WrittenSheet {
    let header = [
        "Ref", "Forename", "Surname", "Mail", "Born", "ULN", "Start", "Aim", "Address",
    ];
    let mut written = sheet("Learners", &[&header]);
    let names = ["Zoë", "Siân", "Ann", "O'Brien", "Al, Jr", "Bo; B", "José"];
    for index in 0..number {
        let name = names[index % names.len()];
        let surname = format!("Invented{}{}", letters(index), ["", "-Özil"][index % 2]);
        let day = f64::from(u32::try_from(38_000 + index % 900).unwrap());
        written.rows.push(vec![
            text(&format!("L-{index:04}")),
            text(name),
            text(&surname),
            text(&format!("learner{index}@example.ac.uk")),
            WrittenCell::Day(day),
            WrittenCell::Number(9_999_999_999.0),
            WrittenCell::Day(45_900.0),
            text(&format!("Level {}", index % 4)),
            text("1 High Street; Town"),
        ]);
        if index % 500 == 3 {
            written.rows.push(Vec::new());
        }
    }
    written
}

/// A word for a number.
fn letters(number: usize) -> String {
    let digit = |digit: char| char::from(b'a' + u8::try_from(digit.to_digit(10).unwrap()).unwrap());
    number.to_string().chars().map(digit).collect()
}

/// The same sheet as a CSV, as Excel saves it.
fn csv_of(written: &WrittenSheet, separator: &str) -> String {
    let cell = |cell: &WrittenCell| match cell {
        WrittenCell::Text(text) => {
            let needs_quotes = text.contains([',', ';', '\n', '"']);
            let quoted = format!("\"{}\"", text.replace('"', "\"\""));
            if needs_quotes { quoted } else { text.clone() }
        }
        WrittenCell::Number(value) => value.to_string(),
        WrittenCell::Day(value) => day_of(*value).strftime("%d/%m/%Y").to_string(),
        other => panic!("{other:?} isn't in a CSV"),
    };
    let width = written.rows[0].len();
    let mut text = String::new();
    for row in &written.rows {
        let mut cells: Vec<String> = row.iter().map(cell).collect();
        cells.resize(width, String::new());
        text += &(cells.join(separator) + "\r\n");
    }
    text
}

/// What `plan --format json` says of a college whose learners stand in this file.
fn planned(name: &str, keys: &str, bytes: &[u8]) -> String {
    let folder = project(COLLEGE);
    let manifest = format!(
        "defaults: {{ role: learner, classroom: Room, placement: Firm, defaultAssessor: A-1 }}\nfromTable:\n  path: {name}\n  columns: {{ misId: Ref, firstName: Forename, lastName: Surname, email: Mail, dob: Born, uln: ULN, startOn: Start, homeAddress: Address }}\n{keys}"
    );
    std::fs::create_dir_all(folder.path().join("users")).unwrap();
    std::fs::write(folder.path().join("users/a.yaml"), manifest).unwrap();
    std::fs::write(folder.path().join("users").join(name), bytes).unwrap();
    let mut command = rosterctl();
    let said = transcript(
        command
            .current_dir(folder.path())
            .args(["plan", "--format", "json"]),
    );
    // The plan names the file, and the seal covers its name.
    let said = said.replace(name, "learners.csv");
    let lines = said.lines().filter(|line| !line.contains("\"seal\""));
    lines.collect::<Vec<_>>().join("\n")
}

pub fn the_same_learners_give_the_same_plan_whatever_the_file_is() {
    let written = learners(1_000);
    let days = "  dateFormat: DD/MM/YYYY\n";
    let csv = planned("learners.csv", days, csv_of(&written, ",").as_bytes());
    assert!(
        csv.contains("\"L-0999\"") && csv.contains("\"L-0007\""),
        "{csv:.3000}"
    );
    let semicolons = csv_of(&written, ";");
    let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(&semicolons);
    let encoded = format!("{days}  encoding: windows-1252\n");
    for (name, keys, bytes) in [
        ("learners.csv", days, semicolons.clone().into_bytes()),
        ("learners.csv", encoded.as_str(), windows.into_owned()),
        ("learners.xlsx", "", xlsx(slice::from_ref(&written))),
        ("learners.ods", "", ods(slice::from_ref(&written))),
    ] {
        let other = planned(name, keys, &bytes);
        let differing = csv
            .lines()
            .zip(other.lines())
            .find(|(one, other)| one != other);
        assert!(csv == other, "{name} {keys}: {differing:?}");
    }
}

pub fn more_rows_than_an_intake_has_are_read() {
    let keys =
        ", columns: { misId: Ref, firstName: Forename, lastName: Surname, email: Mail, uln: ULN }";
    for (name, bytes) in both(&[learners(10_000)]) {
        let read = read(name, keys, &bytes).unwrap();
        assert_eq!(read.table.rows.len(), 10_000, "{name}");
    }
}

/// A project whose learner stands in a workbook, and whose values OneFile has differently.
fn edited_project() -> tempfile::TempDir {
    let folder = project(COLLEGE);
    let manifest = "defaults: { role: learner, classroom: Room, placement: Firm, defaultAssessor: A-1 }\nfromTable:\n  path: learners.xlsx\n  columns: { misId: Ref, firstName: Forename, lastName: Surname, email: Mail }\n";
    let written = sheet(
        "Learners",
        &[
            &["Ref", "Forename", "Surname", "Mail"],
            &["L-0007", "New", "Name", "learner7@example.ac.uk"],
        ],
    );
    std::fs::create_dir_all(folder.path().join("users")).unwrap();
    std::fs::write(folder.path().join("users/a.yaml"), manifest).unwrap();
    std::fs::write(folder.path().join("users/learners.xlsx"), xlsx(&[written])).unwrap();
    folder
}

#[test]
fn an_edit_that_would_change_a_workbook_says_which_cell_to_edit() {
    let folder = edited_project();
    let before = std::fs::read(folder.path().join("users/learners.xlsx")).unwrap();
    let mut command = rosterctl();
    command
        .current_dir(folder.path())
        .args(["accept", "L-0007"]);
    let said = transcript(&mut command).replace("\n  ", " ");
    assert!(said.contains("rosterctl never writes workbooks"), "{said}");
    assert!(
        said.contains("users/learners.xlsx, sheet \"Learners\", cell B2"),
        "{said}"
    );
    assert_eq!(
        std::fs::read(folder.path().join("users/learners.xlsx")).unwrap(),
        before
    );
}

/// `LibreOffice` 7.4 made both from `starters.fods`: `soffice --headless --convert-to xlsx starters.fods`, and `ods`. A title stands
/// above the header, a row is hidden, a cell has a comment, another two lines, and a hidden sheet holds something.
#[test]
fn workbooks_that_libreoffice_made_are_read() {
    let columns = ", headerRow: 3, columns: { misId: Ref, firstName: Forename, dob: Born, uln: ULN, supportFunding: Funded, homeAddress: Address";
    for name in ["starters.xlsx", "starters.ods"] {
        let path = crate::harness::root()
            .join("tests/fixtures/workbooks")
            .join(name);
        let bytes = std::fs::read(path).unwrap();
        let keys = format!("{columns} }}");
        let sound = read(name, &keys, &bytes).unwrap();
        assert!(
            sound.table.findings.is_empty(),
            "{name}: {:?}",
            sound.findings()
        );
        assert_eq!(
            sound.rows(),
            [
                "misId=00000102 firstName=Zoë Ann Bo dob=2007-06-14 uln=9999999999 supportFunding=true homeAddress=1 High Street\nTown",
                "misId=00000103 firstName=O'Brien & Co <x> dob=1999-12-31 uln=0999999999 supportFunding=false",
            ],
            "{name}"
        );
        let keys = format!("{columns}, website: Site }}");
        let with_errors = read(name, &keys, &bytes).unwrap();
        assert!(
            with_errors.rows()[0].ends_with("website=Zoë Ann Bo-site"),
            "{name}"
        );
        assert_eq!(
            with_errors.findings(),
            [
                "sheet \"Starters\", cell G5, column \"Site\": an error of a spreadsheet's formula, and `website` is lost; fix the formula there, and export again"
            ],
            "{name}"
        );
        let hidden = read(name, ", sheet: Codes", &bytes).unwrap();
        assert_eq!(hidden.rows(), ["misId=L-9"], "{name}");
    }
}

/// A table of learners of whom one has this first name.
fn named(name: &str) -> WrittenSheet {
    sheet(
        "Learners",
        &[
            &["Ref", "Forename", "Surname", "Mail"],
            &["L-0007", name, "Name", "learner7@example.ac.uk"],
            &["L-0008", "Bo", "Birdwhistle", "learner8@example.ac.uk"],
        ],
    )
}

#[test]
fn a_workbook_is_compared_with_that_of_the_base() {
    let folder = edited_project();
    let workbook = folder.path().join("users/learners.xlsx");
    std::fs::write(&workbook, xlsx(&[named("Old")])).unwrap();
    git(folder.path(), &["init", "-q", "-b", "main"]);
    commit(folder.path());
    std::fs::write(&workbook, xlsx(&[named("New")])).unwrap();
    let args = ["plan", "--base", "main", "--only-changed"];
    let said = transcript(rosterctl().current_dir(folder.path()).args(args));
    assert!(
        said.contains("L-0007") && said.contains("1 to update"),
        "{said}"
    );
    assert!(!said.contains("L-0008"), "{said}");
}

/// Learners with a row for each learning aim. The reference of the first has blanks and capitals as people type them.
const AIMS: &str = "Ref,Forename,Surname,Mail,Born,Aim,Start\nL-1,Ann,Abbotsley,ann@example.ac.uk,2007-06-14,ZAIM1,2026-09-01\nL-1,Ann,Abbotsley,ann@example.ac.uk,2007-06-14,ZAIM2,2026-10-01\n L-2 ,Bo,Birdwhistle,bo@example.ac.uk,2007-06-15,ZAIM1,2026-09-01\nL-2,Bo,Birdwhistle,bo@example.ac.uk,2007-06-15,ZAIM3,2026-11-01\nL-3,Cy,Crowhurst,cy@example.ac.uk,2007-06-16,ZAIM1,2026-09-01\n";

#[test]
fn rows_that_differ_in_no_column_that_is_read_are_one_person() {
    let columns = "misId: Ref, firstName: Forename, lastName: Surname";
    let once = read(
        "x.csv",
        &format!(", columns: {{ {columns} }}"),
        AIMS.as_bytes(),
    )
    .unwrap();
    assert!(once.table.findings.is_empty(), "{:?}", once.findings());
    assert_eq!(
        once.rows(),
        [
            "misId=L-1 firstName=Ann lastName=Abbotsley",
            "misId=L-2 firstName=Bo lastName=Birdwhistle",
            "misId=L-3 firstName=Cy lastName=Crowhurst",
        ]
    );
    let keys = format!(", columns: {{ {columns}, startOn: Start }}");
    let several = read("x.csv", &keys, AIMS.as_bytes()).unwrap();
    assert_eq!(
        several.findings(),
        [
            "row 3, column \"Ref\": 2 people stand in several rows that differ in `startOn`: the table seems to have a row for each learning aim; export one row for each person, or take the columns that differ out of `columns`"
        ]
    );
    let overlay = format!(", overlay: true, columns: {{ {columns} }}");
    assert_eq!(
        read("x.csv", &overlay, AIMS.as_bytes())
            .unwrap()
            .rows()
            .len(),
        3
    );
}

#[test]
fn two_people_under_one_mis_value_stay_two_rows() {
    for other in [
        "L-1,Bo,Abbotsley,ann@example.ac.uk,2007-06-14,X,2026-09-01\n",
        "L-1,Ann,Abbotsley,bo@example.ac.uk,2007-06-14,X,2026-09-01\n",
        "L-1,Ann,Abbotsley,ann@example.ac.uk,,X,2026-10-01\n",
    ] {
        let text = format!(
            "{}{other}",
            AIMS.lines()
                .take(2)
                .map(|line| format!("{line}\n"))
                .collect::<String>()
        );
        let keys = ", columns: { misId: Ref, firstName: Forename, lastName: Surname, email: Mail, dob: Born, startOn: Start }";
        let read = read("x.csv", keys, text.as_bytes()).unwrap();
        assert_eq!(read.rows().len(), 2, "{other}");
        assert!(read.table.findings.is_empty(), "{:?}", read.findings());
    }
}

#[test]
fn adopt_counts_equal_rows_once_and_says_what_a_list_of_aims_is() {
    let folder = project(COLLEGE);
    std::fs::create_dir(folder.path().join("private")).unwrap();
    let extract = "Ref,Forename,Surname,Mail,Start\nL-0007,Old,Name,learner7@example.ac.uk,2026-09-01\nL-0007,Old,Name,learner7@example.ac.uk,2026-10-01\n";
    std::fs::write(folder.path().join("private/mis.csv"), extract).unwrap();
    let run = |more: &[&str]| {
        let columns = [
            "misId=Ref",
            "firstName=Forename",
            "lastName=Surname",
            "email=Mail",
        ];
        let mut command = rosterctl();
        command
            .current_dir(folder.path())
            .args(["adopt", "private/mis.csv"]);
        for column in columns.iter().chain(more) {
            command.args(["--column", column]);
        }
        transcript(&mut command)
    };
    let said = run(&["startOn=Start"]);
    assert!(said.contains("1 person stands in several rows"), "{said}");
    assert!(
        said.contains("give no `--column` for what differs"),
        "{said}"
    );
    let said = run(&[]);
    assert!(
        said.contains("Paired 1 of 1 row") && !said.contains("doubtful"),
        "{said}"
    );
}

const EXTRACT: &str = "Student Ref,Forename,Surname,Email Address,DOB,Notes\nL-0007,Old,Name,learner7@example.ac.uk,2007-06-14,Zqnote\n";

/// A project with an extract whose headers are none of the fields.
fn with_extract(text: &str) -> tempfile::TempDir {
    let folder = project(COLLEGE);
    std::fs::create_dir(folder.path().join("private")).unwrap();
    std::fs::write(folder.path().join("private/mis.csv"), text).unwrap();
    folder
}

#[test]
fn adopt_prints_the_command_that_names_the_columns_it_knows() {
    let folder = with_extract(EXTRACT);
    let run = |args: &[&str]| {
        let mut command = rosterctl();
        command
            .current_dir(folder.path())
            .args(["adopt", "private/mis.csv"])
            .args(args);
        unwrapped(&transcript(&mut command))
    };
    let said = run(&[]);
    assert!(
        said.contains("has no column called `misId`. Not read: Notes."),
        "{said}"
    );
    assert!(
        said.contains("rosterctl adopt private/mis.csv --column \"misId=Student Ref\" --column \"firstName=Forename\" --column \"lastName=Surname\" --column \"email=Email Address\" --column \"dob=DOB\""),
        "{said}"
    );
    assert!(
        said.ends_with("exit 64") && !said.contains("Zqnote"),
        "{said}"
    );
    let said = run(&["--column", "misId=Student Ref"]);
    assert!(
        said.contains("Paired 1 of 1 row") && said.contains("--column \"dob=DOB\""),
        "{said}"
    );
    // A first row that says nothing may be a person's data.
    let folder = with_extract("Zqone,Zqtwo,Surname\nL-1,Ann,Abbotsley\n");
    let mut command = rosterctl();
    command
        .current_dir(folder.path())
        .args(["adopt", "private/mis.csv"]);
    let said = transcript(&mut command);
    assert!(
        said.contains("misId=HEADER") && !said.contains("Zqone"),
        "{said}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn adopt_asks_on_a_terminal_whether_the_columns_are_right() {
    let folder = with_extract(EXTRACT);
    let seen = session(folder.path(), "adopt private/mis.csv", "no\n");
    assert!(
        seen.contains("seems to have these columns") && seen.contains("email Email Address"),
        "{seen}"
    );
    assert!(
        seen.contains("exit 64") && !folder.path().join("users").exists(),
        "{seen}"
    );
    let seen = session(folder.path(), "adopt private/mis.csv", "yes\n");
    assert!(
        seen.contains("Paired 1 of 1 row") && seen.contains("exit 0"),
        "{seen}"
    );
}

/// `init` in a folder that has this file, and the manifest that it writes for it.
fn intake(name: &str, bytes: &[u8], args: &[&str]) -> (String, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("users")).unwrap();
    std::fs::write(folder.path().join("users").join(name), bytes).unwrap();
    let mut command = rosterctl();
    command
        .current_dir(folder.path())
        .args([
            "init",
            "--organisation",
            "5740",
            "--target",
            "sandbox",
            "--from",
        ])
        .arg(format!("users/{name}"))
        .args(args);
    let said = transcript(&mut command);
    let stem = name.split('.').next().unwrap().replace(' ', "-");
    let manifest = std::fs::read_to_string(folder.path().join(format!("users/{stem}.yaml")));
    if let Ok(manifest) = &manifest {
        let settled = manifest
            .replace("  # classroom", "  classroom")
            .replace("  # placement", "  placement")
            .replace("  # defaultAssessor", "  defaultAssessor");
        std::fs::write(folder.path().join(format!("users/{stem}.yaml")), settled).unwrap();
        let valid = transcript(rosterctl().current_dir(folder.path()).arg("validate"));
        assert_eq!(valid, "Valid: 2 users in 1 file.\nexit 0\n", "{manifest}");
    }
    (said, manifest.ok())
}

#[test]
fn init_writes_the_manifest_for_an_intake() {
    let titled = sheet(
        "New starters",
        &[
            &["September"],
            &[],
            &[
                "Student Ref",
                "Forename",
                "Surname",
                "Email Address",
                "DOB",
                "Shoe size",
            ],
            &[
                "L-1",
                "Ann",
                "Abbotsley",
                "ann@example.ac.uk",
                "14/06/2007",
                "5",
            ],
            &[
                "L-2",
                "Bo",
                "Birdwhistle",
                "bo@example.ac.uk",
                "01/07/2006",
                "6",
            ],
        ],
    );
    let notes = sheet("Notes", &[&["x"]]);
    let columns = "  columns:\n    misId: Student Ref\n    firstName: Forename\n    lastName: Surname\n    email: Email Address\n    dob: DOB\n  # Not read: Shoe size\n";
    let args = ["--sheet", "New starters"];
    for (name, bytes) in both(&[titled.clone(), notes]) {
        let name = if name.ends_with("ods") {
            "My starters.ods"
        } else {
            "My starters.xlsx"
        };
        let (said, manifest) = intake(name, &bytes, &args);
        assert!(said.contains("wrote users/My-starters.yaml"), "{said}");
        assert!(
            !said.contains("example.yaml") && said.contains("fill in the defaults"),
            "{said}"
        );
        let manifest = manifest.expect(&said);
        let table = format!(
            "fromTable:\n  path: {name}\n  sheet: New starters\n  headerRow: 3\n  dateFormat: DD/MM/YYYY\n{columns}"
        );
        assert!(manifest.ends_with(&table), "{manifest}");
    }
    let csv: String = titled.rows[2..]
        .iter()
        .map(|row| {
            let cells = row.iter().map(|cell| match cell {
                WrittenCell::Text(text) => text.replace("Bo", "Zoë"),
                _ => String::new(),
            });
            cells.collect::<Vec<_>>().join(";") + "\r\n"
        })
        .collect();
    let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(&csv);
    let (said, manifest) = intake("new.csv", &windows, &[]);
    let table = format!(
        "fromTable:\n  path: new.csv\n  encoding: windows-1252\n  dateFormat: DD/MM/YYYY\n{columns}"
    );
    assert!(manifest.expect(&said).ends_with(&table), "{said}");
}

#[test]
fn init_refuses_an_intake_that_it_can_not_tell() {
    let (said, manifest) = intake("x.csv", b"Zqone,Zqtwo\nL-1,Ann\n", &[]);
    assert!(
        said.contains("has no row whose headers say what they are"),
        "{said}"
    );
    assert!(
        manifest.is_none() && !said.contains("Zqone") && said.ends_with("exit 64\n"),
        "{said}"
    );
    let (said, manifest) = intake("x.csv", b"Ref,Surname\nL-1,Ann\n", &["--sheet", "A"]);
    assert!(
        said.contains("take `--sheet` away") && manifest.is_none(),
        "{said}"
    );
    let several = [sheet("A", &[&["Ref"]]), sheet("B", &[&["Ref"]])];
    let (said, manifest) = intake("x.xlsx", &xlsx(&several), &[]);
    assert!(
        said.contains("give `--sheet \"A\"`") && manifest.is_none(),
        "{said}"
    );
    let folder = project(COLLEGE);
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("x.csv"), "Ref,Surname\n").unwrap();
    let mut command = rosterctl();
    command
        .current_dir(folder.path())
        .args(["init", "--from"])
        .arg(outside.path().join("x.csv"));
    let said = unwrapped(&transcript(&mut command));
    assert!(
        said.contains("isn't a file below the folder of the project"),
        "{said}"
    );
}
