// What every queue of jobs keeps, wherever its jobs are drawn.

import { bookTests } from './contract/books.js';
import { drainingTests } from './contract/draining.js';
import { drawingTests } from './contract/drawing.js';
import { endingTests } from './contract/ending.js';
import { type Nature, type OpenQueue, QueueRig } from './contract/rig.js';
import { takingTests } from './contract/taking.js';
import { tellingTests } from './contract/telling.js';
import { turnTests } from './contract/turns.js';

/** Declares the tests; each opens its queues, and the last of them is closed after it. */
export function jobQueueContract(name: string, open: OpenQueue, nature: Nature = OF_THIS_PROCESS): void {
  describe(`a queue of jobs ${name}`, () => {
    const rig = new QueueRig(open, nature);

    beforeEach(() => rig.reopen({}));
    afterEach(() => rig.queue.close());

    drawingTests(rig);
    takingTests(rig);
    turnTests(rig);
    tellingTests(rig);
    endingTests(rig);
    drainingTests(rig);
    bookTests(rig);
  });
}

const OF_THIS_PROCESS: Nature = { outlives: false, tries: 1 };
