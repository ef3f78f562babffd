// A NUT stream of one raw video, as ffmpeg writes it into a pipe -> frames with their times.

import type { Ratio, RawFormat, RawFrame } from '../footage.js';
import { FLAG, NUT_SIGNATURE, PACKET_BYTE, SHORT_PACKET, STARTCODES } from './bytes.js';
import { ByteSource } from './source.js';

/** What the first byte of a frame says of it. */
interface FrameCode {
  flags: number;
  ptsDelta: number;
  sizeFactor: number;
  size: number;
}

/** What the headers say. */
interface Headers {
  format: RawFormat;
  codes: readonly FrameCode[];
  ptsShift: number;
}

/** Reads the headers, then hands out the frames; undefined for a stream without any byte. */
export async function readNut(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ format: RawFormat; frames: AsyncGenerator<RawFrame> } | undefined> {
  const source = new ByteSource(stream);
  if (await source.ended()) return undefined;
  const signature = await source.bytes(NUT_SIGNATURE.length);
  if (Buffer.compare(signature, NUT_SIGNATURE) !== 0) throw new Error('internal: ffmpeg did not write NUT');
  const main = await readMain(await headerPacket(source, STARTCODES.main));
  const stream0 = await readStream(await headerPacket(source, STARTCODES.stream), main.timeBase);
  return { format: stream0.format, frames: framesOf(source, { ...main, ...stream0 }) };
}

async function* framesOf(source: ByteSource, headers: Headers): AsyncGenerator<RawFrame> {
  let lastPts = 0;
  while (!(await source.ended())) {
    const code = await source.byte();
    if (code === PACKET_BYTE) {
      const { startcode, payload } = await readPacket(source, [code]);
      // There is one time base, so the time of all streams is its number.
      if (startcode === STARTCODES.syncpoint) lastPts = await payload.varlen();
      continue;
    }
    const { pts, size } = await frameHeader(source, headers, headers.codes[code], lastPts);
    lastPts = pts;
    yield { pts, data: await source.bytes(size) };
  }
}

async function frameHeader(
  source: ByteSource,
  { ptsShift }: Headers,
  code: FrameCode,
  lastPts: number,
): Promise<{ pts: number; size: number }> {
  let { flags } = code;
  if (flags & FLAG.invalid) throw new Error('internal: ffmpeg wrote a frame that NUT does not know');
  if (flags & FLAG.coded) flags ^= await source.varlen();
  if (flags & FLAG.streamId) await source.varlen();
  const pts =
    flags & FLAG.codedPts ? fullPts(await source.varlen(), ptsShift, lastPts) : lastPts + code.ptsDelta;
  const high = flags & FLAG.sizeMsb ? await source.varlen() : 0;
  if (flags & FLAG.matchTime) await source.varlen();
  if (flags & FLAG.headerIndex) await source.varlen();
  if (flags & FLAG.reserved) for (let left = await source.varlen(); left > 0; left--) await source.varlen();
  if (flags & FLAG.checksum) await source.bytes(4);
  return { pts, size: code.size + code.sizeFactor * high };
}

/** A coded time is a whole one, or the last bits of one near the last time. */
function fullPts(coded: number, shift: number, lastPts: number): number {
  const range = 2 ** shift;
  if (coded >= range) return coded - range;
  const lowest = lastPts - Math.floor((range - 1) / 2);
  return lowest + ((((coded - lowest) % range) + range) % range);
}

async function headerPacket(source: ByteSource, wanted: string): Promise<ByteSource> {
  for (;;) {
    const { startcode, payload } = await readPacket(source, []);
    if (startcode === wanted) return payload;
  }
}

async function readPacket(
  source: ByteSource,
  begun: readonly number[],
): Promise<{ startcode: string; payload: ByteSource }> {
  const start = [...begun, ...(await source.bytes(8 - begun.length))];
  const size = await source.varlen();
  if (size > SHORT_PACKET) await source.bytes(4);
  const payload = await source.bytes(size);
  return { startcode: Buffer.from(start).toString('hex'), payload: new ByteSource(once(payload)) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function readMain(header: ByteSource): Promise<{ timeBase: Ratio; codes: FrameCode[] }> {
  const version = await header.varlen();
  if (version > 3) await header.varlen();
  await header.varlen(); // streams
  await header.varlen(); // longest distance of syncpoints
  await header.varlen(); // time bases: one, as there is one stream
  const timeBase = { num: await header.varlen(), den: await header.varlen() };
  const codes: FrameCode[] = [];
  let run: FrameCode & { count: number } = { flags: 0, ptsDelta: 0, sizeFactor: 1, size: 0, count: 0 };
  while (codes.length < 256) {
    run = await readRun(header, run);
    const last = run.size + run.count;
    for (let { size } = run; size < last && codes.length < 256; size++) {
      // The first byte of packets is no frame's, and is not counted.
      if (codes.length === PACKET_BYTE) codes.push({ ...run, flags: FLAG.invalid });
      codes.push({ ...run, size });
    }
  }
  return { timeBase, codes };
}

/** One entry of the table of frame codes; what it leaves out is as in the entry before. */
async function readRun(header: ByteSource, before: FrameCode): Promise<FrameCode & { count: number }> {
  const flags = await header.varlen();
  const fields: number[] = [];
  for (let left = await header.varlen(); left > 0; left--) fields.push(await header.varlen());
  const [pts, sizeFactor = before.sizeFactor, , size = 0, , count = sizeFactor - size] = fields;
  const ptsDelta = pts === undefined ? before.ptsDelta : signed(pts);
  return { flags, ptsDelta, sizeFactor, size, count };
}

/** 0, 1, -1, 2, -2, ... */
const signed = (coded: number): number => ((coded + 1) % 2 === 0 ? (coded + 1) / 2 : -coded / 2);

async function readStream(
  header: ByteSource,
  timeBase: Ratio,
): Promise<{ format: RawFormat; ptsShift: number }> {
  await header.varlen(); // number of the stream
  await header.varlen(); // class: video
  const fourcc = Buffer.from(await header.bytes(await header.varlen())).toString('latin1');
  await header.varlen(); // number of the time base
  const ptsShift = await header.varlen();
  await header.varlen(); // longest distance of times
  await header.varlen(); // decode delay
  await header.varlen(); // flags
  await header.bytes(await header.varlen()); // data of the codec
  const [width, height, num, den] = [
    await header.varlen(),
    await header.varlen(),
    await header.varlen(),
    await header.varlen(),
  ];
  const aspect = num > 0 && den > 0 ? { num, den } : { num: 1, den: 1 };
  return { format: { width, height, channels: fourcc === 'RGBA' ? 4 : 3, aspect, timeBase }, ptsShift };
}
