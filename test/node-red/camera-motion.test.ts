// How the camera node sees that something moved: the difference of two pictures, and the thread that looks at them.

import assert from 'node:assert/strict';
import { differencePercent, greyOf } from '../../node-red-node/camera/grey.js';
import { openGreyThread } from '../../node-red-node/camera/motion.js';
import { builtFile } from './built.js';
import { paintFrame } from './fixtures/fake-camera.js';

describe('motion between two pictures', () => {
  it('is none for the same picture and some for a moved block', () => {
    const [one, other] = [greyOf(paintFrame(1)), greyOf(paintFrame(5))];
    assert.equal(differencePercent(one, one), 0);
    // Two blocks of a sixteenth of the picture each change by about 180 of 255.
    assert.ok(Math.abs(differencePercent(one, other) - 8.9) < 0.6, `${differencePercent(one, other)}`);
  });

  it('is looked at in a thread, which gives nothing for what it cannot decode', async () => {
    const thread = openGreyThread(builtFile('camera/motion-worker.js'));
    const [good, bad] = await Promise.all([
      thread.greyOf(paintFrame(1)),
      thread.greyOf(Buffer.from('no picture')),
    ]);
    assert.deepEqual(good, greyOf(paintFrame(1)));
    assert.equal(bad, undefined);
    const late = thread.greyOf(paintFrame(1, { width: 2000, height: 1500 }));
    await thread.close();
    assert.equal(await late, undefined);
  });

  it('is not waited for without end', async () => {
    const thread = openGreyThread(builtFile('camera/motion-worker.js'), 1);
    assert.equal(await thread.greyOf(paintFrame(1, { width: 2000, height: 1500 })), undefined);
    await thread.close();
  });
});
