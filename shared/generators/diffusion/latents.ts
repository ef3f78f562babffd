// How latents lie to pixels, in all of Stable Diffusion's autoencoders.

/** Sides of pictures are multiples of this: so many pixels a side become one number in each channel. */
export const PIXELS_A_LATENT = 8;
export const LATENT_CHANNELS = 4;
