// Mocha's spec reporter plus a last line that people and machines read alike: "12 passed, 0 failed, 1 skipped".

const { reporters } = require('mocha');

class TallyReporter extends reporters.Spec {
  /** Called after the summary of failures, so that the tally is the last thing on the screen. */
  done(failures, finish) {
    const { passes, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : '';
    // Not console.log: a test that replaced it must not swallow the tally.
    reporters.Base.consoleLog(`${passes} passed, ${failures} failed${skipped}`);
    finish(failures > 0 || passes > 0 ? failures : 1);
  }
}

module.exports = TallyReporter;
