// What front ends ask before they draw: styles, options, devices.

import type { FastifyInstance } from 'fastify';
import { isStyle, type StyleEntry } from '../../models/entry.js';
import { allEntries, isOwn } from '../../models/store/installed.js';
import type { ModelStore } from '../../models/store/store.js';
import type { BridgeContext } from '../context.js';
import { isReady } from '../orders/models.js';
import type { StyleInfo } from '../protocol.js';
import { answersJson } from '../schemas/documents.js';
import { optionInfos } from '../schemas/options.js';
import { listOf, ref, type Schema } from '../schemas/schema.js';
import { patiently } from './wait.js';

/** Adds the routes to a scope whose requests are authorised. */
export async function factRoutes(scope: FastifyInstance, context: BridgeContext): Promise<void> {
  const { store, limits, devices } = context;
  const options = optionInfos(limits.megapixels);
  scope.get('/v1/styles', { schema: lists(ref('Style'), 'The styles') }, () => listStyles(store));
  scope.get('/v1/options', { schema: lists(ref('Option'), 'The options of a job') }, async () => options);
  scope.get('/v1/devices', { schema: lists(ref('Device'), 'The devices, tried') }, (request) =>
    patiently(request, context, devices),
  );
}

const lists = (items: Schema, summary: string) =>
  answersJson(listOf(items), { summary, tag: 'facts', answers: 'All of them.' });

async function listStyles(store: ModelStore): Promise<StyleInfo[]> {
  const entries = (await allEntries(store)).filter(isStyle);
  return Promise.all(entries.map((entry) => infoOf(store, entry)));
}

async function infoOf(store: ModelStore, entry: StyleEntry): Promise<StyleInfo> {
  const { id, title, kind, scope, licence } = entry;
  const state = (await isReady(store, entry)) ? 'ready' : 'absent';
  return { id, title, kind, scope, licence, state, yours: isOwn(entry) };
}
