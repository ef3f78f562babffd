// All samplers, by the names that people know and by the classes that folders name.

import type { SAMPLER_CHOICES } from '../../../options.js';
import type { SchedulerConfig } from '../schedule/config.js';
import { openDdim } from './ddim.js';
import { openDdpm } from './ddpm.js';
import { openDpm } from './dpm.js';
import { openEuler, openEulerAncestral } from './euler.js';
import { openLcm } from './lcm.js';
import { openLms } from './lms.js';
import { openPndm } from './pndm.js';
import type { OpenSampler } from './sampler.js';

export interface SamplerEntry {
  open: OpenSampler;
  /** Class of diffusers, as scheduler_config.json names it. */
  class: string;
  /** What its class has where the file says nothing, and differs from the common defaults. */
  defaults: Partial<SchedulerConfig>;
  /** What its name promises, whatever a file says. */
  always?: Partial<SchedulerConfig>;
}

const DPM = { open: openDpm, class: 'DPMSolverMultistepScheduler' } as const;
const KARRAS = { use_karras_sigmas: true } as const;
const EULER = { open: openEuler, class: 'EulerDiscreteScheduler' } as const;

export const SAMPLERS = {
  ddim: {
    open: openDdim,
    class: 'DDIMScheduler',
    defaults: { timestep_spacing: 'leading', clip_sample: true },
  },
  ddpm: {
    open: openDdpm,
    class: 'DDPMScheduler',
    defaults: { timestep_spacing: 'leading', clip_sample: true },
  },
  pndm: {
    open: openPndm,
    class: 'PNDMScheduler',
    defaults: { timestep_spacing: 'leading', set_alpha_to_one: false },
  },
  'dpm++': { ...DPM, defaults: {} },
  'dpm++-karras': { ...DPM, defaults: {}, always: KARRAS },
  euler: { ...EULER, defaults: {} },
  'euler-karras': { ...EULER, defaults: {}, always: KARRAS },
  'euler-ancestral': { open: openEulerAncestral, class: 'EulerAncestralDiscreteScheduler', defaults: {} },
  lms: { open: openLms, class: 'LMSDiscreteScheduler', defaults: {} },
  lcm: {
    open: openLcm,
    class: 'LCMScheduler',
    defaults: {
      beta_start: 0.00085,
      beta_end: 0.012,
      beta_schedule: 'scaled_linear',
      timestep_spacing: 'leading',
    },
  },
} as const satisfies Record<SamplerName, SamplerEntry>;

/** Every choice of `--sampler` but the folder's own has a row above. */
export type SamplerName = Exclude<(typeof SAMPLER_CHOICES)[number], 'auto'>;
export const SAMPLER_NAMES = Object.keys(SAMPLERS) as readonly SamplerName[];
