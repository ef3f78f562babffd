// A bridge for the plugin's tests on a free port, small enough to be slow, broken or outdated on demand.

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import type { JobStatus, StyleInfo } from '../../shared/bridge/protocol.js';
import { BRIDGE_OPTIONS } from '../../shared/options.js';

export interface StandIn {
  port: number;
  /** The code that pairs. */
  code: string;
  /** A token that the bridge knows. */
  token: string;
  /** Jobs that were ordered, with the options of their query. */
  jobs: { id: string; options: Record<string, string>; state: string }[];
  /** How long a job takes. */
  drawMs: number;
  apiVersion: number;
  /** What every order is refused with. */
  refusal?: { code: string; message: string };
  styles: StyleInfo[];
  /** Squares are drawn instead of pictures. */
  square: boolean;
  close(): Promise<void>;
}

type Job = StandIn['jobs'][number] & { result?: Buffer; size?: { width: number; height: number } };

export async function openStandIn(): Promise<StandIn> {
  const token = randomBytes(16).toString('hex');
  const jobs: Job[] = [];
  const bridge = {
    code: '123456',
    token,
    jobs,
    drawMs: 0,
    apiVersion: 1,
    square: false,
    styles: [...STYLES],
  } as unknown as StandIn;
  const server = createServer((request, response) => {
    answer(bridge, jobs, request, response).catch(() => send(response, 500, failure('internal', 'broken')));
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  bridge.port = (server.address() as AddressInfo).port;
  bridge.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return bridge;
}

async function answer(
  bridge: StandIn,
  jobs: Job[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', headers } = request;
  const url = new URL(request.url ?? '/', 'http://localhost');
  response.setHeader('access-control-allow-origin', 'null');
  if (method === 'OPTIONS') {
    response.setHeader('access-control-allow-methods', 'GET, POST, DELETE, OPTIONS');
    response.setHeader('access-control-allow-headers', 'authorization, content-type, idempotency-key');
    return send(response, 204, undefined);
  }
  const { apiVersion } = bridge;
  if (url.pathname === '/health')
    return send(response, 200, { name: 'nigaoe', version: '0.1.0', apiVersion });
  if (url.pathname === '/pair') return pairWith(bridge, request, response);
  if (headers.authorization !== `Bearer ${bridge.token}`)
    return send(response, 401, failure('unauthorised', 'Expected a token that the bridge knows'));
  await answerKnown(bridge, { jobs, url, method }, request, response);
}

async function pairWith(bridge: StandIn, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { code } = JSON.parse((await bodyOf(request)).toString()) as { code: string };
  if (code !== bridge.code)
    return send(response, 403, failure('forbidden', 'Expected the code that the bridge shows'));
  send(response, 200, { token: bridge.token, id: 'one' });
}

async function answerKnown(
  bridge: StandIn,
  { jobs, url, method }: { jobs: Job[]; url: URL; method: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (url.pathname === '/v1/styles') return send(response, 200, bridge.styles);
  if (url.pathname === '/v1/options') return send(response, 200, OPTION_LIST);
  if (url.pathname === '/v1/jobs' && method === 'POST') {
    if (bridge.refusal !== undefined) return send(response, 400, bridge.refusal);
    const job: Job = {
      id: randomBytes(16).toString('hex'),
      options: Object.fromEntries(url.searchParams),
      state: 'running',
    };
    jobs.push(job);
    void drawJob(bridge, job, await bodyOf(request));
    return send(response, 202, statusOf(job));
  }
  const [, id, what] = /^\/v1\/jobs\/(\w+)(\/result)?$/.exec(url.pathname) ?? [];
  const job = jobs.find((one) => one.id === id);
  if (job === undefined) return send(response, 404, failure('not-found', 'Expected a known address'));
  if (method === 'DELETE' && job.state === 'running') job.state = 'cancelled';
  if (what === undefined) return send(response, 200, statusOf(job));
  response.end(job.result);
}

async function drawJob(bridge: StandIn, job: Job, bytes: Buffer): Promise<void> {
  const upright = sharp(bytes).rotate().negate();
  const drawn = bridge.square ? upright.resize(64, 64, { fit: 'cover' }) : upright;
  const { data, info } = await drawn.png().toBuffer({ resolveWithObject: true });
  await new Promise((resolve) => setTimeout(resolve, bridge.drawMs));
  if (job.state === 'running') Object.assign(job, { result: data, size: info, state: 'done' });
}

function statusOf({ id, state, size }: Job): JobStatus {
  const picture = {
    format: 'png',
    type: 'image/png',
    bytes: 1,
    width: size?.width ?? 0,
    height: size?.height ?? 0,
  };
  return {
    id,
    state: state as JobStatus['state'],
    createdAt: new Date(0).toISOString(),
    ...(state === 'running' ? { progress: { stage: 'generate', done: 1, total: 2, fraction: 0.5 } } : {}),
    ...(state === 'done'
      ? { result: { pictures: [picture], faces: [], model: 'ink', scope: 'photo', timings: {}, notices: [] } }
      : {}),
  };
}

const failure = (code: string, message: string): object => ({ code, message });
const LICENCE = { name: 'MIT', commercial: true, notice: '' };
const STYLES: StyleInfo[] = [
  {
    id: 'ink',
    title: 'Ink',
    kind: 'procedural',
    scope: 'photo',
    licence: LICENCE,
    state: 'ready',
    yours: false,
  },
  {
    id: 'paprika',
    title: 'AnimeGANv2 Paprika',
    kind: 'gan',
    scope: 'photo',
    licence: LICENCE,
    state: 'absent',
    yours: false,
  },
];
const OPTION_LIST = Object.entries(BRIDGE_OPTIONS).map(([name, spec]) => ({ name, ...spec }));

function send(response: ServerResponse, status: number, body: object | undefined): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
