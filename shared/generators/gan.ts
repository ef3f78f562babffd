// Feed-forward picture-to-picture networks (AnimeGAN, CycleGAN, fast style transfer): one adapter, told by data.

import { NigaoeError, throwIfCancelled } from '../errors.js';
import type { GanEntry } from '../models/entry.js';
import type { Session } from '../models/session.js';
import { planeSize } from '../tensor.js';
import type { Generator } from './generator.js';
import { checkSize, pack, paddedSize, unpack } from './pack.js';

/** A generator over an open network whose layout, channel order, range and sides are those of `entry`. */
export function ganGenerator(entry: Pick<GanEntry, 'id' | 'io' | 'side'>, session: Session): Generator {
  const { id, io, side } = entry;
  const [input] = session.inputs;
  const [output] = session.outputs;
  return {
    id,
    side,
    device: session.device,
    deviceReason: session.deviceReason,
    async generate(pixels, { signal, onProgress } = {}) {
      throwIfCancelled(signal);
      const size = planeSize(pixels);
      checkSize(id, size, side);
      const packed = pack(pixels, io, paddedSize(pixels, side));
      const drawn = (await session.run({ [input.name]: packed }))[output.name];
      if (drawn.dims.join() !== packed.dims.join()) throw wrongSize(id, packed.dims, drawn.dims);
      onProgress?.(1, 1);
      return unpack(drawn, io, size);
    },
    close: () => session.close(),
  };
}

function wrongSize(id: string, given: readonly number[], received: readonly number[]): NigaoeError {
  const what = `a picture of shape ${given.join('x')}`;
  return new NigaoeError('model-corrupt', `Expected ${what} from ${id} but received ${received.join('x')}`, {
    hint: 'A style must return pictures of the size and layout that it was given; check its catalogue entry.',
  });
}
