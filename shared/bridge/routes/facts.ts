// What front ends ask before they draw: styles, options, devices.

import type { FastifyInstance } from 'fastify';
import { isStyle } from '../../models/entry.js';
import { allEntries } from '../../models/store/installed.js';
import type { BridgeContext } from '../context.js';
import { infoOf } from '../orders/models.js';
import type { DeviceInfo, StyleInfo } from '../protocol.js';
import { answersJson } from '../schemas/documents.js';
import { optionInfos } from '../schemas/options.js';
import { listOf, ref, type Schema } from '../schemas/schema.js';
import { patiently } from './wait.js';

/** Adds the routes to a scope whose requests are authorised. */
export async function factRoutes(scope: FastifyInstance, context: BridgeContext): Promise<void> {
  const { limits, fleet } = context;
  const options = optionInfos(limits.megapixels);
  scope.get('/v1/styles', { schema: lists(ref('Style'), 'The styles') }, () => listStyles(context));
  scope.get('/v1/options', { schema: lists(ref('Option'), 'The options of a job') }, async () => options);
  scope.get('/v1/devices', { schema: lists(ref('Device'), 'The devices, tried') }, (request) =>
    fleet === undefined ? patiently(request, context, context.devices) : devicesOf(fleet),
  );
}

const lists = (items: Schema, summary: string) =>
  answersJson(listOf(items), { summary, tag: 'facts', answers: 'All of them.' });

/** Those of this computer; with workers, what they have is ready, also where it is none of these. */
async function listStyles({ store, fleet }: BridgeContext): Promise<StyleInfo[]> {
  const entries = (await allEntries(store)).filter(isStyle);
  const own = await Promise.all(entries.map((entry) => infoOf(store, entry)));
  if (fleet === undefined) return own;
  const theirs = new Map(
    (await fleet.workers()).flatMap(({ styles }) => styles.map((style) => [style.id, style])),
  );
  const known = new Set(own.map(({ id }) => id));
  const others = [...theirs.values()].filter(({ id }) => !known.has(id));
  return [
    ...own.map((style): StyleInfo => ({ ...style, state: theirs.has(style.id) ? 'ready' : 'absent' })),
    ...others,
  ];
}

async function devicesOf(fleet: NonNullable<BridgeContext['fleet']>): Promise<DeviceInfo[]> {
  const devices = new Set((await fleet.workers()).flatMap((card) => card.devices));
  return [...devices].map((device) => ({ device, works: true }));
}
