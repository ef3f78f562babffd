// What int8 comes to: each style in several forms against its float32 network, as near and as fast, all in turn in one run.
// Run: npm run bench:quantize -- FOLDER [rounds] [style...] (the folder has the pictures to calibrate on; some are held back)

import { availableParallelism } from 'node:os';
import { readCalibration } from '../shared/cli/models/quantize/pictures.js';
import { CATALOGUE, findEntry } from '../shared/models/catalogue.js';
import type { GanEntry } from '../shared/models/entry.js';
import { findInt8Instructions } from '../shared/models/int8-instructions.js';
import { type Node, readOnnx, writeOnnx } from '../shared/models/onnx/file.js';
import { drawWith, psnrDb, squaredError } from '../shared/models/quantize/judge.js';
import { type Pictures, type QuantizeOptions, quantizeNetwork } from '../shared/models/quantize/quantize.js';
import type { ByteType, Form } from '../shared/models/quantize/steps.js';
import { readModelFile } from '../shared/models/read-model-file.js';
import { openSession, type Session } from '../shared/models/session.js';
import { openStore } from '../shared/models/store/store.js';
import type { Tensor } from '../shared/tensor.js';
import { median } from './photos.js';

const [folder, rounds = '11', ...styles] = process.argv.slice(2);
const PICTURES = 12;
const SIDE_PX = 512;

const formOf = (maps: ByteType, type: ByteType, bits: 7 | 8, perChannel = true): Form => ({
  maps,
  weights: { type, bits, perChannel },
});
const USUAL = formOf('uint8', 'int8', 7);
/** Kernels of several pixels, without those that only mix channels. */
const wide = (all: readonly Node[]): readonly Node[] =>
  all
    .slice(1, -1)
    .filter(({ attribute }) => attribute.some(({ name, ints }) => name === 'kernel_shape' && ints![0] > 1));

type Variant = Pick<QuantizeOptions, 'form' | 'ranges' | 'candidates'>;
const VARIANTS: Readonly<Record<string, Variant>> = {
  'u8 x s8, 7 bits, mse': { form: USUAL, ranges: 'mse' },
  'ranges minmax': { form: USUAL, ranges: 'minmax' },
  'ranges p99.99': { form: USUAL, ranges: 'p99.99' },
  'ranges p99.9': { form: USUAL, ranges: 'p99.9' },
  '8 bits': { form: formOf('uint8', 'int8', 8), ranges: 'mse' },
  'one scale for all channels': { form: formOf('uint8', 'int8', 7, false), ranges: 'mse' },
  's8 x s8, 8 bits': { form: formOf('int8', 'int8', 8), ranges: 'mse' },
  'u8 x u8, 8 bits': { form: formOf('uint8', 'uint8', 8), ranges: 'mse' },
  'only kernels of several pixels': { form: USUAL, ranges: 'mse', candidates: wide },
  'first and last as well': { form: USUAL, ranges: 'mse', candidates: (all) => all },
};

interface Peer {
  name: string;
  session: Session;
  layers: string;
}

async function peersOf(entry: GanEntry, file: Uint8Array, pictures: Pictures): Promise<Peer[]> {
  const { id: name, side, io } = entry;
  const open = (bytes: Uint8Array) =>
    openSession(bytes, { name, device: 'cpu', sidesMultipleOf: side.multipleOf });
  const peers: Peer[] = [
    { name: 'float32', session: await open(file), layers: '' },
    { name: 'float32, not rewritten', session: await openSession(file, { name, device: 'cpu' }), layers: '' },
  ];
  // One of each is enough here: all are measured below, in turn.
  const few = { ...pictures, measured: pictures.measured.slice(0, 1) };
  for (const [variant, wishes] of Object.entries(VARIANTS)) {
    const options = {
      name,
      pictures: few,
      range: io.range,
      multipleOf: side.multipleOf,
      leastDb: 10,
      rounds: 1,
      ...wishes,
    };
    const { model, layers, allLayers } = await quantizeNetwork(readOnnx(file, name), options);
    const session = await open(writeOnnx(model));
    peers.push({ name: variant, session, layers: `${layers} of ${allLayers}` });
  }
  return peers;
}

/** What one drawing takes. */
interface Effort {
  wallMs: number;
  /** Of all threads together: other work on the machine adds less to it. */
  processorMs: number;
}

async function drawing(session: Session, picture: Tensor): Promise<Effort & { drawn: Tensor }> {
  const [startMs, start] = [performance.now(), process.cpuUsage()];
  const drawn = await drawWith(session, picture);
  const wallMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(start);
  return { drawn, wallMs, processorMs: (user + system) / 1000 };
}

async function measure(entry: GanEntry, pictures: Pictures): Promise<void> {
  const store = openStore();
  const file = await readModelFile(await store.ensure(entry, { acceptLicence: true }));
  const peers = await peersOf(entry, file, pictures);
  const efforts = new Map(peers.map((peer) => [peer, [] as Effort[]]));
  const errors = new Map(peers.map((peer) => [peer, [] as number[]]));
  for (let round = 0; round < Number(rounds); round++) {
    const picture = pictures.measured[round % pictures.measured.length];
    const right = await drawWith(peers[0].session, picture);
    for (const peer of peers) {
      const { drawn, ...effort } = await drawing(peer.session, picture);
      efforts.get(peer)!.push(effort);
      errors.get(peer)!.push(squaredError(right, drawn, entry.io.range));
    }
  }
  const base = efforts.get(peers[0])!;
  for (const peer of peers) {
    const db = peer.layers === '' ? '' : `${psnrDb(errors.get(peer)!).toFixed(1)} dB`;
    const columns = (['wallMs', 'processorMs'] as const).map((kind) => speed(base, efforts.get(peer)!, kind));
    const [name, layers] = [peer.name.padEnd(31), peer.layers.padStart(8)];
    console.log(`${entry.id.padEnd(10)} ${name} ${layers} ${db.padStart(8)} ${columns.join('')}`);
    await peer.session.close();
  }
}

/** The middle of the times, and of how many times as fast as the first one it was in the same round. */
function speed(base: readonly Effort[], own: readonly Effort[], kind: keyof Effort): string {
  const ms = median(own.map((effort) => effort[kind]));
  const ratio = median(base.map((effort, round) => effort[kind] / own[round][kind]));
  return `${ms.toFixed(0).padStart(7)} ms ${ratio.toFixed(2)} x`;
}

if (folder === undefined) throw new Error('Name a folder with pictures: npm run bench:quantize -- FOLDER');
const { name } = await findInt8Instructions();
console.log(
  `${availableParallelism()} threads, ${name}; ${SIDE_PX} px, median of ${rounds} rounds in turn; wall and processor time, and how many times as fast as float32`,
);
for (const id of styles.length > 0 ? styles : ['tiny-cute', 'hayao']) {
  const entry = findEntry(id, CATALOGUE, 'style') as GanEntry;
  const { io, side } = entry;
  const signal = new AbortController().signal;
  const wishes = { pictures: PICTURES, sizePx: SIDE_PX, io, side, signal, onNotice: console.log };
  await measure(entry, await readCalibration(folder, wishes));
}
