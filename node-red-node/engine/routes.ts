// What the forms in the editor ask of an engine, as admin routes behind Node-RED's own permissions.

import type { NodeAPI } from 'node-red';
import { expected, type FailureCode, NigaoeError } from '../../shared/errors.js';
import { chooseEngine, type EngineProperties } from './choice.js';
import { type EngineNode, engineOf } from './engine.js';
import { failureFrom } from './failure.js';
import type { CorePlaces } from './own.js';
import { tryEngine } from './trial.js';

/** What a form sends to `test`: its fields as they are, deployed or not. */
interface TrialRequest extends EngineProperties {
  id?: string;
}

/** The engine node with what the routes need of it. */
export interface DeployedEngine extends EngineNode {
  credentials: { token?: string };
  /** The address that its token is for. */
  url: string | undefined;
}

interface Asked {
  params: Record<string, string>;
  headers: { 'content-type'?: string | undefined };
  body?: unknown;
}
interface Reply {
  status(code: number): Reply;
  json(body: unknown): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** What the editor shows in place of a password that it does not know. */
const HIDDEN = '__PWRD__';

/** Declares the routes; once per load of the node's file. */
export function serveRoutes(RED: NodeAPI, places: CorePlaces): void {
  const { httpAdmin: admin } = RED;
  const read = RED.auth.needsPermission('nigaoe-engine.read');
  const write = RED.auth.needsPermission('nigaoe-engine.write');
  const of = (asked: Asked): EngineNode => deployed(RED, asked.params.id);
  admin.get(
    '/nigaoe-engine/:id/styles',
    read,
    answer((asked) => of(asked).lists.styles()),
  );
  admin.get(
    '/nigaoe-engine/:id/options',
    read,
    answer((asked) => of(asked).lists.options()),
  );
  admin.get(
    '/nigaoe-engine/:id/health',
    read,
    answer(async (asked) => of(asked).engine.news),
  );
  admin.post('/nigaoe-engine/test', write, answer(trialsOf(RED, places)));
}

/** One at a time: each may start a process. */
function trialsOf(RED: NodeAPI, places: CorePlaces): Work {
  let busy = false;
  return async (asked, signal) => {
    const request = resolved(RED, checkTrial(asked));
    if (busy) throw new NigaoeError('busy', 'Expected one test at a time but another one is still running');
    busy = true;
    try {
      const token = tokenFor(RED, request);
      return await tryEngine(chooseEngine({ ...request, token }, places), signal);
    } finally {
      busy = false;
    }
  };
}

/**
 * What the form has sent. Where Node-RED asks for no log-in, any web page can have a browser send a POST without a body
 * or with one of a few types, but not JSON.
 */
function checkTrial({ headers, body }: Asked): TrialRequest {
  const type = headers['content-type'];
  if (!/^application\/json\b/i.test(type ?? '')) throw expected('JSON', 'the body', type);
  const { mode } = (body ?? {}) as TrialRequest;
  if (mode !== 'own' && mode !== 'remote') throw expected('own or remote', 'mode', mode);
  return body as TrialRequest;
}

/** With the values of environment variables, as a deploy puts them in: for a whole `${NAME}` and where there is one. */
function resolved(RED: NodeAPI, request: TrialRequest): TrialRequest {
  const node = RED.nodes.getNode(request.id ?? '');
  const resolve = (given: unknown): unknown => {
    if (typeof given !== 'string' || !/^\$\{[^}]+\}$/.test(given)) return given;
    const value: unknown = RED.util.evaluateNodeProperty(given, 'env', node, {});
    return value === '' ? given : value;
  };
  return Object.fromEntries(Object.entries(request).map(([name, given]) => [name, resolve(given)]));
}

function deployed(RED: NodeAPI, id: string): EngineNode {
  try {
    return engineOf(RED, id);
  } catch {
    const hint = 'Deploy once, so that the engine runs.';
    throw new NigaoeError('not-found', 'Expected an engine that is deployed but this one is not', { hint });
  }
}

/**
 * The token of the form, or where the form only knows that there is one, that of the deployed engine. That one is sent
 * to the address which it was entered for and to no other: a form must not be a way to read it.
 */
function tokenFor(RED: NodeAPI, { id = '', url, token }: TrialRequest): string | undefined {
  if (token !== HIDDEN) return token;
  const node = RED.nodes.getNode(id) as DeployedEngine | null | undefined;
  return originOf(node?.url) === originOf(url) ? node?.credentials.token : undefined;
}

const originOf = (url: string | undefined): string | undefined =>
  url !== undefined && URL.canParse(url.trim()) ? new URL(url.trim()).origin : undefined;

type Work = (asked: Asked, signal: AbortSignal) => Promise<unknown>;

/** Answers with what the work gives; the signal is raised when nobody waits for that any more. */
function answer(work: Work): (asked: Asked, reply: Reply) => void {
  return (asked, reply) => {
    const gone = new AbortController();
    reply.once('close', () => gone.abort());
    Promise.resolve()
      .then(() => work(asked, gone.signal))
      .then((body) => reply.json(body))
      .catch((error: unknown) => {
        const failure = failureFrom(error);
        reply.status(STATUS[failure.code] ?? 502).json({ error: failure });
      });
  };
}
/** Never 401, which the editor would take for its own log-in. */
const STATUS: Partial<Record<FailureCode, number>> = { options: 400, 'not-found': 404, busy: 429 };
