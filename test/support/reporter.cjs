// Prints what failed, or one line for each folder when all passed; then one closing line that any pipeline reads.
const { reporters, Runner } = require("mocha");
const { dirname, relative } = require("node:path");

module.exports = class extends reporters.Base {
  constructor(runner, options) {
    super(runner, options);
    const passed = new Map();
    runner.on(Runner.constants.EVENT_TEST_PASS, ({ file }) => {
      const folder = relative(process.cwd(), dirname(file));
      passed.set(folder, (passed.get(folder) ?? 0) + 1);
    });
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const lines = [...passed].sort().map(([folder, count]) => `  ${folder} ${count} passed\n`);
      if (failures > 0) reporters.Base.list(this.failures);
      else process.stdout.write(lines.join(""));
      if (pending > 0) process.stdout.write(`${pending} skipped\n`);
      process.stdout.write(`${passes} passed, ${failures} failed\n`);
    });
  }
};
