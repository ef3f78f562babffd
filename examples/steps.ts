// The stations one by one, for programs that want to do something of their own in between: here every face is drawn and
// framed by its landmarks. Run: node dist/examples/steps.js PHOTO OUT

import { readFile, writeFile } from 'node:fs/promises';
import {
  blendCrop,
  cropFace,
  decodePhoto,
  drawLandmarks,
  encodePhoto,
  openFaceFinder,
  openGenerator,
} from '../shared/index.js';

const [from, to] = process.argv.slice(2);
if (from === undefined || to === undefined)
  throw new Error('Expected two paths: a photo, and where the drawing goes');

let photo = await decodePhoto(await readFile(from), { name: from });
const finder = await openFaceFinder();
const faces = await finder.find(photo);
await finder.close();

const ink = await openGenerator('ink');
for (const { landmarks } of faces) {
  const crop = cropFace(photo, landmarks, { expand: 1.3, sizePx: 512 });
  const drawn = await ink.generate(crop.pixels);
  photo = await blendCrop(photo, crop, drawn, { strength: 0.9 });
}
await ink.close();

const { bytes, width, height } = await encodePhoto(drawLandmarks(photo, faces), { format: 'png' });
await writeFile(to, bytes);
console.log(`${faces.length} faces drawn on ${ink.device} -> ${to} (${width} x ${height})`);
