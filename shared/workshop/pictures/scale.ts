// Numbers along an axis: where they lie, and which of them are written beside it.

export interface Scale {
  /** 0 at the beginning of the axis, 1 at its end. */
  place(value: number): number;
  ticks: readonly { value: number; label: string }[];
}

/** An even axis over low..high with a little air, marked at about `count` multiples of 1, 2 or 5. */
export function linearScale(low: number, high: number, { count = 6, leastStep = 0 } = {}): Scale {
  const air = (high - low) * 0.04 || Math.abs(low) * 0.1 || 1;
  const [from, to] = [low - air, high + air];
  const step = Math.max(leastStep, roundStep((to - from) / count));
  const first = Math.ceil(from / step);
  const values = Array.from(
    { length: Math.floor(to / step) - first + 1 },
    (_, index) => (first + index) * step,
  );
  const largest = Math.max(...values.map(Math.abs));
  const ticks = values.map((value) => ({ value, label: written(value, step, largest) }));
  return { place: (value) => (value - from) / (to - from), ticks };
}

/** An axis on which each power of ten takes the same length, for low..high above 0. */
export function logScale(low: number, high: number): Scale {
  const air = Math.log10(high / low) * 0.04;
  const [from, to] = [Math.log10(low) - air, Math.log10(high) + air];
  const every = Math.ceil((to - from) / 8);
  const leading = to - from < 3 ? [1, 2, 5] : [1];
  const powers = Array.from({ length: Math.ceil(to - from) + 1 }, (_, index) => Math.floor(from) + index);
  const ticks = powers
    .filter((power) => power % every === 0)
    .flatMap((power) => leading.map((digit) => Number(`${digit}e${power}`)))
    .filter((value) => Math.log10(value) >= from && Math.log10(value) <= to)
    .map((value) => ({ value, label: value < 1e-3 || value >= 1e4 ? exponential(value) : `${value}` }));
  return { place: (value) => (Math.log10(value) - from) / (to - from), ticks };
}

function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 5, 10].find((digit) => digit * power >= step * 0.999)! * power;
}

/** All labels of an axis have the same unit and as many decimals as their distance needs. */
function written(value: number, step: number, largest: number): string {
  if (Math.abs(value) < step / 2) return '0';
  if (largest < 1e-3 || largest >= 1e9) return exponential(value);
  const [unit, letter] = largest >= 1e6 ? [1e6, 'M'] : largest >= 1e4 ? [1e3, 'k'] : [1, ''];
  const decimals = Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9));
  return `${(value / unit).toFixed(decimals)}${letter}`;
}

const exponential = (value: number): string =>
  Number(value.toPrecision(3)).toExponential().replace('e+', 'e');
