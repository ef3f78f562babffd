// What the publish nodes of this process hold and leave behind at brokers: topics in use, and retained messages.

import { setTimeout as sleep } from 'node:timers/promises';
import { NigaoeError } from '../../../shared/errors.js';
import type { Broker } from './broker.js';
import { Link } from './link.js';
import { retainedIn, type Topics } from './topics.js';

interface Estate {
  broker: Broker;
  topics: Topics;
}

/** Topics in use -> the node that uses them. */
const holders = new Map<string, string>();
/** Node -> what it left when it closed for a new deployment. */
const left = new Map<string, Estate>();
/** Nodes whose topics another one holds -> what they do when topics are given back. */
const waiting = new Map<string, () => void>();
/** After this time all nodes of a deployment hold their topics. */
const SETTLED_MS = 500;

/** Takes topics for a node. Returns the conflict where another node has them: their pictures would take turns. */
export function holdTopics(nodeId: string, { broker, topics }: Estate): NigaoeError | undefined {
  const keys = keysOf({ broker, topics });
  if (keys.some((key) => (holders.get(key) ?? nodeId) !== nodeId)) return conflictOver(topics.image);
  for (const key of keys) holders.set(key, nodeId);
  return undefined;
}

const conflictOver = (topic: string): NigaoeError =>
  new NigaoeError('conflict', `Expected a name of its own but another node publishes to "${topic}"`, {
    hint: 'Give this node another topic name.',
  });

/** Gives the topics back; `removed`: nothing lies at the broker any more. */
export function releaseTopics(nodeId: string, estate: Estate, removed: boolean): void {
  for (const key of keysOf(estate)) if (holders.get(key) === nodeId) holders.delete(key);
  if (removed) left.delete(nodeId);
  else left.set(nodeId, estate);
  // Not at once: a node that was only changed takes its topics again.
  if (waiting.size > 0) setTimeout(wakeWaiting, SETTLED_MS).unref();
}

/** Calls `retry` each time that topics were given back, until `stopWaiting`. */
export function waitForTopics(nodeId: string, retry: () => void): void {
  waiting.set(nodeId, retry);
}

export function stopWaiting(nodeId: string): void {
  waiting.delete(nodeId);
}

function wakeWaiting(): void {
  for (const retry of [...waiting.values()]) retry();
}

/** Clears what the node left under topics that it no longer uses: it was renamed, or publishes elsewhere now. */
export async function clearLeft(nodeId: string): Promise<void> {
  const before = left.get(nodeId);
  left.delete(nodeId);
  if (before === undefined) return;
  await sleep(SETTLED_MS, undefined, { ref: false });
  const stale = retainedIn(before.topics).filter((topic) => !holders.has(keyOf(before.broker, topic)));
  if (stale.length > 0) await clearTopics(before.broker, stale);
}

/** One attempt: a broker that is away keeps what it has. */
async function clearTopics(broker: Broker, topics: string[]): Promise<void> {
  const will = { topic: topics[0], payload: '' };
  await new Promise<void>((resolve) => {
    const end = () => void link.close(topics.map((topic) => ({ topic, payload: '' }))).then(resolve);
    const link = new Link({
      broker,
      will,
      reconnectMs: 60_000,
      onUp: end,
      onDown: end,
      onMessage: () => undefined,
    });
  });
}

const keysOf = ({ broker, topics }: Estate): string[] =>
  retainedIn(topics).map((topic) => keyOf(broker, topic));
const keyOf = (broker: Broker, topic: string): string => `${broker.url} ${topic}`;
