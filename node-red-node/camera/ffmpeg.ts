// One frame of a live stream through ffmpeg, which runs as a child process and never through a shell.

import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { codeOf, type FailureCode, NigaoeError, throwIfCancelled } from '../../shared/errors.js';
import { readAll } from './body.js';
import { endChild, startChild } from './child.js';
import { shownAddress } from './sentences.js';
import type { Received } from './whole.js';

export interface FrameCall {
  /** With user and password in it: ffmpeg takes them no other way. */
  url: URL;
  /** The program: a name on the path, or a file. */
  ffmpeg: string;
  mostBytes: number;
  /** Ends the child at once. */
  signal: AbortSignal;
}

/** A JPEG, not yet checked; throws NigaoeError with ffmpeg's reason. */
export async function fetchFrame(call: FrameCall): Promise<Received> {
  throwIfCancelled(call.signal);
  const child = startChild(call.ffmpeg, ffmpegArguments(call.url));
  const stop = (): void => endChild(child);
  call.signal.addEventListener('abort', stop, { once: true });
  const from = shownAddress(call.url);
  const said = lastWords(child.stderr);
  const exited = once(child, 'exit').catch(notStarted(call));
  // Who waits for the bytes first must not leave this rejection to nobody.
  exited.catch(() => {});
  try {
    const bytes = await readAll(child.stdout, { mostBytes: call.mostBytes, from });
    await exited;
    if (bytes.length === 0) throw failed(from, await said);
    return { bytes, contentType: 'image/jpeg', from };
  } finally {
    call.signal.removeEventListener('abort', stop);
    stop();
    await exited.catch(() => {});
  }
}

/** The command line: one key frame as a JPEG of high quality on stdout. */
export function ffmpegArguments(url: URL): string[] {
  const isRtsp = url.protocol.startsWith('rtsp');
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error'],
    // An address leads to the network and nowhere else: no files, no other inputs of ffmpeg.
    ...['-protocol_whitelist', 'rtsp,rtsps,rtp,srtp,udp,tcp,tls,http,https,crypto'],
    // UDP loses packets of large key frames, and then a grey picture comes out.
    ...(isRtsp ? ['-rtsp_transport', 'tcp'] : []),
    // A stream that is joined between two key frames shows smears until the next.
    ...['-skip_frame', 'nokey', '-i', url.href],
    ...['-map', '0:v:0', '-frames:v', '1', '-c:v', 'mjpeg', '-q:v', '2', '-pix_fmt', 'yuvj420p'],
    ...['-f', 'image2pipe', 'pipe:1'],
  ];
}

function notStarted({ ffmpeg, url }: FrameCall): (error: unknown) => never {
  return (error) => {
    const missing = codeOf(error) === 'ENOENT';
    const reason = missing ? 'there is none' : `it does not start (${codeOf(error) ?? 'unknown reason'})`;
    throw new NigaoeError(
      'not-found',
      `Expected the program ${ffmpeg} for pictures from ${shownAddress(url)} but ${reason}`,
      { hint: 'Install ffmpeg (for example: apt install ffmpeg), or enter its full path in the node' },
    );
  };
}

/** The end of what the child complains about; known once nobody can add to it. */
function lastWords(stderr: Readable): Promise<string> {
  let said = '';
  stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-MOST_KEPT);
  });
  return new Promise((resolve) => stderr.once('close', () => resolve(said)));
}
const MOST_KEPT = 4000;

const COMPLAINTS: readonly { words: RegExp; code: FailureCode; reason: string; hint?: string }[] = [
  {
    words: /\b401\b|unauthorized|authorization failed/i,
    code: 'unauthorised',
    reason: 'it refuses user or password',
    hint: 'Check both in the node',
  },
  { words: /\b403\b|forbidden/i, code: 'forbidden', reason: 'this user may not see it' },
  {
    words: /\b404\b|not found|\b454\b/i,
    code: 'not-found',
    reason: 'there is no stream at this address',
    hint: "Look up the stream's address in the camera's manual",
  },
  { words: /connection refused/i, code: 'unreachable', reason: 'nothing answers there' },
  { words: /timed out/i, code: 'unreachable', reason: 'it does not answer' },
  { words: /no route|unreachable/i, code: 'unreachable', reason: 'there is no way to it' },
  { words: /resolve|name or service|unknown host/i, code: 'unreachable', reason: 'nobody knows this name' },
];

function failed(from: string, said: string): NigaoeError {
  const known = COMPLAINTS.find(({ words }) => words.test(said));
  const last = said.trim().split('\n').at(-1) ?? '';
  const reason = known?.reason ?? (last === '' ? 'ffmpeg found no frame' : `ffmpeg says: ${last}`);
  return new NigaoeError(known?.code ?? 'photo-unreadable', `Expected a picture from ${from} but ${reason}`, {
    hint: known?.hint,
  });
}
