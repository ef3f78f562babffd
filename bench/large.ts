// Large pictures in tiles: seams, agreement with the whole, what statistics are taken from, time per megapixel, memory.
// Run: npm run bench:large [STYLE...]  (with NIGAOE_MIRROR; default: hayao)

import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planesOf } from '../shared/crop/whole.js';
import { ganGenerator } from '../shared/generators/gan.js';
import { openGenerator } from '../shared/generators/open.js';
import { type Part, tensorCanvas } from '../shared/generators/parts/canvas.js';
import { mosaicOf } from '../shared/generators/parts/mosaic.js';
import { openModel } from '../shared/models/open-model.js';
import { allEntries } from '../shared/models/store/installed.js';
import { openStore } from '../shared/models/store/store.js';
import { decodePhoto } from '../shared/photo/decode.js';
import { encodePhoto } from '../shared/photo/encode.js';
import { resizePhoto } from '../shared/photo/resize.js';
import { openStylizer } from '../shared/stylizer.js';
import { planeSize, type Tensor } from '../shared/tensor.js';
import { decibels, photoPath } from './photos.js';

const FULL_HD = { width: 1920, height: 1088 };
const SIZES = [FULL_HD, { width: 3840, height: 2160 }, { width: 6000, height: 4000 }];
const PIECES = [12, 24, 48];
const PHOTOS = ['v3_6.jpg', 'v3_14.jpg', 'station.jpg', 'street.jpg'];

const photoAt = async (name: string, size: { width: number; height: number }) =>
  resizePhoto(await decodePhoto(await readFile(photoPath('scenes', name))), size);

/** Mean and largest step from one column (or row) to the next, over the lines where tiles meet and over all others. */
function jumps(
  drawn: Tensor,
  kept: readonly Part[],
): { atSeams: number; elsewhere: number; worst: number[] } {
  const { height, width } = planeSize(drawn);
  const seams = new Set(kept.map(({ left }) => left).filter((left) => left > 0));
  const sums = [0, 0];
  const counts = [0, 0];
  const worst = [0, 0];
  for (let channel = 0; channel < 3; channel++)
    for (let y = 0; y < height; y++)
      for (let x = 1; x < width; x++) {
        const at = (channel * height + y) * width + x;
        const step = Math.abs(drawn.data[at] - drawn.data[at - 1]);
        const kind = seams.has(x) ? 0 : 1;
        sums[kind] += step;
        counts[kind]++;
        worst[kind] = Math.max(worst[kind], step);
      }
  return { atSeams: sums[0] / counts[0], elsewhere: sums[1] / counts[1], worst };
}

/** Against the network drawn whole, which takes gigabytes at this size. */
async function agreement(style: string): Promise<void> {
  const tiled = await openGenerator(style, { device: 'cpu', acceptLicence: true });
  for (const name of PHOTOS) {
    const picture = planesOf(await photoAt(name, FULL_HD));
    const { canvas, drawn } = tensorCanvas(picture);
    const kept: Part[] = [];
    const noting = {
      ...canvas,
      write: (...[part, ...rest]: Parameters<typeof canvas.write>) => {
        kept.push(part);
        canvas.write(part, ...rest);
      },
    };
    await tiled.paint!(noting);
    const whole = await wholeOf(style, picture);
    const { atSeams, elsewhere, worst } = jumps(drawn, kept);
    console.log(
      `${style.padEnd(12)} ${name.padEnd(12)} ${kept.length} tiles   ${decibels(drawn.data, whole.data).toFixed(1)} dB of the whole` +
        `   steps at seams ${atSeams.toFixed(4)}, elsewhere ${elsewhere.toFixed(4)}` +
        `   largest ${worst[0].toFixed(2)}, elsewhere ${worst[1].toFixed(2)}`,
    );
  }
  await tiled.close();
}

/** The same network without its tiles. */
async function wholeOf(style: string, picture: Tensor): Promise<Tensor> {
  const store = openStore();
  const entry = (await allEntries(store)).find(({ id }) => id === style);
  if (entry?.kind !== 'gan') throw new Error(`Expected a network of the catalogue but received ${style}`);
  const { multipleOf } = entry.side;
  const session = await openModel(entry, { store, device: 'cpu', sidesMultipleOf: multipleOf });
  const generator = ganGenerator(entry, session);
  try {
    return await generator.generate(picture);
  } finally {
    await generator.close();
  }
}

/** What statistics from the photo reduced come to, and from mosaics of other numbers of pieces than are taken. */
async function studies(style: string): Promise<void> {
  const tiled = await openGenerator(style, { device: 'cpu', acceptLicence: true });
  for (const name of PHOTOS) {
    const photo = await photoAt(name, FULL_HD);
    const { canvas, drawn } = tensorCanvas(planesOf(photo));
    const whole = await wholeOf(style, planesOf(photo));
    const studied: Record<string, Tensor> = {
      'reduced to 512 px': planesOf(await resizePhoto(photo, { width: 512, height: 288 })),
    };
    for (const pieces of PIECES)
      studied[`${pieces} pieces`] = mosaicOf(canvas, { multipleOf: 32, mostPixels: pieces * 64 ** 2 });
    const cells: string[] = [];
    for (const [what, picture] of Object.entries(studied)) {
      await tiled.paint!(canvas, { statistics: await tiled.study!(picture) });
      cells.push(`${what} ${decibels(drawn.data, whole.data).toFixed(1)} dB`);
    }
    console.log(`${style.padEnd(12)} ${name.padEnd(12)} statistics from   ${cells.join('   ')}`);
  }
  await tiled.close();
}

/** A photo from file to file, in a process of its own. */
async function drawAlone(style: string, path: string): Promise<void> {
  const stylizer = await openStylizer({ acceptLicence: true });
  const bytes = await readFile(path);
  const startMs = performance.now();
  await stylizer.stylize(bytes, { style, device: 'cpu', scope: 'photo', maxSide: 16384 });
  const seconds = (performance.now() - startMs) / 1000;
  await stylizer.close();
  console.log(JSON.stringify({ seconds, megabytes: process.resourceUsage().maxRSS / 1024 }));
}

async function growth(style: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nigaoe-bench-'));
  for (const { width, height } of SIZES) {
    const path = join(folder, `${width}.jpg`);
    const photo = await photoAt('v3_6.jpg', { width, height });
    await writeFile(path, (await encodePhoto(photo, { format: 'jpeg' })).bytes);
    const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), 'alone', style, path]);
    const { seconds, megabytes } = JSON.parse(String(child.stdout)) as Record<
      'seconds' | 'megabytes',
      number
    >;
    const perMegapixel = seconds / ((width * height) / 1e6);
    console.log(
      `${style.padEnd(12)} ${width} x ${height}   ${seconds.toFixed(1)} s from file to file, ${perMegapixel.toFixed(2)} s/MP   ` +
        `${megabytes.toFixed(0)} MB at most`,
    );
  }
  await rm(folder, { recursive: true });
}

const [first, ...others] = process.argv.slice(2);
if (first === 'alone') await drawAlone(others[0], others[1]);
else
  for (const style of first === undefined ? ['hayao'] : [first, ...others]) {
    await agreement(style);
    await studies(style);
    await growth(style);
  }
