#!/usr/bin/env node
// The command `nigaoe`: says so where it cannot run, before anything heavy is loaded, and hands over to the program.

import { whyUnsupported } from './supported.js';

const reason = whyUnsupported();
if (reason === undefined) {
  const { runProgram } = await import('./program.js');
  await runProgram(process.argv);
} else {
  process.stderr.write(`nigaoe: ${reason}\n`);
  process.exitCode = 1;
}
