// What the user is told of layers that are not drawn, or not as one might think.

import type { SceneNode } from '@figma/plugin-typings/plugin-api-standalone.js';

type Named = Pick<SceneNode, 'name'>;

export const DELETED = 'The layer was deleted meanwhile.';

export function nothingIn(selection: readonly SceneNode[]): string {
  return selection.length === 0 ? EMPTY : NO_IMAGES;
}
const EMPTY = 'Nothing is selected, or nothing that is seen: select layers, frames or groups with images.';
const NO_IMAGES = 'There is no image fill in the selection; “As it looks” draws any layer.';

export const lockedWords = ({ name }: Named): string => `“${name}” is locked: unlock it to have it drawn.`;

export const hiddenWords = ({ name }: Named): string => `“${name}” is hidden: show it to have it drawn.`;

export const coveredWords = ({ name }: Named): string =>
  `“${name}” is hidden under its drawing: select the drawing instead.`;

export const coverWords = ({ name }: Named): string =>
  `“${name}” is the drawing of a layer as it looks: “As it looks” draws that layer again.`;

export const lostWords = ({ name }: Named): string =>
  `The layer under “${name}” is no longer there: the drawing is left as it is.`;

export const maskWords = ({ name }: Named): string =>
  `“${name}” is a mask and has no look of its own: select the group that it is in.`;

export const videoWords = ({ name }: Named): string =>
  `“${name}” has a video fill, which Figma gives to no plugin: “As it looks” draws its still.`;

export const mixedWords = ({ name }: Named): string =>
  `“${name}” has different fills in different parts of its text: “As it looks” draws it.`;

export const styledWords = ({ name }: Named): string =>
  `“${name}” takes its fill from a style: drawing detaches it, Restore original attaches it again.`;

export const componentWords = ({ name }: Named): string =>
  `“${name}” is a main component: its instances change with it.`;
