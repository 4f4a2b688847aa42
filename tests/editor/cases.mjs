// What an editor shows, as a table. A text holds marks that the editor never sees: `«»` round each place where a
// diagnostic is due, `¦` where the cursor stands. A case has one of
//   flagged  the diagnostics, in the order of the marks, and no others; a part of each message
//   offers   the labels of the completion: all of these, in any order, and no others
//   inserts  what picking one of them types
//   hover    a part of what is shown
// Which fields and roles there are comes from the table of docs/reference/fields.md, which is generated as the schemas are.

const USERS = "# yaml-language-server: $schema=../schema/users.schema.json\n";
const NAMED = "# yaml-language-server: $schema=../schema/named.schema.json\n";
const PROJECT = "# yaml-language-server: $schema=schema/project.schema.json\n";

const ASSESSOR = `\
users:
  - misId: A-001
    firstName: Olu
    lastName: Winterbourney
    email: olu.winterbourney@example.ac.uk
    role: assessor
`;

const LEARNER = `\
users:
  - misId: L-0001
    firstName: Aisha
    lastName: Abbotsley
    email: aisha.abbotsley@example.ac.uk
    role: learner
    classroom: Business Admin L3
    placement: BT01
    defaultAssessor: A-001
`;

/** What `schema users --directory` adds: the names that OneFile has. */
const named = [
  {
    name: "the names that OneFile has are offered",
    text: `${LEARNER.replace("classroom: Business Admin L3", "classroom: ¦")}`,
    offers: ["Room A", "Room B"],
  },
  {
    name: "another name than those that OneFile had stays valid",
    text: LEARNER,
    flagged: [],
  },
];

/** The fields of the table of docs/reference/fields.md: key, first sentence, the roles that have it, and what it takes. */
function fieldsOf(page) {
  const [, table] = /<!-- fields: generated -->(.*?)<!-- fields: end -->/s.exec(page);
  const rows = [...table.matchAll(/^\| `(\w+)` \| (.*?) \| (.*?) \| (.*?) \|/gm)];
  return rows.map(([, key, meaning, whose, takes]) => ({ key, meaning: meaning.split(". ")[0], whose, takes }));
}

/** The cases on the user files. */
function userCases(fields) {
  const keys = fields.map(({ key }) => key);
  const roles = fields.find(({ key }) => key === "role").takes.match(/\w+/g);
  const assessing = fields.filter(({ whose }) => /all|assessor/.test(whose)).map(({ key }) => key);
  return [...written(keys, roles, assessing), ...fields.map(explained)];
}

function explained({ key, meaning }) {
  const cursor = `${key[0]}¦${key.slice(1)}`;
  return { name: `\`${key}\` says what it means`, text: `users:\n  - ${cursor}: x\n`, hover: meaning };
}

