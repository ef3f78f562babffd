// One frame of a live stream through ffmpeg, which runs as a child process and never through a shell.

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { codeOf, type FailureCode, NigaoeError, throwIfCancelled } from '../../shared/errors.js';
import { readAll } from './body.js';
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

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** A JPEG, not yet checked; throws NigaoeError with ffmpeg's reason. */
export async function fetchFrame(call: FrameCall): Promise<Received> {
  throwIfCancelled(call.signal);
  const child = start(call);
  const from = shownAddress(call.url);
  const ended = once(child, 'close').catch(notStarted(call));
  // Who waits for the bytes first must not leave this rejection to nobody.
  ended.catch(() => {});
  const said = lastWords(child.stderr);
  try {
    const bytes = await readAll(child.stdout, { mostBytes: call.mostBytes, from });
    await ended;
    throwIfCancelled(call.signal);
    if (bytes.length === 0) throw failed(from, said());
    return { bytes, contentType: 'image/jpeg', from };
  } finally {
    child.kill('SIGKILL');
    await ended.catch(() => {});
  }
}

function start({ url, ffmpeg, signal }: FrameCall): Child {
  const child = spawn(ffmpeg, ffmpegArguments(url), {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: false,
    windowsHide: true,
  });
  signal.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  return child;
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

/** The end of what the child complains about. */
function lastWords(stderr: Readable): () => string {
  let said = '';
  stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-MOST_KEPT);
  });
  return () => said;
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
