//! CSV as rows of users: separators, quotes, encodings, days, and the places of cells.

use rosterctl::findings::source::Sources;
use rosterctl::manifest::csv_format::{CsvSettings, Encoding};
use rosterctl::manifest::{self, CsvTable, TableForm, csv_sources, decode};

use crate::harness::{project, rosterctl, transcript};

/// The rows of a CSV, and what is found in it.
fn read(from_csv: &str, text: &str) -> (CsvTable, Sources) {
    let mut sources = Sources::default();
    let manifest = format!("fromCsv: {{ path: x.csv{from_csv} }}\n");
    let file = sources.add("users.yaml", manifest.clone());
    let (documents, findings) = manifest::parse(file, &manifest);
    assert!(findings.is_empty(), "{findings:?}");
    let need = csv_sources(&documents).remove(0);
    let file = sources.add("x.csv", text.to_owned());
    (manifest::table(file, text, &TableForm::Csv, &need), sources)
}

/// `key=value` of every row.
fn rows(from_csv: &str, text: &str) -> Vec<String> {
    let (table, _) = read(from_csv, text);
    let cell = |entry: &manifest::tree::node::MapEntry| {
        let value = entry.value.text().map(str::to_owned);
        let value = value.or_else(|| entry.value.flag().map(|flag| flag.to_string()));
        format!(
            "{}={}",
            entry.key.value,
            value
                .or_else(|| entry.value.integer().map(|id| id.to_string()))
                .unwrap()
        )
    };
    table
        .rows
        .iter()
        .map(|row| row.entries().iter().map(cell).collect::<Vec<_>>().join(" "))
        .collect()
}

fn codes(from_csv: &str, text: &str) -> Vec<&'static str> {
    read(from_csv, text)
        .0
        .findings
        .iter()
        .map(|finding| finding.rule.name)
        .collect()
}

#[test]
fn the_separator_is_that_of_the_header() {
    for text in [
        "misId,website\nA-1,x;y\n",
        "misId;website\nA-1;x,y\n",
        "misId\twebsite\nA-1\tx;y,z\n",
    ] {
        let rows = rows("", text);
        assert!(rows[0].starts_with("misId=A-1 website=x"), "{rows:?}");
    }
    assert_eq!(
        rows("", "\n\nmisId;website\nA-1;x,y\n"),
        ["misId=A-1 website=x,y"]
    );
    assert_eq!(
        rows("", "sep=;\r\nmisId;website\r\nA-1;x,y\r\n"),
        ["misId=A-1 website=x,y"]
    );
    assert_eq!(rows("", "misId\nA-1\nA-2\n"), ["misId=A-1", "misId=A-2"]);
}

#[test]
fn cells_are_read_as_their_fields_take_them() {
    let text = "id,misId,supportFunding,dob,uln,website\n 5 , A-1 ,TRUE,2007-03-14 00:00:00,0123456789,\"say \"\"x\"\"\"\n,,,,,\n";
    let expected =
        "id=5 misId=A-1 supportFunding=true dob=2007-03-14 uln=0123456789 website=say \"x\"";
    assert_eq!(rows("", text), [expected]);
}

#[test]
fn line_ends_of_any_kind_and_none_at_the_end() {
    for text in [
        "misId,website\r\nA-1,x\r\n\r\nA-2,y",
        "misId,website\rA-1,x\rA-2,y\r",
        "misId,website\n\nA-1,x\nA-2,y\n",
    ] {
        assert_eq!(
            rows("", text),
            ["misId=A-1 website=x", "misId=A-2 website=y"],
            "{text:?}"
        );
    }
}

