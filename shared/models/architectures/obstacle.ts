// Why a known network may still be of no use: nigaoe hands it three channels and takes three.

/** The end of a sentence for `Plan.obstacle`, or undefined where there is none. */
export function obstacleOf({ input, output }: { input: number; output: number }): string | undefined {
  if (input === 3 && output === 3) return undefined;
  return `it takes pictures of ${counted(input)} and draws ${counted(output)}, where nigaoe has three (RGB)`;
}

const counted = (channels: number): string => (channels === 1 ? '1 channel' : `${channels} channels`);
