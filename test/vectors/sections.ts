// The sections of a file of vectors, and how each is checked.

import type { Check } from './check.js';
import { checkFixtures, checkFormats } from './formats.js';
import { checkKeys, checkMerges, checkOriginalKeys, checkPlaces, checkRealFile } from './loras.js';
import { checkNoise } from './noise.js';
import { checkLoops, checkSchedules, checkStarts } from './schedulers.js';
import { checkTokens, checkWeighting } from './text.js';

export const SECTIONS: Readonly<Record<string, (rows: never) => Check[]>> = {
  scheduler_upstream: checkLoops,
  scheduler_derived: checkLoops,
  schedule_values: checkSchedules,
  torch_randn: checkNoise,
  img2img_start: checkStarts,
  tokenizer: checkTokens,
  prompt_weighting: checkWeighting,
  lora_key_map: checkKeys,
  lora_ldm_key_map: checkOriginalKeys,
  lora_merge: checkMerges,
  cloneofsimo_index_map: checkPlaces,
  cloneofsimo_file: checkRealFile,
  number_formats: checkFormats,
  fixtures: checkFixtures,
};
