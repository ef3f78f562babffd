// What the progress bar says.

import assert from 'node:assert/strict';
import { stepOf } from '../../shared/cli/stylize/progress.js';

describe('the progress of nigaoe stylize', () => {
  const place = { number: 2, of: 5 };

  it('counts the faces that are drawn, and never beyond the last', () => {
    const texts = [0, 1, 2, 3].map(
      (done) => stepOf({ stage: 'generate', done, total: 3 }, { label: 'team.jpg', place }).text,
    );
    assert.deepEqual(
      texts,
      [1, 2, 3, 3].map((crop) => `2 of 5  team.jpg  drawing ${crop} of 3`),
    );
  });

  it('moves forward from station to station, within the part of the photo', () => {
    const steps = (['decode', 'open', 'faces', 'crop', 'generate', 'blend', 'encode'] as const).map((stage) =>
      stepOf({ stage, done: 0, total: 0 }, { label: 'team.jpg', place }),
    );
    assert.ok(steps.every(({ done }, index) => index === 0 || done > steps[index - 1].done));
    assert.ok(steps.every(({ done, total }) => done >= 1 && done < 2 && total === 5));
  });
});
