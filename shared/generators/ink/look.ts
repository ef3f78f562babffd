// How the drawing looks: every number of the style with its reason. Values lie on 0..1; lengths are parts of the
// picture's size (see `plan.ts`), so that a thumbnail and a poster of one photo show the same drawing.

/** One kind of pen stroke. */
export interface Pen {
  /** Sigma of the fine Gaussian of the difference; about half the width of the drawn line. */
  sigma: number;
  /** Sigma over which the edges around a pixel agree on a direction. */
  flow: number;
  /** Sigma of the mean along the line, taken twice: what joins dashes and loses grain. */
  along: number;
  /** How far a line looks ahead and behind for more ink. */
  reach: number;
  /** Edge strength at which a line that has company is drawn, and one that stands alone (hysteresis). */
  weak: number;
  strong: number;
  /** Share of ink along the way below which a line stands alone, and above which it has company. */
  lonely: number;
  joined: number;
}

export interface Look {
  paint: {
    /** Windows of the guided filters, in order. */
    radii: readonly number[];
    /** Variance of a white area below which it is one flat tone. */
    epsilon: number;
  };
  tone: {
    steps: number;
    /** How far brightness is pulled to its step: 1 leaves nothing between the steps. */
    amount: number;
    /** Steepness between two steps; 4 over this is the part of a step that the change takes. */
    sharpness: number;
    /** Brightening of the middle tones everywhere, and on top of it where all around is dark. */
    lift: number;
    dodge: number;
    /** Radius of "all around". */
    around: number;
    /** Brightness that becomes the white of the paper. */
    paper: number;
  };
  colour: {
    saturation: number;
    /** Part of the photo's own chroma for which brightness must leave room. */
    keep: number;
  };
  line: {
    /** Window and variance of the guided filter that quiets grain before lines are looked for. */
    radius: number;
    epsilon: number;
    /** Ratio of the two sigmas of the difference of Gaussians. */
    ratio: number;
    /** Brightness below which an edge no longer counts for more because it is dark. */
    dark: number;
    /** From edge strength to ink. */
    gain: number;
    /** How much of the colour below the ink takes away. */
    opacity: number;
    fine: Pen;
    bold: Pen;
  };
}

export const LOOK: Look = {
  paint: {
    // The small window first takes sensor grain and JPEG specks, also close to edges, where the large ones must not
    // touch anything; the large ones make areas flat. A third large pass changes nothing that one can see.
    radii: [1 / 350, 1 / 120, 1 / 120],
    // 0.003 is a contrast of 5.5 %: pores, cloth and plaster go, wrinkles and locks stay.
    epsilon: 0.003,
  },
  tone: {
    // With 5 the modelling of cheeks goes, with 10 plain backdrops break into islands.
    steps: 7,
    amount: 0.7,
    // A quarter of a step: a brush's edge, not a contour line.
    sharpness: 16,
    // Ink takes light away from the picture; this gives it back.
    lift: 0.2,
    // Enough to find the faces in a night photo, not enough to turn a black suit grey.
    dodge: 0.7,
    around: 1 / 12,
    paper: 0.95,
  },
  colour: {
    // Rich, with skin still skin; at 1.6 the soft limit of the gamut already swallows most of the difference.
    saturation: 1.4,
    // A little more than all of it: pale skies and lit skin gain colour, not glare.
    keep: 1.15,
  },
  line: {
    radius: 1 / 300,
    // A fifth of the paint's: lines may tell of details that the brush has left out.
    epsilon: 0.0006,
    // Winnemoeller et al. 2012: the ratio at which the difference comes closest to a Laplacian of Gaussian.
    ratio: 1.6,
    dark: 0.12,
    // A line goes from nothing to black within 0.03 of edge strength: crisp, and still without stairs.
    gain: 60,
    // Not 1: dark red lips and brown brows keep their hue.
    opacity: 0.87,
    // The thin pen for eyes, lips and folds; thicker ones close the mouths of small faces in groups.
    fine: {
      sigma: 1 / 700,
      flow: 1 / 300,
      along: 1 / 350,
      reach: 1 / 120,
      weak: 0.0045,
      strong: 0.02,
      lonely: 0.15,
      joined: 0.5,
    },
    // The brush for outlines: only where contrast is high over a long way, so that small eyes do not fill up.
    bold: {
      sigma: 1 / 270,
      flow: 1 / 120,
      along: 1 / 150,
      reach: 1 / 40,
      weak: 0.017,
      strong: 0.055,
      lonely: 0.4,
      joined: 0.8,
    },
  },
};
