//! An invented college of any size, as a project: manifests and the `sandbox.yaml` that belongs to them. The same settings
//! give the same bytes. Last names are made of syllables, so that they differ and are no real person's.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::sandbox::invented_person::{InventedPerson, ORGANISATION, PersonName};
use crate::sandbox::random::Random;

/// What to invent. Shares are in per cent of the learners.
#[derive(Clone, Copy, Debug)]
pub struct College {
    pub learners: usize,
    pub seed: u64,
    /// The share whose account differs from the manifest.
    pub drift: u8,
    /// The share that has no account yet.
    pub absent: u8,
    /// The share that has the name of another learner.
    pub shared_names: u8,
    /// The share whose account has no MIS value.
    pub without_mis: u8,
}

/// Roles by their numbers in the API.
const LEARNER: u8 = 1;
const ASSESSOR: u8 = 5;
const EMPLOYER: u8 = 40;
const LEARNERS_A_FILE: usize = 100;
const LEARNERS_AN_ASSESSOR: usize = 40;
const LEARNERS_A_PLACEMENT: usize = 50;
const LEARNERS_A_CLASSROOM: usize = 100;
// Apart by more than any college has of each, so that no ID is given twice.
const FIRST_STAFF_ID: usize = 100_001;
const FIRST_EMPLOYER_ID: usize = 200_001;
const FIRST_LEARNER_ID: usize = 1_000_001;
const ENTRY_DAYS: &[&str] = &["2026-07-01", "2026-09-07", "2027-01-11"];

/// Writes the project into a folder, which has to be empty.
pub fn write_college(college: &College, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join("users/learners"))?;
    fs::write(
        folder.join("rosterctl.yaml"),
        format!("organisation: {ORGANISATION}\ntarget: sandbox\n"),
    )?;
    let mut sandbox = BufWriter::new(File::create(folder.join("sandbox.yaml"))?);
    write_directory(college, &mut sandbox)?;
    write_staff(college, folder, &mut sandbox)?;
    write_learners(college, folder, &mut sandbox)?;
    sandbox.flush()
}

impl College {
    fn assessors(&self) -> usize {
        self.learners.div_ceil(LEARNERS_AN_ASSESSOR).max(1)
    }

    fn placements(&self) -> usize {
        self.learners.div_ceil(LEARNERS_A_PLACEMENT).max(1)
    }

    fn classrooms(&self) -> usize {
        self.learners.div_ceil(LEARNERS_A_CLASSROOM).max(1)
    }
}

fn write_directory(college: &College, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "# Invented by `rosterctl sandbox seed`: nobody in here exists."
    )?;
    writeln!(
        out,
        "customers:\n  - ID: 1\n    Name: Example Colleges\norganisations:\n  - ID: {ORGANISATION}\n    CustomerID: 1"
    )?;
    writeln!(
        out,
        "    Name: Example College\n    KeychainCreationForNewUserActive: true\n    KeychainEmailSuppression: false"
    )?;
    for (table, count, name, prefix) in [
        ("classrooms", college.classrooms(), "Classroom", "C"),
        ("placements", college.placements(), "Employer", "P"),
    ] {
        writeln!(out, "{table}:")?;
        for number in 1..=count {
            writeln!(
                out,
                "  - ID: {number}\n    OrganisationID: {ORGANISATION}\n    Name: {name} {number}\n    MISID: {prefix}-{number}"
            )?;
        }
    }
    write_standards(out)?;
    writeln!(out, "users:")
}

/// What learners work towards, the same in every college. Nobody is assigned to any of it.
const STANDARDS: &[(&str, &[&str])] = &[
    (
        "Business Administrator Level 3",
        &["Record and document production", "Project management"],
    ),
    (
        "Team Leader Level 3",
        &["Leading people", "Managing people"],
    ),
    ("Functional Skills English Level 2", &["Reading", "Writing"]),
];
const TEMPLATES: &[(&str, &[usize])] = &[
    ("Business Administrator with English", &[1, 3]),
    ("Team Leader with English", &[2, 3]),
];

fn write_standards(out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "standards:")?;
    for (number, (title, _)) in (1_usize..).zip(STANDARDS) {
        write_title(out, number, title)?;
        writeln!(out, "    OrganisationID: {ORGANISATION}")?;
    }
    writeln!(out, "units:")?;
    let mut unit = 0;
    for (standard, (_, titles)) in (1..).zip(STANDARDS) {
        for title in *titles {
            unit += 1;
            write_title(out, unit, title)?;
            writeln!(
                out,
                "    StandardID: {standard}\n    NDAQCode: X/000/{unit:04}"
            )?;
        }
    }
    writeln!(out, "frameworkTemplates:")?;
    for (number, (title, standards)) in (1..).zip(TEMPLATES) {
        write_title(out, number, title)?;
        writeln!(
            out,
            "    OrganisationID: {ORGANISATION}\n    StandardIDs: {standards:?}"
        )?;
    }
    Ok(())
}

fn write_title(out: &mut impl Write, id: usize, title: &str) -> io::Result<()> {
    writeln!(out, "  - ID: {id}\n    Title: {title}")
}

