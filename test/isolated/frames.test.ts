// Frames of films over a child process: what a shot remembers crosses with them.

import assert from 'node:assert/strict';
import type { ShotMemory } from '../../shared/film/memory.js';
import { openIsolatedStylizer } from '../../shared/isolated.js';
import { decodePhoto } from '../../shared/photo/decode.js';
import { openStylizer } from '../../shared/stylizer.js';
import { drawnPhoto } from './photo.js';

describe('an isolated stylizer, given frames', () => {
  it('draws them as the stylizer in this process does, one after the other', async () => {
    const still = await decodePhoto(await drawnPhoto());
    const stylizers = [await openIsolatedStylizer(), await openStylizer()];
    const memories: (ShotMemory | undefined)[] = [undefined, undefined];
    for (const timeMs of [0, 40, 80]) {
      const drawn = await Promise.all(
        stylizers.map((each, at) =>
          each.drawFrame({ photo: still, timeMs, memory: memories[at], freeze: true }, { scope: 'photo' }),
        ),
      );
      assert.deepEqual(drawn[0].photo.data, drawn[1].photo.data);
      assert.deepEqual(drawn[0].memory, drawn[1].memory);
      drawn.forEach(({ memory }, at) => {
        memories[at] = memory;
      });
    }
    for (const stylizer of stylizers) await stylizer.close();
  });
});