const written = (keys, roles, assessing) => [
  {
    name: "a learner without a classroom is flagged at the user",
    text: `
users:
  - «m»isId: L-0001
    firstName: Aisha
    lastName: Abbotsley
    email: aisha.abbotsley@example.ac.uk
    role: learner
    placement: BT01
    defaultAssessor: A-001
`,
    flagged: ["classroom is missing; write it here, or among the defaults"],
  },
  {
    name: "a learner by default without a classroom is flagged, the next one with it isn't",
    text: `
defaults:
  role: learner
  placement: BT01
  defaultAssessor: A-001
users:
  - «m»isId: L-0001
    firstName: Aisha
    lastName: Abbotsley
    email: aisha.abbotsley@example.ac.uk
  - misId: L-0002
    firstName: Ben
    lastName: Birdwhistle
    email: ben.birdwhistle@example.ac.uk
    classroom: Business Admin L3
`,
    flagged: ["classroom"],
  },
  {
    name: "the classroom may come from the defaults",
    text: `
defaults:
  classroom: Business Admin L3
users:
  - misId: L-0001
    firstName: Aisha
    lastName: Abbotsley
    email: aisha.abbotsley@example.ac.uk
    role: learner
    placement: BT01
    defaultAssessor: A-001
`,
    flagged: [],
  },
  {
    name: "a pinned user needs a role alone",
    text: `
users:
  - id: 137945
    role: learner
  - «i»d: 137946
`,
    flagged: ["role"],
  },
  {
    name: "a user without a key is flagged",
    text: ASSESSOR.replace("misId: A-001", "«t»elephone: 01632 960102"),
    flagged: ["misId"],
  },
  {
    name: "an assessor needs no classroom",
    text: ASSESSOR,
    flagged: [],
  },
  {
    name: "a misspelt key is flagged at the key, what it stood for at the user",
    text: LEARNER.replace("misId", "«m»isId").replace("firstName", "«frstName»"),
    flagged: ["firstName", "not allowed"],
  },
  {
    name: "a misspelt key of the file is flagged",
    text: "«user»: []\nusers: []\n",
    flagged: ["not allowed"],
  },
  {
    name: "a number where text is due is flagged at the value",
    text: `${LEARNER}    uln: «9999999999»\n`,
    flagged: ["ten digits in quotes"],
  },
  {
    name: "a ULN of three digits is flagged at the value",
    text: `${LEARNER}    uln: «"999"»\n`,
    flagged: ["ten digits in quotes"],
  },
  {
    name: "a ULN of ten digits in quotes is fine",
    text: `${LEARNER}    uln: "9999999999"\n`,
    flagged: [],
  },
  {
    name: "a day in another form is flagged at the value",
    text: `${LEARNER}    startOn: «01/09/2026»\n`,
    flagged: ["a day is written 2026-09-01"],
  },
  {
    name: "the ULN of an assessor is flagged at the key",
    text: `${ASSESSOR}    «uln»: "9999999999"\n`,
    flagged: ["not allowed"],
  },
  {
    name: "the ULN of an assessor by default is flagged at the key",
    text: `
defaults:
  role: assessor
${ASSESSOR.replace("    role: assessor\n", "")}    «uln»: "9999999999"
`,
    flagged: ["not allowed"],
  },
  {
    name: "a user's own role goes before that of the defaults",
    text: `defaults:\n  role: assessor\n${LEARNER}    uln: "9999999999"\n`,
    flagged: [],
  },
  {
    name: "a role that isn't one is flagged, and the roles are named",
    text: ASSESSOR.replace("assessor", "«tutor»"),
    flagged: [roles.map((role) => `"${role}"`).join(", ")],
  },
  {
    name: "a default role that isn't one is flagged",
    text: "defaults:\n  role: «tutor»\nusers: []\n",
    flagged: ["traineeAssessor"],
  },
  {
    name: "a key of a person in the defaults is flagged",
    text: "defaults:\n  «misId»: L-0001\nusers: []\n",
    flagged: ["not allowed"],
  },
  {
    name: "the first key of a user is offered",
    text: "users:\n  - ¦\n",
    offers: [...keys, "a user"],
  },
  {
    name: "an assessor is offered no field of learners",
    text: `${ASSESSOR}    ¦\n`,
    offers: assessing.filter((key) => !ASSESSOR.includes(` ${key}:`)),
  },
  {
    name: "an assessor by default is offered no field of learners",
    text: `defaults:\n  role: assessor\n${ASSESSOR.replace("    role: assessor\n", "    ¦\n")}`,
    offers: assessing.filter((key) => key === "role" || !ASSESSOR.includes(` ${key}:`)),
  },
  {
    name: "the defaults are offered no identity",
    text: "defaults:\n  ¦\nusers: []\n",
    offers: keys.filter((key) => !["id", "misId", "formerMisId", "distinctFrom", "alsoHas", "samePerson", "replaces", "creates", "archived", "lastDay", "reason"].includes(key)),
  },
  {
    name: "a reference begins as text",
    text: `${LEARNER.replace("    classroom: Business Admin L3\n", "")}    classr¦\n`,
    inserts: { classroom: "classroom: " },
  },
  {
    name: "the forms of a reference are offered once a letter is typed",
    text: `${LEARNER.replace("classroom: Business Admin L3", "classroom:\n      i¦")}`,
    offers: ["id", "misId", "name"],
  },
  {
    name: "a reference takes one form",
    text: `${LEARNER.replace("placement: BT01", "placement: { «nam»: x }")}`,
    flagged: ["not allowed"],
  },
  {
    name: "the keys of a CSV are offered",
    text: "fromCsv:\n  path: x.csv\n  ¦\n",
    offers: ["columns", "encoding", "dateFormat", "headerRow", "sheet", "overlay", "optional", "sealed"],
  },
  {
    name: "a sealed overlay names its columns",
    text: "«fromCsv»:\n  path: x.csv\n  overlay: true\n  sealed: true\n",
    flagged: ["columns"],
  },
  {
    name: "an optional overlay names its columns",
    text: "«fromCsv»:\n  path: x.csv\n  overlay: true\n  optional: true\n",
    flagged: ["columns"],
  },
  {
    name: "the keys that a learner lacks are offered",
    text: `${LEARNER}    ¦\n`,
    offers: keys.filter((key) => !LEARNER.includes(` ${key}:`)),
  },
  {
    name: "a key that is half typed is completed",
    text: `${ASSESSOR}    tele¦\n`,
    inserts: { telephone: "telephone: " },
  },
  {
    name: "the roles are offered",
    text: `${ASSESSOR.replace("role: assessor", "role: ¦")}`,
    offers: roles,
  },
  {
    name: "the roles are offered in the defaults",
    text: "defaults:\n  role: ¦\nusers: []\n",
    offers: roles,
  },
  {
    name: "the flags are offered",
    text: `${LEARNER}    supportFunding: ¦\n`,
    offers: ["true", "false"],
  },
  {
    name: "the keys of the file are offered",
    text: "¦\n",
    offers: ["defaults", "users", "fromTable", "fromCsv", "placements", "classrooms"],
  },
  {
    name: "the keys of a placement are offered",
    text: "placements:\n  - name: Riverside Care Home\n    ¦\n",
    offers: ["id", "misId", "address", "contact", "email", "telephone", "fax", "web", "active"],
  },
  {
    name: "a placement without a name is flagged at its first key",
    text: "placements:\n  - «m»isId: P-204\n",
    flagged: ["name is missing"],
  },
  {
    name: "a misspelt key of a placement is flagged",
    text: "placements:\n  - name: Riverside Care Home\n    «addres»: 1 High Street\n",
    flagged: ["not allowed"],
  },
  {
    name: "a field of a placement says what it means there",
    text: "placements:\n  - name: Riverside Care Home\n    mis¦Id: P-204\n",
    hover: "Its key in the MIS",
  },
  {
    name: "an empty list of standards is flagged",
    text: `${LEARNER}    standards: «[]»\n`,
    flagged: ["too few items"],
  },
  {
    name: "standards by title and by number are fine",
    text: `${LEARNER}    standards: [Business Administrator L3, { id: 311 }]\n`,
    flagged: [],
  },
  {
    name: "the key that a unit lacks is completed",
    text: `${LEARNER}    units:\n      - standard: Business Administrator L3\n        u¦\n`,
    inserts: { unit: "unit: " },
  },
  {
    name: "a unit without its standard is flagged",
    text: `${LEARNER}    units:\n      - «u»nit: Communication\n`,
    flagged: ["standard"],
  },
  {
    name: "a field of the defaults says what it means",
    text: "defaults:\n  class¦room: Business Admin L3\nusers: []\n",
    hover: "The classroom, by name or MIS value.",
  },
  {
    name: "a role names the others",
    text: ASSESSOR.replace("role: asse", "role: asse¦"),
    hover: "* `traineeAssessor`",
  },
  {
    name: "the defaults say what they are",
    text: "defa¦ults:\n  role: learner\nusers: []\n",
    hover: "What a user of this file has unless it says otherwise.",
  },
  {
    name: "the users say what they are",
    text: LEARNER.replace("users", "us¦ers"),
    hover: "The users that this file declares.",
  },
];

