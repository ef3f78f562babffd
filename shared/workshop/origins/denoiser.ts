// `denoiser.onnx` of an earlier training, which draws by labels.

import { expected } from '../../errors.js';
import { schedulerConfig } from '../../generators/diffusion/schedule/config.js';
import { denoiserIn } from '../../models/imports/label.js';
import { readOnnx } from '../../models/onnx/file.js';
import { readModelFile } from '../../models/read-model-file.js';
import type { Origin, OriginOptions } from './origin.js';
import { printOfBytes } from './origin.js';

/** Throws `model-unsupported` for other files, `options` for a prompt, which it does not hear. */
export async function denoiserOrigin(file: string, { settings }: OriginOptions): Promise<Origin> {
  const bytes = await readModelFile(file);
  const model = readOnnx(bytes, file);
  const { dims, classes, schedule } = denoiserIn(model, file);
  const { prompt } = settings;
  if (prompt !== '') throw expected('no --prompt', file, prompt, 'It is told by labels what to draw.');
  const only = { size: dims[1], channels: dims[0] === 1 ? '1' : '3' } as const;
  return {
    denoiser: {
      name: file,
      model,
      schedule: schedulerConfig(schedule),
      condition: { kind: 'label', classes },
    },
    ...{ defaults: only, only, print: printOfBytes(bytes) },
  };
}
