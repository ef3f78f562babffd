// Checks a file of vectors against this code and prints what misses. Run: npm run vectors -- FILE

import { readFile } from 'node:fs/promises';
import { SECTIONS } from './sections.js';

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('Expected a file of vectors: npm run vectors -- FILE');
  process.exit(2);
}
const vectors = JSON.parse(await readFile(file, 'utf8')) as Record<string, never>;
let [passed, failed, skipped] = [0, 0, 0];
for (const [section, checksOf] of Object.entries(SECTIONS)) {
  if (vectors[section] === undefined) continue;
  for (const { id, run, skip } of checksOf(vectors[section])) {
    if (skip !== undefined) skipped++;
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
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 ? 1 : 0;
