// What the forms in the editor ask of an engine, as admin routes behind Node-RED's own permissions.

import type { NodeAPI } from 'node-red';
import { NigaoeError } from '../../shared/errors.js';
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
  body?: unknown;
}
interface Reply {
  status(code: number): Reply;
  json(body: unknown): unknown;
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
  admin.post(
    '/nigaoe-engine/test',
    write,
    answer(async ({ body }) => {
      const request = (body ?? {}) as TrialRequest;
      const token = tokenFor(RED, request);
      return tryEngine(chooseEngine({ ...request, token }, places));
    }),
  );
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

/** Answers with what the work gives. A failure is never 401, which the editor would take for its own log-in. */
function answer(work: (asked: Asked) => Promise<unknown>): (asked: Asked, reply: Reply) => void {
  return (asked, reply) => {
    Promise.resolve()
      .then(() => work(asked))
      .then((body) => reply.json(body))
      .catch((error: unknown) => {
        const failure = failureFrom(error);
        reply.status(failure.code === 'not-found' ? 404 : 502).json({ error: failure });
      });
  };
}
