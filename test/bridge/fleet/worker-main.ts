// A worker as a process of its own, which tests kill: node worker-main.js URL SPACE DRAW_MS LOCK_MS [HANDS].

import { randomUUID } from 'node:crypto';
import { openBase } from '../../../shared/bridge/fleet/open.js';
import { openWorker } from '../../../shared/bridge/fleet/worker.js';
import { waitingStylizer } from './waiting-stylizer.js';

const [url, space, drawMs, lockMs, hands = '1'] = process.argv.slice(2);
const base = await openBase({ url, space });
const worker = await openWorker({
  ...base,
  card: {
    id: randomUUID(),
    host: 'here',
    pid: process.pid,
    version: '0',
    models: { ink: 'built in' },
    styles: [],
    devices: ['cpu'],
    startedAt: new Date().toISOString(),
  },
  stylizers: Array.from({ length: Number(hands) }, () => waitingStylizer(Number(drawMs))),
  lockMs: Number(lockMs),
  onNotice: (sentence) => console.error(sentence),
});
process.once('SIGTERM', async () => {
  await worker.drain();
  await base.engine.close();
  process.disconnect?.();
});
process.send?.('ready');
// The parent's end is this one's too.
process.once('disconnect', () => process.exit());
