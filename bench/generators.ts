// How fast generators draw on the CPU: as nigaoe opens them, by onnxruntime with its defaults (float32, as exported), and by
// PyTorch, in turn. DEVICE=cuda, webgpu and so on names where nigaoe draws; the others stay on the CPU. Pictures of 512 x 512 are drawn whole, those of 1920 x 1080 by nigaoe in tiles with statistics of their own.
// Run: npm run bench:generators [NAME...]  (styles of the catalogue, and the networks below with random weights, which need
// Debian's python3-torch and python3-onnx)

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { planesOf } from '../shared/crop/whole.js';
import { openGenerator } from '../shared/generators/open.js';
import { pack, unpack } from '../shared/generators/pack.js';
import type { GeneratorIo } from '../shared/models/entry.js';
import { readStyleNetwork } from '../shared/models/imports/style-network.js';
import { readOnnx, writeOnnx } from '../shared/models/onnx/file.js';
import { hasFloat16, widenToFloat32 } from '../shared/models/onnx/float32.js';
import { allEntries } from '../shared/models/store/installed.js';
import { openStore } from '../shared/models/store/store.js';
import type { Device } from '../shared/options.js';
import { decodePhoto } from '../shared/photo/decode.js';
import { resizePhoto } from '../shared/photo/resize.js';
import type { Tensor } from '../shared/tensor.js';
import { decibels, median, photoPath } from './photos.js';

const NETWORKS = ['animeganv2', 'cyclegan', 'johnson'];
const STYLES = ['hayao', 'shinkai', 'jp-face', 'portrait-sketch', 'tiny-cute'];
const SIZES = [
  { height: 512, width: 512, rounds: 7 },
  { height: 1080, width: 1920, rounds: 3 },
];

const REST_MS = 300;

/** Draws a picture and says how long it took; the drawing itself where it can be had. */
type Drawing = (picture: Tensor) => Promise<{ ms: number; drawn?: Tensor }>;

interface Subject {
  peers: Record<string, Drawing>;
  close(): Promise<void>;
}

async function timed(work: () => Promise<Tensor>): Promise<{ ms: number; drawn: Tensor }> {
  const startMs = performance.now();
  const drawn = await work();
  return { ms: performance.now() - startMs, drawn };
}

/** Sides rounded up as the network wants them, as whoever calls onnxruntime would do. */
async function openPlain(bytes: Uint8Array, io: GeneratorIo, multipleOf: number) {
  const model = readOnnx(bytes);
  const isHalf = hasFloat16(model);
  if (isHalf) widenToFloat32(model);
  const session = await InferenceSession.create(isHalf ? writeOnnx(model) : bytes);
  const up = (side: number) => Math.ceil(side / multipleOf) * multipleOf;
  const draw: Drawing = (picture) =>
    timed(async () => {
      const [, , height, width] = picture.dims;
      const { data, dims } = pack(picture, io, { height: up(height), width: up(width) });
      const feed = { [session.inputNames[0]]: new OrtTensor('float32', data, dims) };
      const result = (await session.run(feed))[session.outputNames[0]];
      return unpack({ dims: result.dims, data: result.data as Float32Array }, io, { height, width });
    });
  return { draw, close: () => session.release() };
}

async function openOurs(idOrPath: string) {
  const device = (process.env.DEVICE ?? 'cpu') as Device;
  const generator = await openGenerator(idOrPath, { device, requireDevice: true, acceptLicence: true });
  const draw: Drawing = (picture) => timed(() => generator.generate(picture));
  return { draw, close: () => generator.close() };
}

async function openStyle(id: string): Promise<Subject> {
  const store = openStore();
  const entry = (await allEntries(store)).find((each) => each.id === id);
  if (entry?.kind !== 'gan') throw new Error(`Expected a network of the catalogue but received ${id}`);
  const bytes = await readFile(await store.ensure(entry, { acceptLicence: true }));
  const [ours, plain] = [await openOurs(id), await openPlain(bytes, entry.io, entry.side.multipleOf)];
  return {
    peers: { nigaoe: ours.draw, onnxruntime: plain.draw },
    close: async () => {
      await ours.close();
      await plain.close();
    },
  };
}

/** PyTorch in a process of its own, which writes weights and export into a folder first. */
async function openNetwork(name: string): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'nigaoe-bench-'));
  const torch = await startTorch(name, folder);
  const path = join(folder, `${name}.pt`);
  const { io, side } = await readStyleNetwork(path);
  const ours = await openOurs(path);
  const plain = await openPlain(await readFile(join(folder, `${name}.onnx`)), io, side.multipleOf);
  return {
    peers: { nigaoe: ours.draw, onnxruntime: plain.draw, PyTorch: torch.draw },
    close: async () => {
      torch.child.stdin?.end();
      await ours.close();
      await plain.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function startTorch(name: string, folder: string): Promise<{ draw: Drawing; child: ChildProcess }> {
  const python = process.env.PYTHON ?? '/usr/bin/python3';
  const threads = String(availableParallelism());
  const child = spawn(python, ['bench/generators.py', name, folder, threads], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('PyTorch did not answer: are python3-torch and python3-onnx installed?');
    return value;
  };
  await answer();
  const draw: Drawing = async ({ dims: [, , height, width] }) => {
    // What the others round their sides up to is what it is given.
    child.stdin.write(`${Math.ceil(height / 16) * 16} ${Math.ceil(width / 16) * 16}\n`);
    return { ms: Number(await answer()) };
  };
  return { draw, child };
}

async function measure(name: string): Promise<void> {
  const subject = await (NETWORKS.includes(name) ? openNetwork(name) : openStyle(name));
  const photo = await decodePhoto(await readFile(photoPath('scenes', 'v3_6.jpg')));
  for (const { height, width, rounds } of SIZES) {
    const picture = planesOf(await resizePhoto(photo, { height, width }));
    const times = new Map(Object.keys(subject.peers).map((peer) => [peer, [] as number[]]));
    const drawings = new Map<string, Tensor>();
    // The first round of all is not counted: memory is asked for, networks are cut.
    for (let round = 0; round <= rounds; round++)
      for (const [peer, draw] of Object.entries(subject.peers)) {
        // onnxruntime's threads spin for a while after a run, and would take the time of whoever comes next.
        await setTimeout(REST_MS);
        const { ms, drawn } = await draw(picture);
        if (round > 0) times.get(peer)!.push(ms);
        if (drawn) drawings.set(peer, drawn);
      }
    const ours = times.get('nigaoe')!;
    const [own, plain] = ['nigaoe', 'onnxruntime'].map((peer) => drawings.get(peer)!.data);
    const psnr = decibels(own, plain);
    const most = own.reduce((worst, value, at) => Math.max(worst, Math.abs(value - plain[at])), 0);
    const cells = [...times].map(([peer, ms]) => {
      const ratio = median(ms.map((each, round) => each / ours[round]));
      return `${peer} ${median(ms).toFixed(0)} ms${peer === 'nigaoe' ? '' : ` (${ratio.toFixed(2)} x)`}`;
    });
    console.log(
      `${name.padEnd(16)} ${`${width} x ${height}`.padEnd(12)} ${cells.join('   ')}   ${psnr.toFixed(1)} dB, at most ${most.toExponential(1)}`,
    );
  }
  await subject.close();
}

const names = process.argv.slice(2);
console.log(
  `${availableParallelism()} threads; medians in turn; dB and largest difference (of 2) of nigaoe's drawing to onnxruntime's whole one`,
);
for (const name of names.length > 0 ? names : [...STYLES, ...NETWORKS]) await measure(name);