/** The cases on `rosterctl.yaml`. */
const project = [
  {
    name: "a misspelt key of the project is flagged",
    text: "organisation: 5740\n«polcy»:\n  creates: never\n",
    flagged: ["not allowed"],
  },
  {
    name: "a misspelt key of the policy is flagged",
    text: "organisation: 5740\npolicy:\n  «maxCreate»: 40\n",
    flagged: ["not allowed"],
  },
  {
    name: "a target that isn't one is flagged, and the targets are named",
    text: "organisation: 5740\ntarget: «production»\n",
    flagged: ['"live", "practice", "beta", "sandbox"'],
  },
  {
    name: "a project without an organisation is flagged",
    text: "«t»arget: sandbox\n",
    flagged: ["organisation"],
  },
  {
    name: "the targets are offered",
    text: "organisation: 5740\ntarget: ¦\n",
    offers: ["live", "practice", "beta", "sandbox"],
  },
  {
    name: "the keys of the project are offered",
    text: "organisation: 5740\n¦\n",
    offers: ["target", "manifests", "defaults", "policy", "fields", "severity", "callsPerMinute", "maintenance", "seal"],
  },
  {
    name: "two recipients at least, each a public key",
    text: "organisation: 5740\nseal:\n  recipients:\n    ci: «age1x»\n    team: age16uvyjgs2cs0pm4wy8uzvpzs4nptvnx807tahsnxyjzdg6rvfk9xqp8awgn\n",
    flagged: ["pattern"],
  },
  {
    name: "the words that a field takes are offered",
    text: "organisation: 5740\nfields:\n  email: ¦\n",
    offers: ["always", "ignoreCase", "onCreate"],
  },
  {
    name: "a field that a create needs can't be never sent",
    text: "organisation: 5740\nfields:\n  learner:\n    classroom: «never»\n",
    flagged: ['"always", "onCreate"'],
  },
  {
    name: "the fields of a role are offered",
    text: "organisation: 5740\nfields:\n  observer:\n    ¦\n",
    offers: [
      "misId", "firstName", "lastName", "email", "placement", "mobileNumber", "telephone", "website", "workAddress",
      "homeAddress", "dob", "createdOn",
    ],
  },
  {
    name: "a window without an end is flagged",
    text: 'organisation: 5740\nmaintenance:\n  - «f»rom: "21:00"\n',
    flagged: ['Missing property "to"'],
  },
  {
    name: "a time that no clock shows is flagged",
    text: 'organisation: 5740\nmaintenance:\n  - from: «"25:00"»\n    to: "21:30"\n',
    flagged: ["pattern"],
  },
  {
    name: "the days of a window are offered",
    text: 'organisation: 5740\nmaintenance:\n  - from: "21:00"\n    to: "21:30"\n    days: [¦]\n',
    offers: ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
  },
  {
    name: "the severities of a code are offered",
    text: "organisation: 5740\nseverity:\n  shared-email: ¦\n",
    offers: ["error", "warning", "ignore"],
  },
  {
    name: "a code that is always an error is flagged",
    text: "organisation: 5740\nseverity:\n  duplicate-user: «ignore»\n",
    flagged: ["error"],
  },
  {
    name: "the keys of the policy are offered",
    text: "organisation: 5740\npolicy:\n  ¦\n",
    offers: [
      "archives", "archivedAccounts", "assignPath", "creates", "keepKnown", "maxArchives", "maxAssignments", "maxCreates", "maxEntries", "maxRemovals",
      "maxUpdates",
    ],
  },
  {
    name: "the policy says what it is",
    text: "organisation: 5740\npol¦icy:\n  creates: never\n",
    hover: "What one apply may do at most.",
  },
  {
    name: "a limit says what it is",
    text: "organisation: 5740\npolicy:\n  max¦Creates: 40\n",
    hover: "How many accounts one apply may create; 25 unless given.",
  },
];

