// Makes a style of your own weights and draws a photo with it. Run: node dist/examples/import-style.js WEIGHTS PHOTO OUT

import { readFile, writeFile } from 'node:fs/promises';
import { importModel, openStylizer } from '../shared/index.js';

const [weights, from, to] = process.argv.slice(2);
if (weights === undefined || from === undefined || to === undefined)
  throw new Error('Expected three paths: the weights, a photo, and where the drawing goes');

const style = await importModel(weights, { licence: 'own work', commercial: true, replace: true });
console.log(`${style.id}: ${style.title}`);

const stylizer = await openStylizer();
const { bytes, width, height, device } = await stylizer.stylize(await readFile(from), { style: style.id });
await stylizer.close();

await writeFile(to, bytes);
console.log(`${from} drawn on ${device} -> ${to} (${width} x ${height})`);
