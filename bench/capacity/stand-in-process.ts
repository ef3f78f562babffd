// Stand-ins in a process of their own: node stand-in-process.js URL SPACE COUNT '{"styles":["a"],...}'; ends with its standard input.

import { openBase } from '../../shared/bridge/fleet/open.js';
import { openStandIn, type StandIn } from './stand-in.js';

const [url, space, count, text] = process.argv.slice(2);
const kind = JSON.parse(text) as StandIn;
const workers = await Promise.all(
  Array.from({ length: Number(count) }, async () => openStandIn(await openBase({ url, space }), kind)),
);
console.log('ready');
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
if (workers.length === 0) process.exit(1);
