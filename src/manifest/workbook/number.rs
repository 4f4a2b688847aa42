//! Numbers of cells as the texts that people see.

use crate::manifest::csv_format::CellForm;

/// Above this, a spreadsheet has rounded the number: it keeps 15 digits.
const LARGEST_EXACT: f64 = 1e15;

/// A number as text. `zeros` is how many digits it is shown with at least.
pub(super) fn number(value: f64, zeros: usize) -> (String, CellForm) {
    if value.abs() >= LARGEST_EXACT || !value.is_finite() {
        return (format!("{value:e}"), CellForm::Rounded);
    }
    if value.fract() != 0.0 {
        return (value.to_string(), CellForm::Fraction);
    }
    (format!("{value:0zeros$.0}"), CellForm::Number)
}

/// How a number format shows a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// With its own digits, perhaps with blanks or commas between them.
    Digits,
    /// With at least so many digits: `00000000`.
    Padded(usize),
    /// With more than its digits, such as `"L-"0000` or `0%`.
    Otherwise,
}

impl Shown {
    /// How the number format of an Excel workbook shows a whole number that isn't negative.
    pub(super) fn by(format: &str) -> Self {
        let first = format.split(';').next().unwrap_or_default();
        if first.eq_ignore_ascii_case("general") || first == "@" || first.is_empty() {
            return Self::Digits;
        }
        if first.len() > 1 && first.bytes().all(|byte| byte == b'0') {
            return Self::Padded(first.len());
        }
        let is_plain = first.chars().all(|c| "0#?,. _()*".contains(c)) && !first.starts_with("00");
        if is_plain {
            Self::Digits
        } else {
            Self::Otherwise
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CellForm, Shown, number};

    #[test]
    fn whole_numbers_keep_their_digits() {
        for (value, zeros, text) in [
            (9_999_999_999.0, 0, "9999999999"),
            (999_999_999_999_999.0, 0, "999999999999999"),
            (102.0, 8, "00000102"),
            (0.0, 0, "0"),
            (-5.0, 0, "-5"),
        ] {
            assert_eq!(number(value, zeros), (text.to_owned(), CellForm::Number));
        }
    }

    #[test]
    fn numbers_that_lost_digits_are_told_from_others() {
        for (value, form) in [
            (1e15, CellForm::Rounded),
            (1.234_567_890_123_456_7e20, CellForm::Rounded),
            (f64::INFINITY, CellForm::Rounded),
            (1.5, CellForm::Fraction),
            (0.1 + 0.2, CellForm::Fraction),
        ] {
            assert_eq!(number(value, 0).1, form, "{value}");
        }
    }

    #[test]
    fn a_number_format_says_what_people_see() {
        for (format, shown) in [
            ("General", Shown::Digits),
            ("@", Shown::Digits),
            ("0", Shown::Digits),
            ("#,##0", Shown::Digits),
            ("0.00", Shown::Digits),
            ("#,##0 ;(#,##0)", Shown::Digits),
            ("_(* #,##0_);_(* (#,##0)", Shown::Digits),
            ("00000000", Shown::Padded(8)),
            ("0000;-0000", Shown::Padded(4)),
            ("\"L-\"0000", Shown::Otherwise),
            ("000-000", Shown::Otherwise),
            ("00000 000000", Shown::Otherwise),
            ("0%", Shown::Otherwise),
            ("0.00E+00", Shown::Otherwise),
            ("[$£-809]#,##0.00", Shown::Otherwise),
        ] {
            assert_eq!(Shown::by(format), shown, "{format}");
        }
    }
}
