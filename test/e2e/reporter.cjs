// hooks.ts tells of each case as it ends; here come the failures in full, and the counts for whoever adds them up.
const { appendFileSync } = require("node:fs");
const { reporters, Runner } = require("mocha");

module.exports = class extends reporters.Base {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      if (failures > 0) reporters.Base.list(this.failures);
      appendFileSync(process.env.MULTI_CLIENT_E2E_COUNTS, `${passes} ${failures} ${pending}\n`);
    });
  }
};
