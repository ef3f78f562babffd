// Feed-forward picture-to-picture networks (AnimeGAN, CycleGAN, fast style transfer): one adapter, told by data.

import { NigaoeError, throwIfCancelled } from '../errors.js';
import type { GanEntry } from '../models/entry.js';
import type { OnnxModel } from '../models/onnx/file.js';
import type { Session } from '../models/session.js';
import { planeSize, type Tensor } from '../tensor.js';
import type { Generator, Run } from './generator.js';
import { checkSize, pack, paddedSize, unpack } from './pack.js';
import { type Canvas, tensorCanvas } from './parts/canvas.js';
import { Painter } from './parts/painter.js';

/** Pictures of more pixels are drawn in tiles: whole, they take gigabytes. */
export const MOST_WHOLE_PX = 1280 * 1024;

/**
 * A generator over an open network whose layout, channel order, range and sides are those of `entry`. Given the network itself
 * as well, it draws pictures of any size.
 */
export function ganGenerator(
  entry: Pick<GanEntry, 'id' | 'io' | 'side'>,
  session: Session,
  network?: () => Promise<OnnxModel>,
): Generator {
  const { id, side } = entry;
  const isFixed = side.minPx === side.maxPx;
  const painter =
    network === undefined || isFixed ? undefined : new Painter({ ...entry, device: session.device, network });
  const paint = async (canvas: Canvas, run: Run = {}) => (await painter?.paint(canvas, run)) ?? false;
  return {
    id,
    side,
    device: session.device,
    deviceReason: session.deviceReason,
    async generate(pixels, run = {}) {
      throwIfCancelled(run.signal);
      const { height, width } = planeSize(pixels);
      checkSize(id, { height, width }, side);
      const isTold = run.statistics !== undefined && run.statistics.size > 0;
      if (isTold || height * width > MOST_WHOLE_PX) {
        const { canvas, drawn } = tensorCanvas(pixels);
        if (await paint(canvas, run)) return drawn;
      }
      return drawWhole(entry, session, pixels, run);
    },
    ...(painter && { paint, study: (pixels: Tensor) => painter.study(tensorCanvas(pixels).canvas) }),
    async close() {
      await painter?.close();
      await session.close();
    },
  };
}

async function drawWhole(
  { id, io, side }: Pick<GanEntry, 'id' | 'io' | 'side'>,
  session: Session,
  pixels: Tensor,
  { onProgress }: Run,
): Promise<Tensor> {
  const [input] = session.inputs;
  const [output] = session.outputs;
  const size = planeSize(pixels);
  const packed = pack(pixels, io, paddedSize(size, side));
  const drawn = (await session.run({ [input.name]: packed }))[output.name];
  if (drawn.dims.join() !== packed.dims.join()) throw wrongSize(id, packed.dims, drawn.dims);
  onProgress?.(1, 1);
  return unpack(drawn, io, size);
}

function wrongSize(id: string, given: readonly number[], received: readonly number[]): NigaoeError {
  const what = `a picture of shape ${given.join('x')}`;
  return new NigaoeError('model-corrupt', `Expected ${what} from ${id} but received ${received.join('x')}`, {
    hint: 'A style must return pictures of the size and layout that it was given; check its catalogue entry.',
  });
}
