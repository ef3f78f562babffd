// A program that draws with an isolated stylizer, prints the drawing process's pid, and ends in the way that it is told.

import { openIsolatedStylizer } from '../../shared/isolated.js';
import type { Progress } from '../../shared/job.js';
import { drawnPhoto } from './photo.js';

/**
 * `close`: closes the stylizer. `idle`: closes nothing and has no more to do. `wait`: lives on. `report`: prints when the
 * job begins, then waits for it. `exit`: calls process.exit just before a network runs for seconds.
 */
export type Ending = 'close' | 'idle' | 'wait' | 'report' | 'exit';

const ending = process.argv[2] as Ending;
const stylizer = await openIsolatedStylizer();
const photo = await drawnPhoto(ending === 'exit' ? { width: 4000, height: 3000 } : {});

await stylizer.stylize(photo, { scope: 'photo', maxSide: 4096 }, { onProgress: watch });
console.log(stylizer.pid);
if (ending === 'close') await stylizer.close();
if (ending === 'wait') setInterval(() => undefined, 1_000);

function watch({ stage }: Progress): void {
  if (ending === 'report' && stage === 'decode') console.log(stylizer.pid);
  if (ending !== 'exit' || stage !== 'generate') return;
  console.log(stylizer.pid);
  process.exit(0);
}
