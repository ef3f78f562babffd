// What a folder's scheduler_config.json says of the noise that its network was trained on, by its own names, and what holds where
// it says nothing.

import { NigaoeError } from '../../../errors.js';

/** How noise grows from the first timestep to the last. */
export type BetaSchedule = 'linear' | 'scaled_linear' | 'squaredcos_cap_v2';
/** What the network answers: the noise, the clean latents, or the velocity (Salimans and Ho 2022). */
export type PredictionType = 'epsilon' | 'sample' | 'v_prediction';
/** How the timesteps of a run are spread over those of the training (Lin et al. 2024, table 2). */
export type TimestepSpacing = 'linspace' | 'leading' | 'trailing';

export interface SchedulerConfig {
  num_train_timesteps: number;
  beta_start: number;
  beta_end: number;
  beta_schedule: BetaSchedule;
  rescale_betas_zero_snr: boolean;
  prediction_type: PredictionType;
  timestep_spacing: TimestepSpacing;
  steps_offset: number;
  /** Whether what the picture would be is kept within the range. */
  clip_sample: boolean;
  clip_sample_range: number;
  /** Whether what the picture would be is squeezed by its largest numbers (Saharia et al. 2022, dynamic thresholding). */
  thresholding: boolean;
  dynamic_thresholding_ratio: number;
  sample_max_value: number;
  set_alpha_to_one: boolean;
  variance_type: 'fixed_small' | 'fixed_large';
  skip_prk_steps: boolean;
  solver_order: number;
  algorithm_type: 'dpmsolver++' | 'sde-dpmsolver++';
  solver_type: 'midpoint' | 'heun';
  lower_order_final: boolean;
  euler_at_final: boolean;
  final_sigmas_type: 'zero' | 'sigma_min';
  use_karras_sigmas: boolean;
  use_exponential_sigmas: boolean;
  use_lu_lambdas: boolean;
  original_inference_steps: number;
  timestep_scaling: number;
  /** Chance in DDIM's steps (Song et al. 2021, equation 16): 0 none, 1 as much as DDPM's. */
  eta: number;
}

/** What diffusers' classes have in common where a file says nothing. */
const COMMON: SchedulerConfig = {
  num_train_timesteps: 1000,
  beta_start: 0.0001,
  beta_end: 0.02,
  beta_schedule: 'linear',
  rescale_betas_zero_snr: false,
  prediction_type: 'epsilon',
  timestep_spacing: 'linspace',
  steps_offset: 0,
  clip_sample: false,
  clip_sample_range: 1,
  thresholding: false,
  dynamic_thresholding_ratio: 0.995,
  sample_max_value: 1,
  set_alpha_to_one: true,
  variance_type: 'fixed_small',
  skip_prk_steps: false,
  solver_order: 2,
  algorithm_type: 'dpmsolver++',
  solver_type: 'midpoint',
  lower_order_final: true,
  euler_at_final: false,
  final_sigmas_type: 'zero',
  use_karras_sigmas: false,
  use_exponential_sigmas: false,
  use_lu_lambdas: false,
  original_inference_steps: 50,
  timestep_scaling: 10,
  eta: 0,
};

const CHOICES: { readonly [Key in keyof SchedulerConfig]?: readonly SchedulerConfig[Key][] } = {
  beta_schedule: ['linear', 'scaled_linear', 'squaredcos_cap_v2'],
  prediction_type: ['epsilon', 'sample', 'v_prediction'],
  timestep_spacing: ['linspace', 'leading', 'trailing'],
  variance_type: ['fixed_small', 'fixed_large'],
  algorithm_type: ['dpmsolver++', 'sde-dpmsolver++'],
  solver_type: ['midpoint', 'heun'],
  final_sigmas_type: ['zero', 'sigma_min'],
};

const OWN_WORDS: readonly string[] = ['algorithm_type', 'solver_type', 'variance_type'];

/**
 * The keys of a file over the defaults of the sampler, and those over diffusers' common ones; keys that nobody knows are left
 * out. Throws `model-unsupported` for a value that no sampler here can follow.
 */
export function schedulerConfig(
  given: Readonly<Record<string, unknown>>,
  defaults: Partial<SchedulerConfig> = {},
): SchedulerConfig {
  const config = { ...COMMON, ...defaults };
  const known = Object.keys(COMMON).filter((key) => given[key] !== undefined && given[key] !== null);
  for (const key of known as (keyof SchedulerConfig)[]) {
    if (isRight(key, given[key])) Object.assign(config, { [key]: given[key] });
    // Solvers of other classes have words of their own for what is the default here.
    else if (!OWN_WORDS.includes(key)) throw unsupported(key, given[key]);
  }
  return config;
}

function isRight(key: keyof SchedulerConfig, value: unknown): boolean {
  const choices = CHOICES[key] as readonly unknown[] | undefined;
  if (choices !== undefined) return choices.includes(value);
  return typeof value === typeof COMMON[key] && (typeof value !== 'number' || Number.isFinite(value));
}

function unsupported(key: keyof SchedulerConfig, value: unknown): NigaoeError {
  const choices = CHOICES[key] as readonly unknown[] | undefined;
  const wanted = choices === undefined ? `a ${typeof COMMON[key]}` : `one of ${choices.join(', ')}`;
  const sentence = `Expected ${wanted} for ${key} of the scheduler but received ${JSON.stringify(value)}`;
  return new NigaoeError('model-unsupported', sentence, {
    hint: 'Look into scheduler/scheduler_config.json of the folder.',
  });
}