#[test]
fn days_are_read_in_the_form_that_is_said_and_in_no_other() {
    let day = |format: &str, day: &str| {
        rows(
            &format!(", dateFormat: {format}"),
            &format!("misId;dob\nA-1;{day}\n"),
        )
    };
    for (format, text) in [
        ("YYYY-MM-DD", "2007-03-04"),
        ("DD/MM/YYYY", "04/03/2007"),
        ("DD/MM/YYYY", "4/3/2007 00:00"),
        ("DD-MM-YYYY", "04-03-2007"),
        ("DD.MM.YYYY", "04.03.2007"),
        ("MM/DD/YYYY", "03/04/2007"),
        ("DD MMM YYYY", "04 Mar 2007"),
        ("DD-MMM-YYYY", "4-Mar-2007"),
    ] {
        assert_eq!(
            day(format, text),
            ["misId=A-1 dob=2007-03-04"],
            "{format} {text}"
        );
    }
    for (format, text) in [
        ("YYYY-MM-DD", "04/03/2007"),
        ("YYYY-MM-DD", "07-03-04"),
        ("DD/MM/YYYY", "04/03/07"),
        ("DD/MM/YYYY", "31/02/2007"),
        ("DD/MM/YYYY", "2007-03-04"),
        ("DD/MM/YYYY", "04/03/2007 09:30"),
        ("DD/MM/YYYY", "39145"),
        ("DD/MM/YYYY", "04/03/20070"),
    ] {
        assert_eq!(day(format, text), ["misId=A-1"], "{format} {text}");
        assert_eq!(
            codes(
                &format!(", dateFormat: {format}"),
                &format!("misId;dob\nA-1;{text}\n")
            ),
            ["bad-day"]
        );
    }
}

#[test]
fn what_is_no_table_is_said() {
    for (text, expected) in [
        ("", &["bad-table"][..]),
        ("misId,website\nA-1\n", &["bad-table"]),
        ("misId,website\nA-1,x,y\n", &["bad-table"]),
        ("misId,website\nA-1,x,\n", &["bad-table"]),
        ("misId,website\nA-1,\"x\n", &["bad-table"]),
        ("misId,misId\nA-1,x\n", &["bad-table"]),
        ("misId,webbsite\nA-1,x\n", &["unknown-column"]),
        ("misId,\nA-1,x\n", &[]),
        ("misId,uln\nA-1,9.99E+09\n", &["mangled-cell"]),
        ("misId,uln\nA-1,1E+10\n", &["mangled-cell"]),
        (
            "misId,website\nA-1,#N/A\nA-2,####\n",
            &["mangled-cell", "mangled-cell"],
        ),
        ("misId,website\nA-1,\"x\"y\nA-2,z\n", &["bad-table"]),
        ("misId,website\nA-1,\"x\nA-2,y\nA-3,\"z\n", &["bad-table"]),
        ("misId,\"website\nA-1,x\n", &["bad-table"]),
        ("misId,website\n", &["empty-file"]),
        (",,\nmisId,website,\n", &["bad-table"]),
        (
            "misId,website,dob\nA-1,x,2007-03-14\nTotal: 1,,\n",
            &["bad-table"],
        ),
        ("misId,distinctFrom\nA-1,5 6\n", &[]),
    ] {
        assert_eq!(codes("", text), expected, "{text:?}");
    }
    assert_eq!(
        codes(", columns: { misId: No }", "Nr\nA-1\n"),
        ["unknown-column"]
    );
    assert_eq!(
        codes(", columns: { misId: No }", "No,No\nA-1,A-2\n"),
        ["bad-table"]
    );
    assert_eq!(
        codes(", overlay: true", "misId,role\nA-1,iqa\n"),
        ["unknown-column"]
    );
    assert_eq!(codes(", overlay: true", "website\nx\n"), ["unknown-column"]);
}

/// A million cells in a row, or a million rows, take no time that grows faster.
#[test]
fn wide_and_long_tables_end() {
    let wide = format!("misId{}\nA-1\n", ",".repeat(300_000));
    assert_eq!(codes("", &wide), ["bad-table"]);
    let row = |number: usize| format!("A-{number},\"x\ny\"\n");
    let long = format!(
        "misId,website\n{}",
        (0..100_000).map(row).collect::<String>()
    );
    assert_eq!(rows("", &long).len(), 100_000);
}

#[test]
fn a_cell_has_its_bytes_its_row_and_its_column() {
    let text = "misId;firstName;dob\r\nA-1;\"Zoë\r\nAnn\";x\r\n";
    let (mut table, mut sources) = read("", text);
    let found = table.findings.remove(0).span();
    assert_eq!(&text[found.start as usize..found.end as usize], "x");
    sources.set_grid(found.file, std::mem::take(&mut table.grid));
    let (row, column) = sources.cell(found).unwrap();
    assert_eq!((row, column.unwrap().header.as_str()), (2, "dob"));
    assert_eq!(sources.place(found).line, 3);
    let name = &table.rows[0].entries()[1].value;
    assert_eq!(
        &text[name.span.start as usize..name.span.end as usize],
        "\"Zoë\r\nAnn\""
    );
}

