// Mocha loads this first.
process.env.PULUMI_ERROR_OUTPUT_STRING = "true"; // an Output in a template string throws instead of printing
require("../../system/lean-sdk.ts"); // the SDK as the program has it: without parts that take a second to load
// Mocha 12 swallows rejections nobody awaits: an assertion inside `.apply` would never fail a test.
process.on("unhandledRejection", (reason) => {
  throw reason;
});
