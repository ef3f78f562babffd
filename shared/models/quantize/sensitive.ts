// Which layers stay numbers: those that harm the drawing most, until it is good enough.

/** Draws with these layers as bytes and says how near that is to the truth, in dB. */
export type Trial<Layer> = (layers: readonly Layer[]) => Promise<number>;

/**
 * The layers without the worst of them: as few as it takes for `leastDb`. How much a layer harms is measured by making it bytes
 * alone. Where even the last ones harm too much, the one that harms least is left.
 */
export async function withoutSensitive<Layer>(
  layers: readonly Layer[],
  trial: Trial<Layer>,
  { leastDb, onTried }: { leastDb: number; onTried?: ((sentence: string) => void) | undefined },
): Promise<readonly Layer[]> {
  let reached = await trial(layers);
  if (reached >= leastDb || layers.length < 2) return layers;
  onTried?.(`With all ${layers.length} layers ${reached.toFixed(1)} dB: looking for those that harm most`);
  const harms: { layer: Layer; alone: number }[] = [];
  for (const layer of layers) harms.push({ layer, alone: await trial([layer]) });
  const worstFirst = harms.sort((a, b) => a.alone - b.alone).map(({ layer }) => layer);
  let dropped = 0;
  const kept = () => layers.filter((layer) => !worstFirst.slice(0, dropped).includes(layer));
  while (reached < leastDb && dropped < layers.length - 1) {
    dropped++;
    reached = await trial(kept());
  }
  onTried?.(`${dropped} of ${layers.length} layers stay float32: ${reached.toFixed(1)} dB`);
  return kept();
}
