/** shell/container/image — the description of an image, by its name and tag. */
import { IMAGES, type Image } from './images.data.ts';

/** What nobody described has everything that is built in. */
const UNDESCRIBED: Image = { names: /(?:)/, has: 'everything' };

const found = new Map<string, Image>();

/** The first description that fits. */
export function imageOf(image = ''): Image {
  let known = found.get(image);
  if (known === undefined) {
    const name = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
    const tag = /:([^/:@]*)(?:@.*)?$/.exec(image)?.[1] ?? '';
    known =
      IMAGES.find(({ names, tags }) => names.test(name) && (tags?.test(tag) ?? true)) ??
      UNDESCRIBED;
    found.set(image, known);
  }
  return known;
}

/** The C library of an image, as far as error texts show it. */
export const libraryOf = (image: string | undefined): 'glibc' | 'musl' =>
  imageOf(image).isMusl === true ? 'musl' : 'glibc';
