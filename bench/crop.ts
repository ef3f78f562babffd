// Time of one 512 px crop out of a 12 MP photo for faces of several sizes, inside the photo and across its border; and,
// where NIGAOE_MIRROR has test photos beside it, the agreement with the classic code's crops. Target: <= 30 ms, PSNR
// median >= 45 dB, worst >= 32 dB. Run: npm run bench:crop

import { readFile } from 'node:fs/promises';
import { cropFace } from '../shared/crop/face.js';
import type { Point } from '../shared/photo/affine.js';
import { decodePhoto } from '../shared/photo/decode.js';
import type { Photo } from '../shared/photo/photo.js';
import { faceAt } from '../test/fixtures/face-shape.js';
import { median, photoPath } from './photos.js';

const ROUNDS = 21;
/** Width of the made-up face at scale 1. */
const FACE_PX = 100;

function noisyPhoto(width: number, height: number): Photo {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7919) >> 5);
  return { data, width, height, metadata: { format: 'jpeg', notices: [] } };
}

function timeOf(photo: Photo, landmarks: readonly Point[]): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const startMs = performance.now();
    cropFace(photo, landmarks);
    return performance.now() - startMs;
  });
  return median(times);
}

interface Case {
  image: string;
  landmarks: Point[];
  expand: number;
  sizePx: number;
  pad: boolean;
  reference: string;
}

async function decibelOf({ image, landmarks, reference, ...options }: Case): Promise<number> {
  const photo = await decodePhoto(await readFile(photoPath('dlib', image)));
  const wanted = await decodePhoto(await readFile(photoPath('dlib', 'aligned', reference)));
  const { data } = cropFace(photo, landmarks, options).pixels;
  const plane = data.length / 3;
  let squares = 0;
  for (let i = 0; i < data.length; i++) {
    const level = Math.round((data[(i % 3) * plane + Math.trunc(i / 3)] + 1) * 127.5);
    squares += (level - wanted.data[i]) ** 2;
  }
  return 10 * Math.log10(255 ** 2 / (squares / data.length));
}

const photo = noisyPhoto(4000, 3000);
for (const sidePx of [150, 400, 800, 1200]) {
  const inside = timeOf(photo, faceAt([2000, 1500], { scale: sidePx / FACE_PX }));
  const across = timeOf(photo, faceAt([sidePx / 2, 1500], { scale: sidePx / FACE_PX }));
  console.log(
    `face of ${String(sidePx).padStart(4)} px: ${inside.toFixed(1)} ms inside, ${across.toFixed(1)} ms at the border`,
  );
}
try {
  const cases = JSON.parse(await readFile(photoPath('dlib', 'aligned', 'cases.json'), 'utf8')) as Case[];
  const decibels = (await Promise.all(cases.map(decibelOf))).sort((a, b) => a - b);
  console.log(
    `agreement: median ${median(decibels).toFixed(1)} dB, worst ${decibels[0].toFixed(1)} dB of ${decibels.length}`,
  );
} catch (error) {
  console.log(`agreement: not measured (${(error as Error).message})`);
}
