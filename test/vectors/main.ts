// Checks a file of vectors against this code and prints what misses. Run: npm run vectors -- FILE

import { readFile } from 'node:fs/promises';
import { SECTIONS } from './sections.js';

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('Expected a file of vectors: npm run vectors -- FILE');
  process.exit(2);
}
const vectors = JSON.parse(await readFile(file, 'utf8')) as Record<string, never>;
let [passed, failed] = [0, 0];
const skipped = new Map<string, number>();
for (const [section, checksOf] of Object.entries(SECTIONS)) {
  if (vectors[section] === undefined) continue;
  for (const { id, run, skip } of checksOf(vectors[section])) {
    if (skip !== undefined) skipped.set(skip, (skipped.get(skip) ?? 0) + 1);
    else
      try {
        await run();
        passed++;
      } catch (error) {
        failed++;
        console.log(`${section} ${id}: ${(error as Error).message.split('\n')[0]}`);
      }
  }
}
for (const [reason, count] of skipped) console.log(`${count} skipped: ${reason}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
