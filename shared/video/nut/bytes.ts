// The numbers of NUT, FFmpeg's container of frames with exact times, and its packets (https://ffmpeg.org/~michael/nut.txt).

/** What a file begins with. */
export const NUT_SIGNATURE = Buffer.from('nut/multimedia container\0', 'latin1');
/** What packets begin with; the first byte of each is `N`, which no frame begins with. */
export const STARTCODES = {
  main: '4e4d7a561f5f04ad',
  stream: '4e5311405bf2f9db',
  syncpoint: '4e4be4adeeca4569',
} as const;
export const PACKET_BYTE = 0x4e;
/** Bits of a frame's flags; absent bits are of no use for single streams of raw frames. */
export const FLAG = {
  key: 1,
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  headerIndex: 1024,
  matchTime: 2048,
  coded: 4096,
  invalid: 8192,
} as const;
/** Longer packets have a checksum over their beginning. */
export const SHORT_PACKET = 4096;

/** An unsigned number in groups of 7 bits, the highest first; up to 2^53. */
export function varlen(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift(128 + (rest % 128));
  return bytes;
}

/** A packet whose payload is shorter than 4096 bytes. */
export function packet(startcode: string, payload: readonly number[]): Buffer {
  const body = Buffer.from(payload);
  const start = Buffer.from(startcode, 'hex');
  return Buffer.concat([start, Buffer.from(varlen(body.length + 4)), body, checksum(body)]);
}

/** CRC-32 with the polynomial 0x04C11DB7, the highest bit first, from 0. */
export function checksum(bytes: Uint8Array): Buffer {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  const out = Buffer.alloc(4);
  out.writeInt32BE(crc);
  return out;
}