/// Assessors, and an employer for each placement. All of them have accounts as declared.
fn write_staff(college: &College, folder: &Path, sandbox: &mut impl Write) -> io::Result<()> {
    let mut manifest = BufWriter::new(File::create(folder.join("users/staff.yaml"))?);
    writeln!(manifest, "users:")?;
    for number in 1..=college.assessors() {
        // Numbers after those of the learners, so that staff share no name with one.
        let name = PersonName::of(college.learners + number);
        let assessor = InventedPerson::new(name, number, format!("A-{number:04}"));
        assessor.declare(&mut manifest)?;
        writeln!(manifest, "    role: assessor")?;
        assessor.open_account(sandbox, FIRST_STAFF_ID + number, ASSESSOR)?;
        assessor.write_mis_id(sandbox)?;
    }
    for number in 1..=college.placements() {
        let name = PersonName::of(college.learners + college.assessors() + number);
        let employer = InventedPerson::new(name, number, format!("E-{number:04}"));
        employer.declare(&mut manifest)?;
        writeln!(manifest, "    role: employer\n    placement: P-{number}")?;
        employer.open_account(sandbox, FIRST_EMPLOYER_ID + number, EMPLOYER)?;
        employer.write_mis_id(sandbox)?;
        writeln!(sandbox, "    PlacementID: {number}")?;
    }
    manifest.flush()
}

fn write_learners(college: &College, folder: &Path, sandbox: &mut impl Write) -> io::Result<()> {
    let mut random = Random::new(college.seed);
    let firsts = (1..=college.learners).step_by(LEARNERS_A_FILE);
    for (first, programme) in firsts.zip(1..) {
        let path = folder.join(format!("users/learners/{programme:04}.yaml"));
        let mut manifest = BufWriter::new(File::create(path)?);
        writeln!(
            manifest,
            "defaults:\n  role: learner\n  episodeName: Programme {programme}\nusers:"
        )?;
        for number in first..(first + LEARNERS_A_FILE).min(college.learners + 1) {
            let learner = Learner::invent(college, number, &mut random);
            learner.declare(&mut manifest)?;
            learner.open_account(sandbox, programme)?;
        }
        manifest.flush()?;
    }
    Ok(())
}

/// A field that somebody has changed in the account.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DriftedField {
    Mobile,
    Start,
    Episode,
}

const DRIFTED_FIELDS: [DriftedField; 3] = [
    DriftedField::Mobile,
    DriftedField::Start,
    DriftedField::Episode,
];

struct Learner {
    number: usize,
    person: InventedPerson,
    assessor: usize,
    placement: usize,
    classroom: usize,
    born: String,
    begun: &'static str,
    mobile: usize,
    /// The field of the account that differs from the manifest.
    drifted: Option<DriftedField>,
    is_absent: bool,
    has_mis_id: bool,
}

impl Learner {
    /// Draws the same count of numbers for every learner, so that changing one share leaves the others as they are.
    fn invent(college: &College, number: usize, random: &mut Random) -> Self {
        let mut falls_in = |per_cent: u8| random.share() * 100.0 < f64::from(per_cent);
        let (is_shared, is_drifted) = (falls_in(college.shared_names), falls_in(college.drift));
        let (is_absent, lacks_mis_id) = (falls_in(college.absent), falls_in(college.without_mis));
        let shares_name = is_shared && number > 1;
        let name = PersonName::of(if shares_name { number - 1 } else { number });
        let day = random.below(28) + 1;
        let (year, month) = (2004 + random.below(6), random.below(12) + 1);
        let field = DRIFTED_FIELDS[random.below(DRIFTED_FIELDS.len())];
        Self {
            number,
            person: InventedPerson::new(name, number, format!("L-{number:06}")),
            assessor: random.below(college.assessors()) + 1,
            placement: random.below(college.placements()) + 1,
            classroom: (number - 1) / LEARNERS_A_CLASSROOM + 1,
            born: format!("{year}-{month:02}-{day:02}"),
            begun: ENTRY_DAYS[random.below(ENTRY_DAYS.len())],
            mobile: random.below(1000),
            drifted: is_drifted.then_some(field),
            is_absent,
            has_mis_id: !lacks_mis_id,
        }
    }

    fn declare(&self, out: &mut impl Write) -> io::Result<()> {
        self.person.declare(out)?;
        writeln!(
            out,
            "    classroom: C-{}\n    placement: P-{}",
            self.classroom, self.placement
        )?;
        writeln!(
            out,
            "    defaultAssessor: A-{:04}\n    dob: {}",
            self.assessor, self.born
        )?;
        writeln!(
            out,
            "    startOn: {}\n    mobileNumber: 07700 900{:03}",
            self.begun, self.mobile
        )
    }

    fn open_account(&self, out: &mut impl Write, programme: usize) -> io::Result<()> {
        if self.is_absent {
            return Ok(());
        }
        let id = FIRST_LEARNER_ID + self.number;
        self.person.open_account(out, id, LEARNER)?;
        if self.has_mis_id {
            self.person.write_mis_id(out)?;
        }
        let mut mobile = self.mobile;
        let mut begun = self.begun;
        let mut episode = programme;
        match self.drifted {
            Some(DriftedField::Mobile) => mobile = (mobile + 1) % 1000,
            Some(DriftedField::Start) => begun = "2026-08-03",
            Some(DriftedField::Episode) => episode += 1,
            None => {}
        }
        writeln!(
            out,
            "    ClassroomID: {}\n    PlacementID: {}",
            self.classroom, self.placement
        )?;
        writeln!(
            out,
            "    DefaultAssessorID: {}\n    DOB: {}",
            FIRST_STAFF_ID + self.assessor,
            self.born
        )?;
        writeln!(
            out,
            "    StartOn: {begun}\n    MobileNumber: 07700 900{mobile:03}\n    EpisodeName: Programme {episode}"
        )
    }
}