#[test]
fn encodings_are_what_is_said() {
    let utf8 = "Zoë".as_bytes().to_vec();
    let windows = vec![b'Z', b'o', 0xeb, 0x80];
    assert_eq!(
        decode(utf8.clone(), Encoding::Utf8, CsvSettings::Manifest).unwrap(),
        "Zoë"
    );
    assert_eq!(
        decode(
            [b"\xef\xbb\xbf", utf8.as_slice()].concat(),
            Encoding::Utf8,
            CsvSettings::Manifest
        )
        .unwrap(),
        "Zoë"
    );
    assert_eq!(
        decode(
            windows.clone(),
            Encoding::Windows1252,
            CsvSettings::Manifest
        )
        .unwrap(),
        "Zoë€"
    );
    assert!(decode(windows, Encoding::Utf8, CsvSettings::Manifest).is_err());
    assert!(decode(utf8, Encoding::Windows1252, CsvSettings::Manifest).is_err());
}

#[test]
fn a_csv_outside_of_the_project_is_not_read() {
    let manifest = "fromCsv: { path: ../../secret.csv }\n";
    let outer = project(&[
        ("secret.csv", "misId\nA-1\n"),
        ("p/rosterctl.yaml", "organisation: 1\n"),
        ("p/users/a.yaml", manifest),
    ]);
    let said = transcript(
        rosterctl()
            .current_dir(outer.path().join("p"))
            .arg("validate"),
    );
    assert!(
        said.contains("the CSV lies outside of the project") && !said.contains("A-1"),
        "{said}"
    );
    // A manifest that is named on the command line and lies elsewhere may read what lies beside it.
    let beside = project(&[
        (
            "a.yaml",
            "defaults: { role: iqa }\nfromCsv: { path: x.csv }\n",
        ),
        ("x.csv", "id\n5\n"),
    ]);
    let path = beside.path().join("a.yaml");
    let said = transcript(
        rosterctl()
            .current_dir(outer.path())
            .arg("validate")
            .arg(path),
    );
    assert_eq!(said, "Valid: 1 user in 1 file.\nexit 0\n");
}

/// Documents whose text doesn't name a CSV are checked at once: a key may be written with an escape.
#[test]
fn a_csv_is_read_however_its_key_is_written() {
    for key in [
        "fromCsv",
        "\"fromCsv\"",
        "\"from\\x43sv\"",
        "\"from\\\n  Csv\"",
    ] {
        let manifest = format!(
            "? {key}\n: {{ path: x.csv }}\n---\ndefaults: {{ role: iqa }}\nusers: [{{ id: 4 }}]\n"
        );
        let folder = project(&[
            (
                "rosterctl.yaml",
                "organisation: 1\ndefaults: { role: iqa }\n",
            ),
            ("users/a.yaml", &manifest),
            ("users/b.yaml", "users: [{ id: 6 }]\n"),
            ("users/x.csv", "id\n5\n"),
        ]);
        let said = transcript(rosterctl().current_dir(folder.path()).arg("validate"));
        assert_eq!(said, "Valid: 3 users in 2 files.\nexit 0\n", "{key}");
    }
}

/// Blank lines are rows, lines inside of cells aren't.
#[test]
fn rows_count_as_spreadsheets_count_them() {
    for (text, row) in [
        ("misId,dob\nA-1,x\n", 2),
        ("misId,dob\r\n\r\n\r\nA-1,x\r\n", 4),
        ("misId,dob\r\rA-1,x\r", 3),
        ("\nmisId,dob\n\nA-1,x", 4),
        ("sep=,\nmisId,dob\nA-1,x\n", 3),
        ("misId,dob\n\"A\n1\",2007-03-14\nA-1,x\n", 3),
    ] {
        let (mut table, mut sources) = read("", text);
        let found = table.findings.remove(0).span();
        sources.set_grid(found.file, std::mem::take(&mut table.grid));
        assert_eq!(sources.cell(found).unwrap().0, row, "{text:?}");
    }
}

