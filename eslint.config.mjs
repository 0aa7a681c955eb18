import tseslint from "typescript-eslint";

// Rules the type checker cannot give; the reasons stand beside each.
const sdkRoots = {
  regex: "^@pulumi/(kubernetes|aws|azure-native|gcp)$",
  message: "Import the file (@pulumi/kubernetes/apps/v1/deployment.js): a root loads the whole SDK.",
};
/** Who may import what: one entry per room, with what it must not see. */
const rooms = [
  {
    files: ["components/**/*.ts"],
    // Of the system only what reads no file and starts no process.
    deny: [
      "**/config/*",
      "**/services.ts",
      "**/launcher/*",
      "**/sandbox/**",
      "**/system/*",
      "!**/system/kubeconfig.ts",
      "!**/system/shell-command.ts",
    ],
  },
  { files: ["config/**/*.ts"], deny: ["@pulumi/kubernetes/*", "**/launcher/*", "**/sandbox/**"] },
  {
    files: ["components/kubernetes/**/*.ts"],
    deny: ["@pulumi/*", "@pulumi/kubernetes/*"],
    typesAllowed: true,
  },
  { files: ["services.ts", "index.ts"], deny: ["**/launcher/*", "**/sandbox/**", "**/test/**"] },
  {
    // Another product: whoever uses it comes by its index, and may come without it.
    files: ["{bench,launcher,render,smoke,test}/**/*.ts"],
    deny: ["**/sandbox/**", "!**/sandbox/index.ts"],
  },
  {
    files: ["sandbox/**/*.ts"],
    ignores: ["sandbox/test/**"],
    deny: ["**/launcher/**", "**/config/**", "**/components/**", "**/render/**", "**/test/**"],
  },
  { files: ["{system,backup,database}/**/*.ts"], deny: ["../*"] },
];

export default tseslint.config(
  { ignores: ["build/", "node_modules/"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-restricted-imports": ["error", { patterns: [sdkRoots] }],
      "max-lines": ["error", 300],
    },
  },
  // A list: one more service must not need another place.
  { files: ["services.ts"], rules: { "max-lines": "off" } },
  ...rooms.map(({ files, ignores = [], deny, typesAllowed = false }) => ({
    files,
    ignores,
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          patterns: [
            sdkRoots,
            { group: deny, allowTypeImports: typesAllowed, message: "Not from this room." },
          ],
        },
      ],
    },
  })),
  {
    files: ["components/**/*.ts"],
    rules: {
      "@typescript-eslint/no-extraneous-class": "off",
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "ClassDeclaration[superClass.property.name='ComponentResource'] CallExpression[callee.type='Super'][arguments.length!=4]",
          message: "super(type, name, {}, opts): with three arguments the options are lost.",
        },
        {
          selector:
            "CallExpression[callee.property.name='apply'] NewExpression[callee.name!='Error'][callee.property.name!='RunError']",
          message: "Nothing is created in .apply: a preview would not show it.",
        },
      ],
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      // Manifests are read as loosely as the API answers them; a wrong path fails the assertion on it.
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
);
