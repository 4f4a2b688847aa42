//! Maintenance windows: times when the service is known to be down. An apply avoids them.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// One window: from one time to another, on certain days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaintenanceWindow {
    pub days: Days,
    pub from: Time,
    /// On the next day if it isn't after `from`.
    pub to: Time,
    pub zone: TimeZone,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Days {
    Every,
    Weekdays(Vec<Weekday>),
    Date(Date),
}

/// The windows of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaintenanceWindows(pub Vec<MaintenanceWindow>);

/// A window that has begun or comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NextWindow {
    pub start: Timestamp,
    pub end: Timestamp,
    /// Whether an operation that begins now might still be running when the window begins.
    pub is_near: bool,
}

/// The longest time that a create takes, including all its searches.
const MARGIN: SignedDuration = SignedDuration::from_secs(90);

impl MaintenanceWindows {
    /// The window that has begun, or else the next one.
    pub fn next(&self, now: Timestamp) -> Option<NextWindow> {
        self.0.iter().filter_map(|window| window.next(now)).min()
    }

    /// The window that work of this length would overlap if it began now.
    pub fn in_the_way(&self, now: Timestamp, length: SignedDuration) -> Option<NextWindow> {
        let end = now.saturating_add(length).unwrap_or(Timestamp::MAX);
        self.next(now).filter(|next| next.start <= end)
    }
}

impl MaintenanceWindow {
    fn next(&self, now: Timestamp) -> Option<NextWindow> {
        let today = now.to_zoned_datetime(self.zone.clone()).date();
        let days: Vec<Date> = match self.days {
            Days::Date(date) => vec![date],
            // A window that began yesterday may still be open.
            Days::Every | Days::Weekdays(_) => (-1..=7)
                .filter_map(|day| today.checked_add(day.days()).ok())
                .collect(),
        };
        let fits = |day: &Date| match &self.days {
            Days::Weekdays(weekdays) => weekdays.contains(&day.weekday()),
            Days::Every | Days::Date(_) => true,
        };
        days.into_iter()
            .filter(fits)
            .filter_map(|day| self.on(day, now))
            .find(|next| next.end > now)
    }

    fn on(&self, day: Date, now: Timestamp) -> Option<NextWindow> {
        let last = if self.to > self.from {
            day
        } else {
            day.tomorrow().ok()?
        };
        let at = |day: Date, time: Time| {
            Some(
                day.to_datetime(time)
                    .to_zoned_datetime(self.zone.clone())
                    .ok()?
                    .timestamp(),
            )
        };
        let (start, end) = (at(day, self.from)?, at(last, self.to)?);
        Some(NextWindow {
            start,
            end,
            is_near: start.duration_since(now) <= MARGIN,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Weekday, date, time};
    use jiff::tz::TimeZone;
    use jiff::{SignedDuration, Timestamp};

    use super::{Days, MaintenanceWindow, MaintenanceWindows};

    fn windows(days: Days, from: i8, to: i8) -> MaintenanceWindows {
        let zone = TimeZone::get("Europe/London").unwrap();
        MaintenanceWindows(vec![MaintenanceWindow {
            days,
            from: time(from, 0, 0, 0),
            to: time(to, 30, 0, 0),
            zone,
        }])
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_daily_window_goes_by_the_clocks_of_its_zone() {
        let evening = windows(Days::Every, 21, 21);
        let next = evening.next(at("2026-07-01T19:00:00Z")).unwrap();
        assert_eq!(
            (next.start, next.end),
            (at("2026-07-01T20:00:00Z"), at("2026-07-01T20:30:00Z"))
        );
        let next = evening.next(at("2026-12-01T20:59:00Z")).unwrap();
        assert_eq!(
            (next.start, next.is_near),
            (at("2026-12-01T21:00:00Z"), true)
        );
        assert_eq!(
            evening.next(at("2026-12-01T21:30:00Z")).unwrap().start,
            at("2026-12-02T21:00:00Z")
        );
    }

    #[test]
    fn a_window_may_go_on_past_midnight_and_be_under_way() {
        let night = windows(Days::Weekdays(vec![Weekday::Friday]), 23, 2);
        let next = night.next(at("2026-11-28T01:00:00Z")).unwrap();
        assert_eq!(
            (next.start, next.end),
            (at("2026-11-27T23:00:00Z"), at("2026-11-28T02:30:00Z"))
        );
        assert_eq!(
            night.next(at("2026-11-28T03:00:00Z")).unwrap().start,
            at("2026-12-04T23:00:00Z")
        );
    }

    #[test]
    fn work_that_would_run_into_a_window_is_known_before_it_begins() {
        let once = windows(Days::Date(date(2026, 12, 24)), 18, 22);
        let in_the_way =
            |now: &str, minutes| once.in_the_way(at(now), SignedDuration::from_mins(minutes));
        assert_eq!(in_the_way("2026-12-24T17:00:00Z", 30), None);
        assert!(in_the_way("2026-12-24T17:00:00Z", 60).is_some());
        assert!(in_the_way("2026-12-24T20:00:00Z", 0).is_some());
        assert_eq!(in_the_way("2026-12-24T23:00:00Z", 600), None);
    }
}
