//! Whether this program is so old that there must be a newer release.

use jiff::civil::Date;

use crate::onboarding::doctor::Check;

/// After how many days a program counts as old.
const OLD: i64 = 365;

/// A warning if the program's source is more than a year old. `day` is when its last commit was made, as `2026-09-01`; it is
/// empty if the build couldn't tell.
pub fn program_age(day: &str, today: Date) -> Option<Check> {
    let day: Date = day.parse().ok()?;
    let days = i64::from((today - day).get_days());
    (days > OLD).then(|| {
        Check::warn(
            "program",
            format!("this rosterctl was made on {day}, {days} days ago"),
            "look for a newer release: it may know faults of this one, or changes of OneFile",
        )
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::program_age;

    #[test]
    fn a_program_is_old_after_a_year() {
        let today = date(2026, 11, 30);
        let says = |day: &str| program_age(day, today).map(|check| check.says);
        for young in ["2026-11-30", "2027-01-01", "2025-11-30", ""] {
            assert_eq!(says(young), None, "{young}");
        }
        assert_eq!(
            says("2025-11-29").as_deref(),
            Some("this rosterctl was made on 2025-11-29, 366 days ago")
        );
    }
}
