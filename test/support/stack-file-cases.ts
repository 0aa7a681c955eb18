/** Values as they stand behind a key of a stack file, and the text that the engine 3.259.0 hands to the program. */
export const values: readonly (readonly [yaml: string, text: string])[] = [
  // Whole numbers: octal, hexadecimal and binary ones, and signs, are those of Go's YAML.
  ["0o17", "15"],
  ["0x1F", "31"],
  ["-0x10", "-16"],
  ["0b101", "5"],
  ["1_000", "1000"],
  ["+5", "5"],
  ["-0", "0"],
  ["111122223333", "111122223333"],
  ["9223372036854775807", "9223372036854775807"],
  ["12345678901234567890", "12345678901234567890"],
  ["123456789012345678901", "123456789012345680000"],
  ["0xFFFFFFFFFFFFFFFFFF", "0xFFFFFFFFFFFFFFFFFF"],
  ["_1", "_1"],
  // Decimal numbers: a version without quotes loses its zero.
  ["1.30", "1.3"],
  ["1.", "1"],
  [".5", "0.5"],
  ["-.5", "-0.5"],
  ["1e3", "1000"],
  ["1e21", "1e+21"],
  ["0.0000001", "1e-7"],
  ["1e400", "1e400"],
  ["190:20:30", "190:20:30"],
  // Words.
  ["yes", "yes"],
  ["on", "on"],
  ["TRUE", "true"],
  ["False", "false"],
  ["null", ""],
  ["~", ""],
  ["", ""],
  // Dates.
  ["2026-11-27", "2026-11-27 00:00:00 +0000 UTC"],
  ["2026-1-2", "2026-01-02 00:00:00 +0000 UTC"],
  ["2026-11-27T10:11:12Z", "2026-11-27 10:11:12 +0000 UTC"],
  ["2026-11-27 10:11:12.50", "2026-11-27 10:11:12.5 +0000 UTC"],
  ["2026-02-30", "2026-02-30"],
  // Text stays text.
  ['"1.30"', "1.30"],
  ["'0777'", "0777"],
  ["0.50", "0.5"],
  ["2026-01-02 # no number", "2026-01-02 00:00:00 +0000 UTC"],
  ["!!str 5", "5"],
  ['!!int "5"', "5"],
  ['"tab\\there"', "tab\there"],
  ["|\n    line\n    two", "line\ntwo\n"],
  [">-\n    folded\n    text", "folded text"],
  ["eu-central-1 # a comment", "eu-central-1"],
  // Groups and lists are JSON; JSON text is text.
  ["{}", "{}"],
  ["[]", "[]"],
  [
    "[1, 1.30, yes, true, null, 0o777, 2026-11-27]",
    '[1,1.3,"yes",true,null,511,"2026-11-27 00:00:00 +0000 UTC"]',
  ],
  ["{1: a, true: b, 1.50: c, x: {y: [z]}}", '{"1":"a","1.5":"c","true":"b","x":{"y":["z"]}}'],
  ["{a: null, b: ~, c: ''}", '{"a":null,"b":null,"c":""}'],
  [`'{"provider":"eks"}'`, '{"provider":"eks"}'],
  ['{"provider": "eks"}', '{"provider":"eks"}'],
  // Merge keys: what stands beside them counts, then the first of a list.
  ["{<<: {p: 1, q: 2}, q: 3}", '{"p":1,"q":3}'],
  ["{q: 3, <<: {p: 1, q: 2}}", '{"p":1,"q":3}'],
  ["{<<: [{p: 1}, {p: 2, r: 4}]}", '{"p":1,"r":4}'],
  // One key named secure is a secret where its value is text, and only there.
  ["{secure: 5}", '{"secure":5}'],
  ["{secure: a, b: c}", '{"b":"c","secure":"a"}'],
];

/** Keys as they are written below `config:`, and in full. */
export const keys: readonly (readonly [written: string, full: string])[] = [
  ["exposure", "multi-client:exposure"],
  ["multi-client:services", "multi-client:services"],
  ["multi-client:config:images", "multi-client:images"],
  ["aws:region", "aws:region"],
  ["pulumi:disable-default-providers", "pulumi:disable-default-providers"],
];

/** Files that cannot be used, and what is said of them. */
export const refused: Readonly<Record<string, readonly [file: string, says: RegExp]>> = {
  "a list in place of config:": [
    "config:\n  - multi-client:cluster: {provider: minikube}\n",
    /: config: is a list\.\nFix: write the settings by key, without dashes: multi-client:cluster: /,
  ],
  "text in place of config:": ["config: minikube\n", /: config: is text \(minikube\)\.\nFix: /],
  "a list": [
    "- config\n",
    /: it is a list, not settings by key\.\nFix: write the settings below a key config:/,
  ],
  text: ["minikube\n", /: it is text \(minikube\), not settings by key\.\nFix: /],
  "a tab": [
    "config:\n\tnamespace: shop\n",
    /: Tabs are not allowed as indentation at line 2, column 1\.\nFix: correct/,
  ],
  "an open quote": ['config:\n  namespace: "shop\n', /: Missing closing "quote at line 3.*\nFix: /],
  "an open bracket": ["config: {namespace: shop\n", /: Flow map .* line 2.*\nFix: /],
  "a key twice": [
    "config:\n  namespace: a\n  namespace: b\n",
    /: Map keys must be unique at line 3, column 3\.\nFix: /,
  ],
  "a key with and without the project's name": [
    "config:\n  namespace: a\n  multi-client:namespace: b\n",
    /: multi-client:namespace is there twice, with and without the project's name\.\nFix: take one of them away/,
  ],
  "everything nested below the project's name": [
    "config:\n  multi-client:\n    cluster: {provider: minikube}\n    namespace: shop\n",
    /: cluster, namespace are nested below multi-client:\.\nFix: .*: multi-client:cluster:, multi-client:namespace:$/,
  ],
  "settings beside config:": [
    "config: {}\nmulti-client:namespace: shop\n",
    /: multi-client:namespace is not below config:, where settings are read\.\nFix: indent it/,
  ],
  "a key of three parts": ["config:\n  a:b:c: 1\n", /: a:b:c is no key\.\nFix: write it as namespace:name/],
  "an anchor that is not there": ["config:\n  namespace: *shop\n", /: Unresolved alias .*shop\.\nFix: /],
  "an octal number": [
    "config:\n  cluster: {costCentre: 0777}\n",
    /: 0777 at line 2 is read as the number 511\.\nFix: write it in quotes: "0777"$/,
  ],
  "an account number with a leading zero": [
    "config:\n  aws:allowedAccountIds:\n    - 012345678901\n",
    /: 012345678901 at line 3 is read as the number 12345678901\.\nFix: write it in quotes: "012345678901"$/,
  ],
  "a list as a key": ["config:\n  ? [a]\n  : 1\n", /: A key is text, and this is none: \["a"\]\.\nFix: /],
  "a merge of text": ["config:\n  cluster: {<<: text}\n", /: Merge sources must be maps.*\.\nFix: /],
};