/** The cases on the first line: without it the editor knows nothing, with a wrong path it says so. */
const firstLine = [
  {
    name: "without the first line nothing is flagged",
    file: "users/learners.yaml",
    text: "users:\n  - frstName: Aisha\n",
    flagged: [],
  },
  {
    name: "without the first line no role is offered",
    file: "users/learners.yaml",
    text: "users:\n  - role: ¦\n",
    offers: [],
  },
  {
    name: "a first line in a folder further down needs a longer path",
    file: "users/learners/business.yaml",
    text: `${USERS}«u»sers: []\n`,
    flagged: ["Unable to load schema"],
  },
  {
    name: "a second document of a file needs the line, too",
    file: "users/learners.yaml",
    text: `${USERS}users: []\n---\nuser: []\n---\n${USERS}«user»: []\n`,
    flagged: ["not allowed"],
  },
  {
    name: "a longer path reaches the schema from a folder further down",
    file: "users/learners/business.yaml",
    text: `${USERS.replace("../", "../../")}users:\n  - id: 137945\n    role: «tutor»\n`,
    flagged: ["traineeAssessor"],
  },
];

/** Every case, with the file that it stands in. */
export function casesOf(page) {
  return [
    ...userCases(fieldsOf(page)).map((row) => ({ ...row, file: "users/learners.yaml", text: USERS + row.text })),
    ...named.map((row) => ({ ...row, file: "users/named.yaml", text: NAMED + row.text })),
    ...project.map((row) => ({ ...row, file: "rosterctl.yaml", text: PROJECT + row.text })),
    ...firstLine,
  ];
}

/** The files that are known to be right, as cases: those of the pages, and those of the example college. */
export function validFiles(pages, college) {
  const blocks = [...pages.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text);
  const manifests = blocks.filter((text) => text.startsWith(USERS));
  const projects = blocks.filter((text) => /^organisation: /m.test(text));
  return [
    ...manifests.map((text, n) => ({ name: `manifest ${n + 1} of the pages`, file: "users/learners.yaml", text })),
    ...projects.map((text, n) => ({ name: `project ${n + 1} of the pages`, file: "rosterctl.yaml", text: PROJECT + text })),
    ...college.map(({ file, text }) => ({ name: file, file, text })),
  ].map((row) => ({ ...row, name: `${row.name} has nothing flagged`, flagged: [] }));
}
