// Steadies numbers that are measured again and again: the one-euro filter (Casiez, Roussel and Vogel 2012).

/** What the filter remembers of one measurement for the next; plain data. */
export interface Steadied {
  values: Float64Array;
  /** Their smoothed change, in units a second. */
  speeds: Float64Array;
  timeMs: number;
}

export interface OneEuroSettings {
  /** Cutoff of what stands still, in Hz: lower is steadier. */
  restHz: number;
  /** By how many Hz the cutoff rises with each unit a second: higher follows sooner. */
  risePerSpeed: number;
  /** Cutoff of the speed itself, in Hz. */
  speedHz: number;
  /** How long the unit of speed is in the units of the values. */
  unit: number;
}

/** The first measurement stands as it is. */
export function beginSteadying(values: Float64Array, timeMs: number): Steadied {
  return { values, speeds: new Float64Array(values.length), timeMs };
}

/** The next measurement, steadied; the time between the two counts, not their number. */
export function steady(
  before: Steadied,
  measured: Float64Array,
  timeMs: number,
  by: OneEuroSettings,
): Steadied {
  const seconds = Math.max((timeMs - before.timeMs) / 1000, 1e-3);
  const speedShare = shareOf(by.speedHz, seconds);
  const speeds = before.speeds.map(
    (speed, i) => speed + speedShare * ((measured[i] - before.values[i]) / seconds - speed),
  );
  const values = before.values.map((value, i) => {
    const cutoffHz = by.restHz + (by.risePerSpeed * Math.abs(speeds[i])) / by.unit;
    return value + shareOf(cutoffHz, seconds) * (measured[i] - value);
  });
  return { values, speeds, timeMs };
}

/** How much of the new value a low-pass filter of first order takes after so long: equation 5 of the paper. */
const shareOf = (cutoffHz: number, seconds: number): number =>
  1 / (1 + 1 / (2 * Math.PI * cutoffHz * seconds));