#[test]
fn one_column_may_give_several_fields() {
    let columns = ", columns: { misId: No, telephone: Phone, mobileNumber: Phone }";
    let expected = "misId=A-1 mobileNumber=01632 960123 telephone=01632 960123";
    assert_eq!(rows(columns, "No,Phone\nA-1,01632 960123\n"), [expected]);
}

/// What is wrong with a column is said once, and what it would have given isn't missed in every row.
#[test]
fn a_column_that_is_not_there_is_one_finding() {
    let manifest = "defaults: { role: iqa }\nfromCsv: { path: x.csv, columns: { misId: No, firstName: First, lastName: Last, email: E-mail } }\n";
    let rows: String = (0..50)
        .map(|at| format!("A-{at},Ann,Abbotsley,a{at}@example.ac.uk\n"))
        .collect();
    let csv = format!("No,First,Last,Email\n{rows}");
    let files = [
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/a.yaml", manifest),
        ("users/x.csv", &csv),
    ];
    let folder = project(&files);
    let said = transcript(rosterctl().current_dir(folder.path()).arg("validate"));
    assert!(
        said.contains("write `Email`, as in its first row")
            && said.ends_with("\n1 error.\nexit 3\n"),
        "{said}"
    );
    let wrong = csv
        .replace("Email", "E-mail")
        .replace("@example", " at example");
    std::fs::write(folder.path().join("users/x.csv"), wrong).unwrap();
    let said = transcript(rosterctl().current_dir(folder.path()).arg("validate"));
    assert!(
        said.contains(
            "  … 40 more in users/x.csv: `email` isn't an e-mail address\n\n50 errors.\n"
        ),
        "{said}"
    );
}

/// Who is in an overlay has what it says; a default in its place would be sent for whoever it leaves out.
#[test]
fn a_default_for_what_an_overlay_gives_is_an_error() {
    let users = "defaults: { role: iqa, telephone: 01632 960123 }\nusers:\n  - { misId: A-1, firstName: Ann, lastName: Abbotsley, email: a@example.ac.uk }\n---\nfromCsv: { path: x.csv, overlay: true }\n";
    for csv in ["misId,telephone\nA-1,01632 960124\n", "misId,telephone\n"] {
        let files = [
            ("rosterctl.yaml", "organisation: 1\n"),
            ("users/a.yaml", users),
            ("users/x.csv", csv),
        ];
        let folder = project(&files);
        let said = transcript(rosterctl().current_dir(folder.path()).arg("validate"));
        let clashes = said.contains("a default for `telephone`, which an overlay gives");
        assert!(clashes && said.ends_with("exit 3\n"), "{said}");
    }
}

#[test]
fn what_is_no_csv_says_what_it_is() {
    let files = [
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/a.yaml", "fromCsv: { path: x.csv }\n"),
    ];
    for (bytes, what) in [
        (&b"PK\x03\x04\x14"[..], "is a workbook"),
        (b"\xff\xfem\0i\0s\0", "is UTF-16"),
        (b"misId\nZo\xeb\n", "isn't UTF-8"),
    ] {
        let folder = project(&files);
        std::fs::write(folder.path().join("users/x.csv"), bytes).unwrap();
        let said = transcript(rosterctl().current_dir(folder.path()).arg("validate"));
        assert!(
            said.contains(&format!("the CSV {what}")) && !said.contains("unused-default"),
            "{said}"
        );
    }
}

/// One file that many documents name is read as often, up to a limit.
pub fn more_csv_than_memory_should_hold_is_refused() {
    // The long cells are of a column that isn't read: they fill the file, and no rule looks at them.
    let manifest = "fromCsv: { path: x.csv, columns: { id: Account } }\n---\n".repeat(8);
    let csv = format!(
        "Account,Notes\n{}",
        format!("1,{}\n", "x".repeat(1 << 10)).repeat(10 << 10)
    );
    let files = [
        ("rosterctl.yaml", "organisation: 1\n"),
        ("users/a.yaml", &manifest),
        ("users/x.csv", &csv),
    ];
    let folder = project(&files);
    let said = transcript(rosterctl().current_dir(folder.path()).arg("validate"));
    assert!(
        said.contains("more than 64 MiB of tables in all"),
        "{said:.2000}"
    );
}
