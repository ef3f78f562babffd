// Trains a style on two folders of pictures and draws a photo with it.
// Run: node dist/examples/train-style.js PHOTOS PAINTINGS RUN PHOTO OUT [STEPS]

import { readFile, writeFile } from 'node:fs/promises';
import { openStylizer, train } from '../shared/index.js';

const [photos, paintings, run, from, to, steps = '20000'] = process.argv.slice(2);
if (to === undefined)
  throw new Error(
    'Expected five paths: photos, paintings, where the training goes, a photo, and where the drawing goes',
  );

// A narrow network of two blocks learns in hours on a CPU; the paper's has width 64 and six.
const { products, device } = await train({
  recipe: 'cyclegan',
  data: [photos, paintings],
  out: run,
  settings: { size: 64, width: 16, blocks: 2, steps: Number(steps) },
});
console.log(`Trained ${steps} steps on ${device}: ${products.join(', ')}`);

const stylizer = await openStylizer();
const { bytes } = await stylizer.stylize(await readFile(from), { style: products[0] });
await stylizer.close();
await writeFile(to, bytes);
console.log(`${from} -> ${to}`);
